package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// sampleMarks are marks of which each has something of what.
func sampleMarks(what string) authcore.Marks {
	return authcore.Marks{
		Session: []byte("k1\x00session of " + what), SessionDigest: []byte("digest of " + what), Secret: []byte("secret\x00" + what),
		PublicKey: []byte("key of " + what), Face: "picture of " + what,
	}
}

func clientDevice(id, user string, status authcore.DeviceStatus) authcore.Device {
	return authcore.Device{
		ID: id, Tenant: authcore.DefaultTenant, UserID: user, Serial: "SN-" + id, Kind: authcore.KindClient, Status: status,
		Awaits: authcore.AwaitsApproval, Sealed: []byte{}, CreatedAt: start,
	}
}

// registered makes client devices of a user, on an account unless that is empty.
func registered(t *testing.T, s authcore.Store, user, account string, status authcore.DeviceStatus, ids ...string) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range ids {
			try(t, tx.CreateDevice(clientDevice(id, user, status)))
			try(t, tx.CreateClient(authcore.Client{DeviceID: id, Account: account, Key: "key-" + id, Marks: sampleMarks(id)}))
		}
		return nil
	})
}

func sampleClient(id, account string) authcore.Client {
	return authcore.Client{DeviceID: id, Account: account, Key: "key-" + id, Marks: sampleMarks(id)}
}

// accounted makes users "1" and "2", each with a device, and accounts.
func accounted(t *testing.T, s authcore.Store, accounts ...string) {
	t.Helper()
	people(t, s, "1", "2")
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range accounts {
			try(t, tx.CreateAccount(sampleAccount(id)))
		}
		return nil
	})
}

// clientsAre checks a list of clients by their devices.
func clientsAre(t *testing.T, s authcore.Store, what string, list func(authcore.Tx) ([]authcore.Client, error), want ...string) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		clients, err := list(tx)
		var got []string
		for _, c := range clients {
			got = append(got, c.DeviceID)
		}
		same(t, what, got, want)
		return err
	})
}

// clients: what a client device is known by is its own, and nothing is found by
// nothing.
func clients(t *testing.T, open Open) {
	s := open(t, Opts{})
	accounted(t, s, "a", "b")
	registered(t, s, "1", "a", authcore.StatusActive, "z", "m")
	registered(t, s, "1", "b", authcore.StatusActive, "elsewhere")
	registered(t, s, "1", "", authcore.StatusActive, "browser")
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateDevice(clientDevice("bare", "1", authcore.StatusActive)))
		return tx.CreateClient(authcore.Client{DeviceID: "bare", Account: "a"})
	})
	found := func(want authcore.Client) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Client(want.DeviceID)
			try(t, err)
			same(t, "Client "+want.DeviceID, got, want)
			if got, err = tx.ClientBySecret(want.Secret); len(want.Secret) > 0 {
				same(t, "by its secret", got, want)
				return err
			}
			wantCode(t, err, authcore.CodeNotFound)
			return nil
		})
	}
	for id, account := range map[string]string{"z": "a", "m": "a", "elsewhere": "b", "browser": ""} {
		found(sampleClient(id, account))
	}
	found(authcore.Client{DeviceID: "bare", Account: "a"}) // and not by an empty secret
	of := func(account string) func(authcore.Tx) ([]authcore.Client, error) {
		return func(tx authcore.Tx) ([]authcore.Client, error) { return tx.Clients(account) }
	}
	clientsAre(t, s, "on a", of("a"), "z", "m", "bare")
	clientsAre(t, s, "on b", of("b"), "elsewhere")
	clientsAre(t, s, "on none", of(""))
	read(t, s, func(tx authcore.Tx) error {
		_, err := tx.Client("d1") // a device that is no client
		wantCode(t, err, authcore.CodeNotFound)
		for _, secret := range []string{"secret", "secret\x00", "secret\x00Z"} {
			_, err := tx.ClientBySecret([]byte(secret))
			wantCode(t, err, authcore.CodeNotFound)
		}
		return nil
	})
	conflict(t, s, map[string]func(authcore.Tx) error{
		"a second one": func(tx authcore.Tx) error { return tx.CreateClient(authcore.Client{DeviceID: "z"}) },
		"no device":    func(tx authcore.Tx) error { return tx.CreateClient(authcore.Client{DeviceID: "none"}) },
		"no account":   func(tx authcore.Tx) error { return tx.CreateClient(authcore.Client{DeviceID: "d1", Account: "none"}) },
		"the secret of another": func(tx authcore.Tx) error {
			return tx.CreateClient(authcore.Client{DeviceID: "d1", Marks: sampleMarks("z")})
		},
		"the secret of another, later": func(tx authcore.Tx) error { return tx.MarkClient("m", sampleMarks("z")) },
	})
	marked := sampleClient("z", "a")
	marked.Marks = sampleMarks("other")
	write(t, s, func(tx authcore.Tx) error { return tx.MarkClient("z", marked.Marks) })
	found(marked)
	read(t, s, func(tx authcore.Tx) error {
		_, err := tx.ClientBySecret(sampleMarks("z").Secret)
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
	found(sampleClient("m", "a"))
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.MarkClient("none", authcore.Marks{}) })
	write(t, s, func(tx authcore.Tx) error { return tx.MarkClient("m", authcore.Marks{}) })
	found(authcore.Client{DeviceID: "m", Account: "a", Key: "key-m"})
}

// clientSessions: a session is recognised on active devices of its user alone.
func clientSessions(t *testing.T, open Open) {
	s := open(t, Opts{})
	accounted(t, s, "a", "b")
	alike := sampleMarks("x")
	alike.Secret = nil
	for i, d := range []authcore.Device{
		clientDevice("old", "1", authcore.StatusActive), clientDevice("his", "2", authcore.StatusActive),
		clientDevice("pending", "1", authcore.StatusPending), clientDevice("blocked", "1", authcore.StatusBlocked),
		clientDevice("gone", "1", authcore.StatusDeactivated), clientDevice("no", "1", authcore.StatusRejected),
		clientDevice("elsewhere", "1", authcore.StatusActive), clientDevice("none", "1", authcore.StatusActive),
	} {
		c := authcore.Client{DeviceID: d.ID, Account: "a", Marks: alike}
		switch d.ID {
		case "elsewhere":
			c.Account = "b"
		case "none":
			c.Marks = authcore.Marks{}
		}
		d.CreatedAt = start.Add(-time.Duration(i) * time.Minute) // the order of their making counts, and no clock
		write(t, s, func(tx authcore.Tx) error {
			try(t, tx.CreateDevice(d))
			return tx.CreateClient(c)
		})
	}
	of := func(user, digest string) func(authcore.Tx) ([]authcore.Client, error) {
		return func(tx authcore.Tx) ([]authcore.Client, error) { return tx.ClientsBySession(user, []byte(digest)) }
	}
	clientsAre(t, s, "of the user", of("1", "digest of x"), "elsewhere", "old")
	clientsAre(t, s, "of another", of("2", "digest of x"), "his")
	for _, digest := range []string{"", "digest of y", "digest of "} {
		clientsAre(t, s, "by another digest", of("1", digest))
	}
	clientsAre(t, s, "of nobody", of("", "digest of x"))
}

// clientHistory: each device has its own, in order, and it goes with it.
func clientHistory(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	registered(t, s, "1", "", authcore.StatusPending, "c")
	registered(t, s, "2", "", authcore.StatusPending, "other")
	lines := []authcore.StatusChange{
		{Status: authcore.StatusPending, At: start},
		{Status: authcore.StatusRejected, Reason: authcore.RefusedTries, At: start.Add(-time.Hour)}, // by another node's clock
	}
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.AppendStatus("c", lines[0]))
		try(t, tx.AppendStatus("other", lines[0]))
		return tx.AppendStatus("c", lines[1])
	})
	historyIs := func(id string, want ...authcore.StatusChange) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.History(id)
			same(t, "history of "+id, got, want)
			return err
		})
	}
	historyIs("c", lines...)
	historyIs("other", lines[0])
	historyIs("none")
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.AppendStatus("none", lines[0]) })
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveDevice("c") })
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("2") })
	historyIs("c")
	historyIs("other")
	registered(t, s, "1", "", authcore.StatusPending, "c") // with the same ID
	historyIs("c")
}

// clientsOfNoFactor: a client device goes to nobody else, gives way to no enrolment,
// and leaves no trace that its user had a device.
func clientsOfNoFactor(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	registered(t, s, "1", "", authcore.StatusActive, "c")
	registered(t, s, "1", "", authcore.StatusPending, "p")
	for _, to := range []string{"2", "", "1"} {
		won(t, s, false, "to "+to, assigned("c", "1", to))
	}
	his(t, s, "1", "d1", "c", "p")
	his(t, s, "2", "d2")
	write(t, s, func(tx authcore.Tx) error {
		n, err := tx.RemovePending("1")
		same(t, "removed", n, int64(0))
		return err
	})
	asked(t, s, sampleApproval("x", "c", "1"))
	write(t, s, func(tx authcore.Tx) error {
		_, err := tx.PointRef(sampleRef("k"), "", "c")
		try(t, err)
		return tx.RemoveDevice("c")
	})
	read(t, s, func(tx authcore.Tx) error {
		had, err := tx.HadDevice("1")
		same(t, "had a device", had, false)
		try(t, err)
		for _, find := range []func() error{
			func() error { _, err := tx.Client("c"); return err },
			func() error { _, err := tx.ClientBySecret(sampleMarks("c").Secret); return err },
			func() error { _, err := tx.Approval("c"); return err },
			func() error { _, err := tx.ByRef(sampleRef("k")); return err },
		} {
			wantCode(t, find(), authcore.CodeNotFound)
		}
		_, err = tx.Client("p")
		return err
	})
}

// pruneClients: those that are out of use go by when they came to that, with all that
// belongs to them, and nothing that may count yet.
func pruneClients(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	before := start.Add(time.Hour)
	stays := map[string]bool{"rejected": false, "retired": false, "late": true, "blocked": true, "waits": true, "back": true}
	for id, c := range map[string]struct {
		status authcore.DeviceStatus
		lines  []authcore.StatusChange
	}{
		"rejected": {authcore.StatusRejected, []authcore.StatusChange{{Status: authcore.StatusPending, At: start}, {Status: authcore.StatusRejected, At: start}}},
		"retired":  {authcore.StatusDeactivated, []authcore.StatusChange{{Status: authcore.StatusDeactivated, At: before.Add(-time.Millisecond)}}},
		"late":     {authcore.StatusDeactivated, []authcore.StatusChange{{Status: authcore.StatusPending, At: start}, {Status: authcore.StatusDeactivated, At: before}}},
		"blocked":  {authcore.StatusBlocked, []authcore.StatusChange{{Status: authcore.StatusBlocked, At: start}}},
		"waits":    {authcore.StatusPending, []authcore.StatusChange{{Status: authcore.StatusPending, At: start}}},
		"back":     {authcore.StatusActive, []authcore.StatusChange{{Status: authcore.StatusRejected, At: start}}}, // no line makes a device go
	} {
		registered(t, s, "1", "", c.status, id)
		asked(t, s, sampleApproval("of "+id, id, "1"))
		write(t, s, func(tx authcore.Tx) error {
			for _, line := range c.lines {
				try(t, tx.AppendStatus(id, line))
			}
			_, err := tx.PointRef(sampleRef(id), "", id)
			return err
		})
	}
	prune(t, s, authcore.Retention{Now: start.AddDate(9, 0, 0)}, 0)
	prune(t, s, authcore.Retention{Now: start, ClientBefore: before}, 2)
	for id, stays := range stays {
		read(t, s, func(tx authcore.Tx) error {
			for what, find := range map[string]func() error{
				"device":  func() error { _, err := tx.DeviceByID(id); return err },
				"client":  func() error { _, err := tx.Client(id); return err },
				"request": func() error { _, err := tx.Approval(id); return err },
				"ref":     func() error { _, err := tx.ByRef(sampleRef(id)); return err },
			} {
				same(t, fmt.Sprintf("%s of %s stays", what, id), find() == nil, stays)
			}
			had, err := tx.HadDevice("1")
			same(t, "had a device", had, false)
			return err
		})
	}
	registered(t, s, "1", "", authcore.StatusDeactivated, "n0", "n1", "n2")
	for i := range 3 {
		write(t, s, func(tx authcore.Tx) error {
			return tx.AppendStatus(fmt.Sprint("n", i), authcore.StatusChange{Status: authcore.StatusDeactivated, At: before.Add(time.Duration(i) * time.Hour)})
		})
	}
	prune(t, s, authcore.Retention{Now: start, ClientRows: 2}, 2)
	his(t, s, "1", ordered(t, s, "d1", "blocked", "waits", "back", "n1", "n2")...)
}

// ordered gives ids as the devices of user "1" stand, whatever order a map had.
func ordered(t *testing.T, s authcore.Store, ids ...string) (all []string) {
	t.Helper()
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
	}
	read(t, s, func(tx authcore.Tx) error {
		devices, err := tx.Devices(authcore.DefaultTenant, "1")
		for _, d := range devices {
			if known[d.ID] {
				all = append(all, d.ID)
			}
		}
		return err
	})
	same(t, "devices that stay", len(all), len(ids))
	return all
}
