package storagetest

import (
	"fmt"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// found checks whom words find.
func found(t *testing.T, s authcore.Store, tenant, words string, limit int, want ...string) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		users, err := tx.FindUsers(tenant, words, limit)
		var got []string
		for _, u := range users {
			got = append(got, u.ID)
		}
		same(t, fmt.Sprintf("who is found by %q in %s, up to %d", words, tenant, limit), got, want)
		return err
	})
}

// findUsers: words are words, and no pattern.
func findUsers(t *testing.T, open Open) {
	s := open(t, Opts{})
	write(t, s, func(tx authcore.Tx) error {
		for id, names := range map[string][3]string{
			"a": {"zoe", "zoe@example.com", "+15550001"}, "b": {"50%_off!", "b@x.example", ""}, "c": {"анна", "c@x.example", ""},
			"d": {"adam", "", "+49555"}, "e": {`back\slash`, "", ""}, "f": {"zoe", "zoe@example.com", ""},
		} {
			u := sampleUser(id)
			u.Name, u.Email, u.Phone = names[0], names[1], names[2]
			if id == "f" {
				u.Tenant = "other"
			}
			try(t, tx.CreateUser(u))
		}
		return nil
	})
	const home = authcore.DefaultTenant
	for words, want := range map[string][]string{
		"zo": {"a"}, "ZOE@Ex": {"a"}, "АННА": {"c"}, "нн": {"c"}, "555": {"d", "a"}, "+49": {"d"}, "x.example": {"b", "c"}, "nobody": nil,
		"%": {"b"}, "_": {"b"}, "!": {"b"}, "0%_": {"b"}, "z_e": nil, "z%e": nil, "zoe!": nil, `\`: {"e"}, `'`: nil, "!%": nil,
	} {
		found(t, s, home, words, 10, want...)
	}
	found(t, s, "other", "zoe", 10, "f")
	found(t, s, "third", "", 10)
	found(t, s, "", "", 10)
	found(t, s, home, "", 10, "b", "d", "e", "a", "c")
	found(t, s, home, "", 2, "b", "d")
	found(t, s, home, "", 0)
	found(t, s, home, "", -1)
	read(t, s, func(tx authcore.Tx) error {
		users, err := tx.FindUsers(home, "zoe", 1)
		try(t, err)
		want, err := tx.UserByID("a")
		same(t, "who is found", users, []authcore.User{want})
		return err
	})
}

// contacts: what a user logs in with follows his e-mail and phone.
func contacts(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	set := func(id, email, phone string) func(authcore.Tx) error {
		return func(tx authcore.Tx) error { return tx.SetUserContacts(id, email, phone) }
	}
	means := func(login, want string) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			u, err := tx.UserByLogin(authcore.DefaultTenant, login)
			if want == "" {
				wantCode(t, err, authcore.CodeNotFound)
				return nil
			}
			same(t, "who is "+login, u.ID, want)
			return err
		})
	}
	write(t, s, set("1", "new@example.com", "+15559"))
	for login, want := range map[string]string{
		"name-1": "1", "new@example.com": "1", "+15559": "1", "1@example.com": "", "+15551": "", "2@example.com": "2", "": "",
	} {
		means(login, want)
	}
	for what, change := range map[string]func(authcore.Tx) error{
		"an e-mail": set("1", "2@example.com", ""), "a phone": set("1", "", "+15552"), "a name": set("1", "name-2", ""),
	} {
		if err := s.Write(t.Context(), change); authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("%s of another: got %v, want conflict", what, err)
		}
		means("new@example.com", "1")
	}
	refused(t, s, authcore.CodeNotFound, set("3", "three@example.com", ""))
	write(t, s, set("2", "1@example.com", "+15551")) // they are free again
	means("1@example.com", "2")
	write(t, s, set("1", "name-1", "name-1")) // all his own
	means("name-1", "1")
	write(t, s, set("1", "", ""))
	for login, want := range map[string]string{"name-1": "1", "new@example.com": "", "+15559": "", "": ""} {
		means(login, want)
	}
	read(t, s, func(tx authcore.Tx) error {
		u, err := tx.UserByID("2")
		want := sampleUser("2")
		want.Email, want.Phone = "1@example.com", "+15551"
		same(t, "the user", u, want)
		return err
	})
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("2") })
	means("1@example.com", "")
}
