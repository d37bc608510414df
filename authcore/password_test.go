package authcore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/doorward/doorward/authcore"
)

func (h *house) setPassword(t *testing.T, password string) error {
	t.Helper()
	_, err := h.Users.SetPassword(t.Context(), authcore.Operator(), "alice", password)
	return err
}

func (h *house) primary(t *testing.T, password string) error {
	t.Helper()
	a := attempt("alice")
	a.Password = password
	_, err := h.Logins.Primary(t.Context(), a)
	return err
}

// PWD-01, PWD-02: any text of 8 characters to 256 bytes, in whole, and NFC.
func TestPasswordsThatWork(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	for _, c := range []struct{ name, set, right, wrong string }{
		{"64 emoji", strings.Repeat("🦊", 64), strings.Repeat("🦊", 64), strings.Repeat("🦊", 63)},
		{"256 bytes, and 257 never match", strings.Repeat("x", 255) + "y", strings.Repeat("x", 255) + "y", strings.Repeat("x", 255) + "yy"},
		{"NFD at login", "caf\u00e9 au lait", "cafe\u0301 au lait", "cafe au lait"},
		{"NFC at login", "cafe\u0301 au soir", "caf\u00e9 au soir", "CAF\u00c9 AU SOIR"},
		{"byte 73 counts", strings.Repeat("a7", 36) + "b", strings.Repeat("a7", 36) + "b", strings.Repeat("a7", 36) + "c"},
		{"eight characters", "ßüöä€µ§°", "ßüöä€µ§°", "ßüöä€µ§"},
		{"spaces count", "  two words  ", "  two words  ", "two words"},
	} {
		t.Run(c.name, func(t *testing.T) {
			must(t, h.setPassword(t, c.set))
			must(t, h.primary(t, c.right))
			wantCode(t, h.primary(t, c.wrong), authcore.CodeUnauthenticated)
		})
	}
}

// PWD-01, PWD-03: what is refused when a password is set, with the reason.
func TestPasswordsThatAreRefused(t *testing.T) {
	u := authcore.User{Name: "alice-the-great", Email: "alice@example.com", Phone: "+79001234567"}
	for _, c := range []struct{ name, password, reason string }{
		{"empty", "", "too short"},
		{"seven characters of 28 bytes", strings.Repeat("🦊", 7), "too short"},
		{"257 bytes", strings.Repeat("x", 257), "too long"},
		{"common", "password1", "commonest"},
		{"common in another case", "PassWord1", "commonest"},
		{"the user's name", "alice-the-great", "name"},
		{"the user's name in another case", "ALICE-the-great", "name"},
		{"the user's e-mail", "Alice@Example.com", "name"},
		{"the user's phone", "+79001234567", "name"},
		{"the product", "Doorward", "name"},
		{"a control character", "line\nbreak and more", "control"},
		{"not UTF-8", "\xff\xfe\xfd and more", "UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := authcore.CheckPassword(c.password, u)
			wantCode(t, err, authcore.CodeInvalid)
			if !strings.Contains(authcore.MessageOf(err), c.reason) {
				t.Errorf("the reason is %q, want %q in it", authcore.MessageOf(err), c.reason)
			}
		})
	}
	must(t, authcore.CheckPassword("xpassword1x", u)) // the whole password is compared
	must(t, authcore.CheckPassword(authcore.NewPassword(), u))
	if one, other := authcore.NewPassword(), authcore.NewPassword(); len(one) < 26 || one == other {
		t.Error("a made password is short, or not fresh")
	}
	t.Run("by the services", func(t *testing.T) {
		h := newCore(t, nil)
		_, err := h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "alice", Password: "password1"})
		wantCode(t, err, authcore.CodeInvalid)
		h.user(t, "alice")
		wantCode(t, h.setPassword(t, "alice"), authcore.CodeInvalid)
		must(t, h.primary(t, password))
	})
}

// PWD-04: a hash of weaker parameters is made anew at the next login, and only
// then; nobody notices.
func TestWeakHashIsMadeAnew(t *testing.T) {
	authcore.RealHashes(t)
	h := newCore(t, nil)
	u := h.user(t, "alice")
	hash := func() (stored string) {
		h.read(t, func(tx authcore.Tx) error {
			u, err := tx.UserByID(u.ID)
			stored = u.Password
			return err
		})
		return stored
	}
	for _, c := range []struct {
		name   string
		params argon2id.Params
	}{
		{"less memory", argon2id.Params{Memory: 8 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}},
		{"fewer passes", argon2id.Params{Memory: 19 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}},
	} {
		t.Run(c.name, func(t *testing.T) {
			weak, err := argon2id.CreateHash(password, &c.params)
			must(t, err)
			h.write(t, func(tx authcore.Tx) error { _, err := tx.SetUserPassword(u.ID, "", weak); return err })
			wantCode(t, h.primary(t, "wrong horse battery"), authcore.CodeUnauthenticated)
			if hash() != weak {
				t.Error("a wrong password changed the hash")
			}
			must(t, h.primary(t, password))
			strong := hash()
			if !strings.HasPrefix(strong, "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("the hash after the login begins with %.40q", strong)
			}
			must(t, h.primary(t, password))
			if hash() != strong {
				t.Error("a strong hash was made anew")
			}
		})
	}
}

// PWD-06: as many hashes as cores, a short queue, and a refusal beyond it.
func TestHashQueueIsBounded(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.Live = authcore.NewLive() }) // with slots of its own
	h.user(t, "alice")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	entered, leave := make(chan struct{}, 1000), make(chan struct{})
	h.faults.Before = func(query string) { // whoever holds a slot sits in its first transaction
		if query == "BEGIN" {
			entered <- struct{}{}
			<-leave
		}
	}
	results := make(chan error, 1000)
	const limit = 32
	post := func(n int) {
		a := attempt("alice")
		a.From.Address = fmt.Sprint("192.0.2.", n)
		_, err := h.Logins.Primary(ctx, a)
		results <- err
	}
	for n := range limit + 20 {
		go post(n)
	}
	for range 20 { // those for whom there is no room are refused while the others wait
		err := <-results
		wantCode(t, err, authcore.CodeUnavailable)
	}
	<-entered // somebody holds a slot
	if got := len(results); got != 0 {
		t.Errorf("%d more than expected were answered", got)
	}
	stop() // those who wait give up
	close(leave)
	for range limit {
		if err := <-results; err != nil {
			wantCode(t, err, authcore.CodeUnavailable)
		}
	}
	h.faults.Before = nil
	must(t, h.primary(t, password)) // and every slot is free again
}
