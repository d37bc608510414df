package authcore_test

import (
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/doorward/doorward/authcore"
)

const newPassword = "kettle vowel mossy lantern"

// shows is who logs in with this password.
func shows(name, present string) authcore.Attempt {
	a := attempt(name)
	a.Password = present
	return a
}

// A user changes his password by the present one: all his sessions end, also the
// one he asks through, and the present one opens nothing more.
func TestChangePassword(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	own, other, bystander := h.login(t, m), h.login(t, m), h.login(t, h.member(t, "bob"))
	me := authcore.ActingUser(h.passes(t, own.Token))
	must(t, h.Users.ChangePassword(t.Context(), me, shows("", password), newPassword))
	h.refuses(t, own.Token)
	h.refuses(t, other.Token)
	h.passes(t, bystander.Token)
	_, err := h.Logins.Primary(t.Context(), attempt("alice"))
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Primary(t.Context(), shows("alice", newPassword))
	must(t, err)
	_, err = h.Logins.Primary(t.Context(), attempt("bob"))
	must(t, err)
	if n := h.reasons(t, "user.password")[""]; n != 1 {
		t.Errorf("%d audited", n)
	}
}

// DEV-01, LCK: what keeps somebody with a session of his from taking the account.
func TestPasswordChangesThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.user(t, "bob")
	me := authcore.ActingUser(h.passes(t, h.login(t, m).Token))
	const old = 10*time.Minute + time.Second
	for _, c := range []struct {
		name  string
		actor authcore.Actor
		a     authcore.Attempt
		next  string
		want  authcore.Code
	}{
		{"nobody", authcore.Actor{}, shows("alice", password), newPassword, authcore.CodeForbidden},
		{"the operator", authcore.Operator(), shows("alice", password), newPassword, authcore.CodeForbidden},
		{"an old code", h.acting(m.user, 0, old), shows("alice", password), newPassword, authcore.CodeStepUp},
		{"an old password", h.acting(m.user, old, 0), shows("alice", password), newPassword, authcore.CodeStepUp},
		{"a wrong password", me, shows("alice", "wrong "+password), newPassword, authcore.CodeUnauthenticated},
		{"no password", me, shows("alice", ""), newPassword, authcore.CodeUnauthenticated},
		{"a short one", me, shows("alice", password), "short", authcore.CodeInvalid},
		{"his own name", me, shows("alice", password), "alice", authcore.CodeInvalid},
		{"the same", me, shows("alice", password), password, authcore.CodeInvalid},
		{"nobody any more", h.fresh(authcore.User{ID: "6a1fbb65-8e1f-4a52-a0bb-0f4d16b4b6c8"}), shows("alice", password), newPassword, authcore.CodeNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantCode(t, h.Users.ChangePassword(t.Context(), c.actor, c.a, c.next), c.want)
			h.verified(t, "alice")
		})
	}
	// Whose name was sent is of no matter: it is his own password that is shown.
	h.write(t, func(tx authcore.Tx) error { _, err := tx.SetUserPassword(m.user.ID, "", "$argon2id$none"); return err })
	wantCode(t, h.Users.ChangePassword(t.Context(), me, shows("bob", password), newPassword), authcore.CodeUnauthenticated)
	h.verified(t, "bob")
}

// Who logs in elsewhere has no password to change.
func TestNoPasswordToChange(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	h.write(t, func(tx authcore.Tx) error { _, err := tx.SetUserPassword(u.ID, "", ""); return err })
	wantCode(t, h.Users.ChangePassword(t.Context(), h.fresh(u), shows("", password), newPassword), authcore.CodeConflict)
}

// LCK-02: the tries are counted, and pause as those of a login do.
func TestPasswordChangesAreCounted(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	for range 10 {
		wantCode(t, h.Users.ChangePassword(t.Context(), h.fresh(u), shows("", "wrong "+password), newPassword), authcore.CodeUnauthenticated)
	}
	wantCode(t, h.Users.ChangePassword(t.Context(), h.fresh(u), shows("", password), newPassword), authcore.CodeUnauthenticated)
	if n := h.reasons(t, "login.password")["throttled"]; n != 1 {
		t.Errorf("%d throttled", n)
	}
}

// A present password that is hashed anew when it is shown can be changed too.
func TestChangeOfAWeakHash(t *testing.T) {
	authcore.RealHashes(t)
	h := newCore(t, nil)
	u := h.user(t, "alice")
	weak, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	must(t, err)
	h.write(t, func(tx authcore.Tx) error { _, err := tx.SetUserPassword(u.ID, "", weak); return err })
	must(t, h.Users.ChangePassword(t.Context(), h.fresh(u), shows("", password), newPassword))
}

// Of changes at once one wins, and the others change nothing.
func TestOneOfManyPasswordChangesWins(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	next := []string{newPassword, newPassword + " 1", newPassword + " 2", newPassword + " 3"}
	var won string
	if n := parallel(len(next), func(i int) error {
		err := h.Users.ChangePassword(t.Context(), h.fresh(u), shows("", password), next[i])
		if err == nil {
			won = next[i]
		}
		return err
	}); n != 1 {
		t.Errorf("%d won, want 1", n)
	}
	_, err := h.Logins.Primary(t.Context(), shows("alice", won))
	must(t, err)
}
