package authcore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// subjects lists the counters that a try under each spelling touches.
func (h *house) passwordTries(t *testing.T, u authcore.User) int {
	t.Helper()
	var a authcore.Attempts
	h.read(t, func(tx authcore.Tx) (err error) {
		a, err = tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptPassword, Subject: u.ID})
		return err
	})
	return a.Total
}

// LCK-04: every spelling of a name counts against one user.
func TestSpellingsShareOneCounter(t *testing.T) {
	h := newCore(t, nil)
	u, err := h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{
		Name: "renée", Email: "Renee@Example.com", Phone: "+7 (900) 123-45-67", Password: password,
	})
	must(t, err)
	for n, name := range []string{
		"renée", "RENÉE", " renée ", "Renée\t", "rene\u0301e", "RENE\u0301E", "ｒｅｎée",
		"renee@example.com", "RENEE@EXAMPLE.COM", "+79001234567", "+7 900 123 45 67",
	} {
		t.Run(name, func(t *testing.T) {
			a := attempt(name)
			a.Password, a.From.Address = "wrong horse battery", fmt.Sprintf("192.0.2.%d", n+1)
			_, err := h.Logins.Primary(t.Context(), a)
			wantCode(t, err, authcore.CodeUnauthenticated)
			if got := h.passwordTries(t, u); got != n+1 {
				t.Errorf("%d tries counted against the user, want %d", got, n+1)
			}
		})
	}
}

// Law 4: for a name from an address, and for a name from everywhere; never for
// good; names that don't exist like any other.
func TestPasswordsAreThrottledNeverCapped(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits() // less, because each try costs a hash
		o.Limits.PasswordAddress.InARow, o.Limits.Password.InARow = 3, 5
	})
	m := h.member(t, "alice")
	try := func(address, password string) error {
		a := attempt("alice")
		a.From.Address, a.Password = address, password
		_, err := h.Logins.Primary(t.Context(), a)
		return err
	}
	for range 3 {
		wantCode(t, try("192.0.2.9", "wrong horse battery"), authcore.CodeUnauthenticated)
	}
	wantCode(t, try("192.0.2.9", password), authcore.CodeUnauthenticated)
	must(t, try("192.0.2.10", password)) // another address is not throttled yet
	wantCode(t, try("2001:db8::1", "wrong horse battery"), authcore.CodeUnauthenticated)
	wantCode(t, try("2001:db8::2", "wrong horse battery"), authcore.CodeUnauthenticated)
	t.Run("from everywhere", func(t *testing.T) {
		wantCode(t, try("192.0.2.11", password), authcore.CodeUnauthenticated)
		wantCode(t, try("198.51.100.1", password), authcore.CodeUnauthenticated)
	})
	t.Run("until the pause is over", func(t *testing.T) {
		h.clock.Turn(5*time.Minute - time.Second)
		wantCode(t, try("192.0.2.11", password), authcore.CodeUnauthenticated)
		h.clock.Turn(time.Second)
		must(t, try("192.0.2.11", password))
		wantCode(t, try("192.0.2.9", password), authcore.CodeUnauthenticated) // that address waits longer
		h.clock.Turn(15 * time.Minute)
		must(t, try("192.0.2.9", password))
	})
	t.Run("LCK-09: the device's tries are untouched", func(t *testing.T) {
		if a := h.attempts(t, m.device.Device.ID); a != (authcore.Attempts{}) {
			t.Errorf("passwords counted against the device: %+v", a)
		}
		h.login(t, m)
	})
	if d := authcore.DefaultLimits(); d.Password.Cap != 0 || d.PasswordAddress.Cap != 0 || d.Device.Cap != 100 || d.Device.InARow != 10 {
		t.Errorf("the default limits are %+v", d)
	}
}

// Law 4: one address alone pauses a name for itself, not for everybody.
func TestOneAddressDoesNotLockTheOthersOut(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.PasswordAddress.InARow, o.Limits.Password.InARow = 2, 4
	})
	h.user(t, "alice")
	a := attempt("alice")
	a.Password = "wrong horse battery"
	for range 8 {
		_, err := h.Logins.Primary(t.Context(), a)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	a.Password, a.From.Address = password, "192.0.2.77"
	_, err := h.Logins.Primary(t.Context(), a)
	must(t, err)
}

// Addresses of one /64 are one caller (LCK-08).
func TestIPv6CallersAreCountedByTheirNetwork(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.PasswordAddress.InARow = 2
	})
	h.user(t, "alice")
	for _, c := range []struct {
		address, password string
		ok                bool
	}{
		{"2001:db8::1", "wrong horse battery", false},
		{"2001:db8::ffff:2%eth0", "wrong horse battery", false},
		{"2001:db8::3", password, false},    // the same /64
		{"2001:db8:0:1::3", password, true}, // another
		{"192.0.2.7", "wrong horse battery", false},
		{"::ffff:192.0.2.7", "wrong horse battery", false},
		{"192.0.2.7", password, false}, // the same, written twice
		{"192.0.2.8", password, true},
	} {
		t.Run(c.address, func(t *testing.T) {
			a := attempt("alice")
			a.From.Address, a.Password = c.address, c.password
			if _, err := h.Logins.Primary(t.Context(), a); (err == nil) != c.ok {
				t.Errorf("error %v, want success %v", err, c.ok)
			}
		})
	}
}
