package storagetest

import (
	"slices"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// mailbox is an e-mail address that is a device.
func mailbox(id, user, address string) authcore.Device {
	d := sampleDevice(id, user)
	d.Kind, d.Address = authcore.KindEmail, address
	return d
}

// recorded makes users and devices, in this order: a, b and e are of "1", c of "2", s in stock,
// x of another tenant, and m of an import that has not ended.
func recorded(t *testing.T, s authcore.Store) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateUser(sampleUser("1")))
		try(t, tx.CreateUser(sampleUser("2")))
		foreign := mailbox("x", "", "a@example.com")
		foreign.Tenant = "other"
		blocked := sampleDevice("b", "1")
		blocked.Status = authcore.StatusBlocked
		for _, d := range []authcore.Device{
			mailbox("a", "1", "a@example.com"), blocked, mailbox("c", "2", "c@example.com"), foreign, sampleDevice("s", ""), mailbox("e", "1", "e@example.com"),
		} {
			try(t, tx.CreateDevice(d))
		}
		return tx.ChangedDevice("b", start)
	})
	importing(t, s, "i")
	stage(t, s, "i", []string{"m"}, sampleDevice("m", ""))
}

// numbered are the numbers of devices by their IDs.
func numbered(t *testing.T, s authcore.Store, ids ...string) (numbers []int64) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		for _, id := range ids {
			d, err := tx.DeviceByID(id)
			try(t, err)
			numbers = append(numbers, d.Number)
		}
		return nil
	})
	return numbers
}

// records: devices are found by whatever is asked, page by page, in their tenant, and not
// before the import has ended that brings them.
func records(t *testing.T, open Open) {
	s := open(t, Opts{})
	recorded(t, s)
	const home = authcore.DefaultTenant
	n := numbered(t, s, "a", "b", "c", "s", "e", "x")
	if sorted := slices.Sorted(slices.Values(n[:5])); !slices.Equal(sorted, n[:5]) || n[0] < 1 || len(slices.Compact(sorted)) != 5 {
		t.Errorf("numbers %v", n)
	}
	find := func(what string, q authcore.DeviceQuery, total int64, want ...string) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			devices, all, err := tx.FindDevices(q)
			var got []string
			for _, d := range devices {
				got = append(got, d.ID)
			}
			same(t, what, got, want)
			same(t, what+", in all", all, total)
			return err
		})
	}
	q := func(change func(*authcore.DeviceQuery)) authcore.DeviceQuery {
		q := authcore.DeviceQuery{Tenant: home, Limit: 9}
		change(&q)
		return q
	}
	find("all", q(func(*authcore.DeviceQuery) {}), 5, "a", "b", "c", "s", "e")
	find("of no tenant", authcore.DeviceQuery{Limit: 9}, 0)
	find("of another", authcore.DeviceQuery{Tenant: "other", Limit: 9}, 1, "x")
	find("a page", q(func(q *authcore.DeviceQuery) { q.Limit, q.Offset = 2, 1 }), 5, "b", "c")
	find("the page after the last", q(func(q *authcore.DeviceQuery) { q.Limit, q.Offset = 2, 5 }), 5)
	find("how many", q(func(q *authcore.DeviceQuery) { q.Limit = 0 }), 5)
	find("after one", q(func(q *authcore.DeviceQuery) { q.After = n[1] }), 3, "c", "s", "e")
	find("of a user", q(func(q *authcore.DeviceQuery) { q.UserID = "1" }), 3, "a", "b", "e")
	find("of a user in another tenant", authcore.DeviceQuery{Tenant: "other", UserID: "1", Limit: 9}, 0)
	find("by address", q(func(q *authcore.DeviceQuery) { q.Address = "a@example.com" }), 1, "a")
	find("by kind", q(func(q *authcore.DeviceQuery) { q.Kinds = []authcore.DeviceKind{authcore.KindTOTP, authcore.KindPhone} }), 2, "b", "s")
	find("by status", q(func(q *authcore.DeviceQuery) { q.Statuses = []authcore.DeviceStatus{authcore.StatusBlocked} }), 1, "b")
	find("by number", q(func(q *authcore.DeviceQuery) { q.Numbers = []int64{n[4], n[0], n[5], 1 << 40} }), 2, "a", "e")
	find("changed since", q(func(q *authcore.DeviceQuery) { q.NewerThan = 1 }), 1, "b")
	find("by several", q(func(q *authcore.DeviceQuery) {
		q.UserID, q.Kinds, q.After = "1", []authcore.DeviceKind{authcore.KindEmail}, n[0]
	}), 1, "e")
	read(t, s, func(tx authcore.Tx) error {
		d, err := tx.DeviceByNumber(home, n[2])
		same(t, "by number", []any{d.ID, d.Number}, []any{"c", n[2]})
		try(t, err)
		for what, number := range map[string]int64{"of another tenant": n[5], "none": 0, "no device": 1 << 40} {
			if _, err := tx.DeviceByNumber(home, number); authcore.CodeOf(err) != authcore.CodeNotFound {
				t.Errorf("a number %s: %v", what, err)
			}
		}
		return nil
	})
	var staged int64
	won(t, s, true, "the import", ended("i"))
	staged = numbered(t, s, "m")[0]
	find("what came", q(func(q *authcore.DeviceQuery) { q.After = n[4] }), 1, "m")
	read(t, s, func(tx authcore.Tx) error { _, err := tx.DeviceByNumber(home, staged); return err })
}

// stagedRecords: what an import brings is found by nothing until it has ended.
func stagedRecords(t *testing.T, open Open) {
	s := open(t, Opts{})
	importing(t, s, "i")
	d := mailbox("m", "", "m@example.com")
	d.Enrolment = []byte("digest")
	stage(t, s, "i", []string{"m"}, d)
	read(t, s, func(tx authcore.Tx) error {
		for number := range int64(9) {
			_, err := tx.DeviceByNumber(authcore.DefaultTenant, number)
			wantCode(t, err, authcore.CodeNotFound)
		}
		_, err := tx.DeviceByEnrolment([]byte("digest"))
		wantCode(t, err, authcore.CodeNotFound)
		_, total, err := tx.FindDevices(authcore.DeviceQuery{Tenant: authcore.DefaultTenant, Limit: 9})
		same(t, "how many", total, int64(0))
		return err
	})
}

// versions: a device counts its changes, and nothing else counts them for it.
func versions(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	at := start.Add(time.Minute)
	is := func(what, id string, version int64, changed time.Time) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			d, err := tx.DeviceByID(id)
			same(t, what, []any{d.Version, d.ChangedAt}, []any{version, changed})
			return err
		})
	}
	is("a new one", "d1", 1, time.Time{})
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.ChangedDevice("d1", start))
		return tx.ChangedDevice("d1", at)
	})
	is("one that was changed", "d1", 3, at)
	is("another", "d2", 1, time.Time{})
	won(t, s, true, "its use", func(tx authcore.Tx) (bool, error) { return tx.ConsumeCounter("d1", 5, 0, at) })
	write(t, s, func(tx authcore.Tx) error {
		_, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectDevice, ID: "d1"}, at)
		return err
	})
	is("one that was used and revoked", "d1", 3, at)
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.ChangedDevice("none", at) })
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.SetDeviceAddress("none", "x") })
	write(t, s, func(tx authcore.Tx) error { return tx.SetDeviceAddress("d1", "push-token") })
	read(t, s, func(tx authcore.Tx) error {
		d, err := tx.DeviceByID("d1")
		same(t, "its address", d.Address, "push-token")
		return err
	})
}
