package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// namedBy checks whom names mean; nobody is the empty user.
func namedBy(t *testing.T, s authcore.Store, want map[string]string) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		for login, user := range want {
			u, err := tx.UserByLogin(authcore.DefaultTenant, login)
			if user == "" {
				if authcore.CodeOf(err) != authcore.CodeNotFound {
					t.Errorf("%s is %q, %v", login, u.ID, err)
				}
				continue
			}
			if try(t, err); u.ID != user {
				t.Errorf("%s is %s, want %s", login, u.ID, user)
			}
		}
		return nil
	})
}

func logsIn(id string, logsIn bool) func(authcore.Tx) error {
	return func(tx authcore.Tx) error { return tx.SetLogsIn(id, logsIn) }
}

// deviceLogins: the address of a device is a name of its user, for as long as it is said to
// be, and a name means one user.
func deviceLogins(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	write(t, s, func(tx authcore.Tx) error {
		foreign := sampleUser("3")
		foreign.Tenant = "other"
		try(t, tx.CreateUser(foreign))
		there := mailbox("x", "3", "a@example.com")
		there.Tenant = "other"
		for _, d := range []authcore.Device{
			mailbox("a", "1", "a@example.com"), mailbox("b", "2", "a@example.com"), mailbox("c", "1", "2@example.com"), mailbox("n", "1", "name-2"), there,
			mailbox("s", "", "stock@example.com"),
		} {
			try(t, tx.CreateDevice(d))
		}
		return nil
	})
	namedBy(t, s, map[string]string{"a@example.com": ""})
	write(t, s, logsIn("a", true))
	write(t, s, logsIn("a", true))
	namedBy(t, s, map[string]string{"a@example.com": "1", "name-1": "1", "1@example.com": "1"})
	for what, id := range map[string]string{"a device's": "b", "an e-mail": "c", "a name": "n"} {
		if err := s.Write(t.Context(), logsIn(id, true)); authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("%s of another: %v", what, err)
		}
	}
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error {
		u := sampleUser("4")
		u.Email = "a@example.com"
		return tx.CreateUser(u)
	})
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.SetUserContacts("2", "a@example.com", "") })
	refused(t, s, authcore.CodeNotFound, logsIn("none", true))
	write(t, s, logsIn("x", true)) // of another tenant
	write(t, s, logsIn("s", true))
	namedBy(t, s, map[string]string{"a@example.com": "1", "2@example.com": "2", "name-2": "2", "stock@example.com": ""})
	read(t, s, func(tx authcore.Tx) error {
		for id, want := range map[string]bool{"a": true, "b": false, "c": false, "d1": false} {
			d, err := tx.DeviceByID(id)
			try(t, err)
			same(t, id+" logs in", d.LogsIn, want)
		}
		return nil
	})
	write(t, s, logsIn("a", false))
	write(t, s, logsIn("b", true))
	namedBy(t, s, map[string]string{"a@example.com": "2"})
}

// sharedNames: a name that is a user's twice, as his e-mail and his device's, or of two
// devices, stays until the last of them goes.
func sharedNames(t *testing.T, open Open) {
	const own = "1@example.com"
	for what, c := range map[string]struct {
		gone func(authcore.Tx) error
		want string
	}{
		"nothing":                  {func(authcore.Tx) error { return nil }, "1"},
		"the e-mail":               {contactsGone, "1"},
		"the devices":              {func(tx authcore.Tx) error { return firstOf(tx.RemoveDevice("a"), tx.RemoveDevice("b")) }, "1"},
		"the e-mail and a device":  {func(tx authcore.Tx) error { return firstOf(contactsGone(tx), tx.RemoveDevice("a")) }, "1"},
		"a device, and the e-mail": {func(tx authcore.Tx) error { return firstOf(tx.SetLogsIn("b", false), contactsGone(tx)) }, "1"},
		"all": {func(tx authcore.Tx) error {
			return firstOf(contactsGone(tx), tx.RemoveDevice("a"), tx.SetLogsIn("b", false))
		}, ""},
		"all, the e-mail last":  {func(tx authcore.Tx) error { return firstOf(retired(tx, "a"), retired(tx, "b"), contactsGone(tx)) }, ""},
		"all, retired after it": {func(tx authcore.Tx) error { return firstOf(contactsGone(tx), retired(tx, "a"), retired(tx, "b")) }, ""},
		"all, assigned to another": {func(tx authcore.Tx) error {
			return firstOf(contactsGone(tx), passed(tx, "a", "2"), passed(tx, "b", ""))
		}, ""},
		"all, removed": {func(tx authcore.Tx) error {
			return firstOf(contactsGone(tx), tx.RemoveDevice("a"), tx.RemoveDevice("b"))
		}, ""},
		"all, rejected":   {func(tx authcore.Tx) error { return firstOf(contactsGone(tx), rejected(tx, "a"), rejected(tx, "b")) }, ""},
		"the user":        {func(tx authcore.Tx) error { return tx.RemoveUser("1") }, ""},
		"blocked devices": {func(tx authcore.Tx) error { return firstOf(contactsGone(tx), blocked(tx, "a"), blocked(tx, "b")) }, "1"},
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t, Opts{})
			people(t, s, "1", "2")
			write(t, s, func(tx authcore.Tx) error {
				try(t, tx.CreateDevice(mailbox("a", "1", own)))
				try(t, tx.CreateDevice(mailbox("b", "1", own)))
				return firstOf(tx.SetLogsIn("a", true), tx.SetLogsIn("b", true))
			})
			write(t, s, c.gone)
			namedBy(t, s, map[string]string{own: c.want, "name-2": "2"})
			if c.want == "" { // it is free again
				write(t, s, func(tx authcore.Tx) error { return tx.SetUserContacts("2", own, "") })
				namedBy(t, s, map[string]string{own: "2"})
			}
		})
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func contactsGone(tx authcore.Tx) error { return tx.SetUserContacts("1", "", "") }

func retired(tx authcore.Tx, id string) error {
	_, err := tx.MoveDevice(id, authcore.StatusDeactivated, authcore.StatusActive)
	return err
}

func rejected(tx authcore.Tx, id string) error {
	_, err := tx.MoveDevice(id, authcore.StatusRejected, authcore.StatusActive)
	return err
}

func blocked(tx authcore.Tx, id string) error {
	_, err := tx.MoveDevice(id, authcore.StatusBlocked, authcore.StatusActive)
	return err
}

func passed(tx authcore.Tx, id, to string) error {
	_, err := tx.AssignDevice(id, "1", to)
	return err
}

// parallelLogins: of many users who want one name for their devices at once, one gets it.
func parallelLogins(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	ids := []string{"1", "2", "3", "4", "5", "6"}
	people(t, s, ids...)
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range ids {
			try(t, tx.CreateDevice(mailbox("m"+id, id, "one@example.com")))
		}
		return nil
	})
	errs := make(chan error, len(ids))
	for _, id := range ids {
		go func() { errs <- s.Write(context.Background(), logsIn("m"+id, true)) }()
	}
	won := 0
	for range ids {
		if err := <-errs; err == nil {
			won++
		} else {
			wantCode(t, err, authcore.CodeConflict)
		}
	}
	same(t, "how many got it", won, 1)
	read(t, s, func(tx authcore.Tx) error {
		u, err := tx.UserByLogin(authcore.DefaultTenant, "one@example.com")
		try(t, err)
		d, err := tx.DeviceByID("m" + u.ID)
		same(t, "its device logs in", d.LogsIn, true)
		return err
	})
}
