package authcore_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// hashSize is what one argon2id hash allocates: 19 MiB.
const hashSize = 19 << 20

// spent is what a try at the password cost, and how it was answered.
type spent struct {
	code       authcore.Code
	message    string
	retry      time.Duration
	statements int64
	begins     int64
	hashes     uint64
}

// spend counts the hashes by what they allocate, because nothing else in a
// login comes near a tenth of one.
func (h *house) spend(t *testing.T, a authcore.Attempt) spent {
	t.Helper()
	var before, after runtime.MemStats
	h.faults.Reset()
	runtime.ReadMemStats(&before)
	_, err := h.Logins.Primary(t.Context(), a)
	runtime.ReadMemStats(&after)
	var e *authcore.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want one of ours", err)
	}
	return spent{e.Code, e.Message, e.RetryAfter, h.faults.Count(), h.faults.Begins(), (after.TotalAlloc - before.TotalAlloc) / hashSize}
}

// Law 12, LCK-10, PWD-05: whoever the user is and whatever was wrong, the
// answer and the cost are the same.
func TestPrimaryRefusalsAreAlike(t *testing.T) {
	authcore.RealHashes(t)
	h := newCore(t, nil)
	for _, name := range []string{"alice", "bob", "carol"} {
		h.user(t, name)
	}
	_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "bob", true)
	must(t, err)
	h.write(t, func(tx authcore.Tx) error { // no password logs in
		u, err := tx.UserByLogin(authcore.DefaultTenant, "carol")
		must(t, err)
		_, err = tx.SetUserPassword(u.ID, "", "")
		return err
	})
	wrong := func(name, password string) authcore.Attempt {
		a := attempt(name)
		a.Password = password
		return a
	}
	want := h.spend(t, wrong("alice", "wrong horse battery"))
	if want.hashes != 1 || want.code != authcore.CodeUnauthenticated || want.statements != 4 {
		t.Fatalf("a wrong password spent %+v: want 1 hash and 4 statements", want)
	}
	for range 9 {
		_, err := h.Logins.Primary(t.Context(), wrong("throttled", "wrong horse battery"))
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	for _, c := range []struct {
		name string
		a    authcore.Attempt
	}{
		{"unknown user", wrong("nobody", "wrong horse battery")},
		{"unknown user with the right password of the dummy", wrong("nobody", "nobody has this password")},
		{"disabled user, right password", wrong("bob", password)},
		{"disabled user, wrong password", wrong("bob", "wrong horse battery")},
		{"user without a password", wrong("carol", "")},
		{"empty password", wrong("alice", "")},
		{"a password of a mebibyte", wrong("alice", string(make([]byte, 1<<20)))},
		{"a name that can't be one", wrong("a@b@c\x00", password)},
		{"no name", wrong("", password)},
		{"another tenant", func() authcore.Attempt { a := attempt("alice"); a.Tenant = "other"; return a }()},
		{"the tenth unknown", wrong("throttled", "wrong horse battery")},
		{"throttled unknown", wrong("throttled", "wrong horse battery")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := h.spend(t, c.a); got != want {
				t.Errorf("spent %+v, want %+v as for a wrong password", got, want)
			}
		})
	}
	for range 9 {
		_, err := h.Logins.Primary(t.Context(), wrong("alice", "x"))
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	t.Run("throttled, right password", func(t *testing.T) {
		if got := h.spend(t, attempt("alice")); got != want {
			t.Errorf("spent %+v, want %+v as for a wrong password", got, want)
		}
	})
	// The audit knows what the caller must not.
	reasons := h.reasons(t, "login.password")
	for _, reason := range []string{"unknown_user", "wrong_password", "throttled", "disabled"} {
		if reasons[reason] == 0 {
			t.Errorf("no audit row with reason %q: %v", reason, reasons)
		}
	}
}

// REL-01, LCK-02: a password that can't be counted is not looked at.
func TestPrimaryFailsClosed(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	for n := 1; ; n++ {
		h.faults.FailNext(n, nil)
		v, err := h.Logins.Primary(t.Context(), attempt("alice"))
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err)
			if n < 9 {
				t.Errorf("only %d calls failed", n-1)
			}
			return
		}
		t.Run(fmt.Sprintf("call %d fails", n), func(t *testing.T) {
			wantCode(t, err, authcore.CodeUnavailable)
			if v != nil {
				t.Error("verified although the store failed")
			}
		})
	}
}
