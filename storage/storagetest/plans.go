package storagetest

import (
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// Bounded gives the statements, as the database gets them, that find devices,
// requests and what is bound to them, by what they are for. An index must find the rows
// of each, so that it costs the same in a table of any size.
func Bounded(t *testing.T, open Open) map[string]string {
	t.Helper()
	var last string
	faults := &Faults{Before: func(query string) {
		if query != "BEGIN" && query != "COMMIT" && !strings.HasPrefix(query, "SET ") {
			last = query
		}
	}}
	s := open(t, Opts{Wrap: faults.Wrap})
	people(t, s, "1")
	registered(t, s, "1", "", authcore.StatusPending, "c")
	asked(t, s, sampleApproval("a", "c", "1"))
	found := map[string]string{}
	for what, call := range map[string]func(authcore.Tx) error{
		"sessions of a device": func(tx authcore.Tx) error {
			_, err := tx.EndSessions(authcore.Subject{Kind: authcore.SubjectDevice, ID: "c"}, start)
			return err
		},
		"an account by name":    func(tx authcore.Tx) error { _, err := tx.AccountByName("x", "y"); return absent(err) },
		"accounts of a tenant":  func(tx authcore.Tx) error { _, err := tx.Accounts("x"); return err },
		"an approver by number": func(tx authcore.Tx) error { _, err := tx.ApproverByDocument("x", "y"); return absent(err) },
		"an approver":           func(tx authcore.Tx) error { _, err := tx.ApproverByUser("x", "y"); return absent(err) },
		"approvers":             func(tx authcore.Tx) error { _, err := tx.Approvers("x"); return err },
		"a client":              func(tx authcore.Tx) error { _, err := tx.Client("c"); return err },
		"a client by secret":    func(tx authcore.Tx) error { _, err := tx.ClientBySecret([]byte("x")); return absent(err) },
		"clients by session":    func(tx authcore.Tx) error { _, err := tx.ClientsBySession("1", []byte("x")); return err },
		"clients of an account": func(tx authcore.Tx) error { _, err := tx.Clients("x"); return err },
		"a history":             func(tx authcore.Tx) error { _, err := tx.History("c"); return err },
		"a request":             func(tx authcore.Tx) error { _, err := tx.Approval("c"); return err },
		"what waits":            func(tx authcore.Tx) error { _, err := tx.Waiting("1", start); return err },
		"a try":                 func(tx authcore.Tx) error { _, err := tx.TryApproval("a", 5, start); return err },
		"a decision": func(tx authcore.Tx) error {
			_, err := tx.DecideApproval("x", authcore.ApprovalApproved, start)
			return err
		},
		"another token":       func(tx authcore.Tx) error { _, err := tx.RenewApproval("x", authcore.Approval{}, 5); return err },
		"a ref":               func(tx authcore.Tx) error { _, err := tx.ByRef(sampleRef("k")); return absent(err) },
		"an integrator by ID": func(tx authcore.Tx) error { _, err := tx.IntegratorByID("x"); return absent(err) },
		"clients out of use":  func(tx authcore.Tx) error { _, err := tx.Prune(authcore.Retention{ClientBefore: start}); return err },
		"replays": func(tx authcore.Tx) error {
			_, err := tx.Prune(authcore.Retention{Now: start.Add(-time.Hour)})
			return err
		},
		"a device by number":    func(tx authcore.Tx) error { _, err := tx.DeviceByNumber("x", 1); return absent(err) },
		"a device by enrolment": func(tx authcore.Tx) error { _, err := tx.DeviceByEnrolment([]byte("x")); return absent(err) },
		"devices of a tenant":   foundBy(authcore.DeviceQuery{Tenant: "x", After: 1, Limit: 1}),
		"devices of a user":     foundBy(authcore.DeviceQuery{Tenant: "x", UserID: "1", Limit: 1}),
		"devices by address":    foundBy(authcore.DeviceQuery{Tenant: "x", Address: "y", Limit: 1}),
		"devices by number":     foundBy(authcore.DeviceQuery{Tenant: "x", Numbers: []int64{1, 2}, Limit: 1}),
		"a name by a device":    func(tx authcore.Tx) error { return tx.SetLogsIn("c", false) },
		"what is shown of one":  func(tx authcore.Tx) error { return tx.ChangedDevice("c", start) },
		"where a user is told":  func(tx authcore.Tx) error { return tx.SetNotified("c", true, start) },
	} {
		write(t, s, call)
		found[what] = last
	}
	return found
}

func foundBy(q authcore.DeviceQuery) func(authcore.Tx) error {
	return func(tx authcore.Tx) error { _, _, err := tx.FindDevices(q); return err }
}

// absent is err, unless it says that there is no such row.
func absent(err error) error {
	if authcore.CodeOf(err) == authcore.CodeNotFound {
		return nil
	}
	return err
}
