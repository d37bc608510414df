package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func users(t *testing.T, open Open) {
	s := open(t, Opts{})
	alice, bob, carol := sampleUser("1"), sampleUser("2"), sampleUser("3")
	alice.Name, alice.Disabled, alice.Epoch = "zoe", true, 7
	bob.Name, bob.Email, bob.Phone, bob.Groups = "bob@example.com", "bob@example.com", "", []string{} // a name may be the e-mail
	alice.Language, bob.StrictDevices = "pt-BR", true
	carol.Tenant, carol.Name = "other", "zoe"
	for _, u := range []authcore.User{alice, bob, carol} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(u) })
	}
	for _, c := range []struct {
		tenant, login string
		want          authcore.User
	}{
		{"default", "zoe", alice},
		{"default", alice.Email, alice},
		{"default", alice.Phone, alice},
		{"default", "bob@example.com", bob},
		{"other", "zoe", carol},
	} {
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.UserByLogin(c.tenant, c.login)
			same(t, "UserByLogin "+c.login, got, c.want)
			return err
		})
	}
	read(t, s, func(tx authcore.Tx) error {
		_, err := tx.UserByLogin("default", "")
		wantCode(t, err, authcore.CodeNotFound)
		_, err = tx.UserByLogin("other", alice.Email)
		wantCode(t, err, authcore.CodeNotFound)
		_, err = tx.UserByID("nobody")
		wantCode(t, err, authcore.CodeNotFound)
		got, err := tx.UserByID("1")
		same(t, "UserByID", got, alice)
		return err
	})
	for _, c := range []struct {
		tenant string
		want   []authcore.User
	}{{"default", []authcore.User{bob, alice}}, {"none", []authcore.User{}}} {
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Users(c.tenant)
			same(t, "Users of "+c.tenant, got, c.want)
			return err
		})
	}
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Users("")
		same(t, "number of all users", len(got), 3)
		return err
	})
	takenNames(t, s)
}

// takenNames: one word never means two users of a tenant, whatever kind it is.
func takenNames(t *testing.T, s authcore.Store) {
	for what, change := range map[string]func(*authcore.User){
		"id":                     func(u *authcore.User) { u.ID = "1" },
		"name":                   func(u *authcore.User) { u.Name = "zoe" },
		"name that is an e-mail": func(u *authcore.User) { u.Name = "1@example.com" },
		"e-mail that is a name":  func(u *authcore.User) { u.Email = "zoe" },
		"phone":                  func(u *authcore.User) { u.Phone = "+15551" },
	} {
		u := sampleUser("9")
		change(&u)
		err := s.Write(t.Context(), func(tx authcore.Tx) error { return tx.CreateUser(u) })
		if authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("taken %s: got %v, want conflict", what, err)
		}
	}
	write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("9")) }) // nothing was left behind
}

func passwords(t *testing.T, open Open) {
	s := open(t, Opts{})
	write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("1")) })
	set := func(old, hash string) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.SetUserPassword("1", old, hash) }
	}
	won(t, s, false, "password with a wrong old one", set("$other", "$new"))
	won(t, s, true, "password with the old one", set("$argon2id$1", "$new"))
	won(t, s, false, "password with the old one again", set("$argon2id$1", "$newer"))
	won(t, s, true, "password whatever the old one", set("", "$forced"))
	won(t, s, false, "password of nobody", func(tx authcore.Tx) (bool, error) { return tx.SetUserPassword("2", "", "$new") })
	for _, disabled := range []bool{true, false} {
		write(t, s, func(tx authcore.Tx) error { return tx.SetUserDisabled("1", disabled) })
		read(t, s, func(tx authcore.Tx) error {
			u, err := tx.UserByID("1")
			same(t, "disabled", u.Disabled, disabled)
			same(t, "password", u.Password, "$forced")
			return err
		})
	}
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.SetUserDisabled("2", true) })
	for _, strict := range []bool{true, false} {
		write(t, s, func(tx authcore.Tx) error { return tx.SetStrictDevices("1", strict) })
		read(t, s, func(tx authcore.Tx) error {
			u, err := tx.UserByID("1")
			same(t, "strict and disabled", []bool{u.StrictDevices, u.Disabled}, []bool{strict, false})
			return err
		})
	}
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.SetStrictDevices("2", true) })
}

func removeUser(t *testing.T, open Open) {
	s := open(t, Opts{})
	device := authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d1"}
	stays := authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d2"}
	sent := authcore.AttemptKey{Kind: authcore.AttemptSendUser, Subject: "1"}
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range []string{"1", "2"} {
			try(t, tx.CreateUser(sampleUser(id)))
			try(t, tx.CreateDevice(sampleDevice("d"+id, id)))
			try(t, tx.CreateSession(sampleSession("s"+id, id)))
		}
		for _, key := range []authcore.AttemptKey{device, stays, sent} {
			_, err := tx.Reserve(key, authcore.AttemptLimit{InARow: 10, Window: time.Minute, Pause: time.Minute}, start)
			try(t, err)
		}
		return nil
	})
	for _, id := range []string{"d1", "d2"} {
		won(t, s, true, "a picture", pictured(samplePicture(id, "picture of "+id)))
		write(t, s, func(tx authcore.Tx) error {
			return tx.SetAttributes(authcore.Subject{Kind: authcore.SubjectDevice, ID: id}, "x", authcore.Attributes{"n": "v"})
		})
	}
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("1") })
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.RemoveUser("1") })
	attributed(t, s, "d1", "x", nil)
	attributed(t, s, "d2", "x", authcore.Attributes{"n": "v"})
	onShow(t, s, "picture of d1", nil)
	won(t, s, true, "the picture of another", taken("picture of d2", start))
	read(t, s, func(tx authcore.Tx) error {
		_, err := tx.UserByID("1")
		wantCode(t, err, authcore.CodeNotFound)
		_, err = tx.UserByLogin("default", "1@example.com")
		wantCode(t, err, authcore.CodeNotFound)
		_, err = tx.DeviceByID("d1")
		wantCode(t, err, authcore.CodeNotFound)
		_, err = tx.SessionByID("s1")
		wantCode(t, err, authcore.CodeNotFound)
		gone, err := tx.Attempts(device)
		try(t, err)
		same(t, "tries against the removed device", gone, authcore.Attempts{})
		gone, err = tx.Attempts(sent)
		try(t, err)
		same(t, "codes sent to the removed user", gone, authcore.Attempts{})
		left, err := tx.Attempts(stays)
		try(t, err)
		same(t, "tries against the other device", left.Total, 1)
		_, err = tx.DeviceByID("d2")
		try(t, err)
		_, err = tx.SessionByID("s2")
		return err
	})
	write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("1")) }) // the names are free again
}

// try is for errors that a test has no other use for. It must be called on the
// test's own goroutine.
func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
