package authcore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// OTP-05, OTP-06, TOK-06: what a right login gives, and that its code is spent.
func TestLoginWithTOTP(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d := h.device(t, "alice", authcore.KindTOTP)
	v := h.verified(t, "alice")
	older := authtest.TOTP(t, d.Secret, h.clock.Now().Add(-30*time.Second))
	code := authtest.TOTP(t, d.Secret, h.clock.Now())
	l, err := h.Logins.Second(t.Context(), v, code)
	must(t, err)

	t.Run("the token proves the user, for its audience", func(t *testing.T) {
		p := h.passes(t, l.Token)
		if p.UserID != u.ID || p.Name != "alice" || p.DeviceID != d.Device.ID || p.SessionID != l.Session.ID || p.ClientID != "onlyoffice" {
			t.Errorf("principal %+v", p)
		}
		if !p.OTPTime.Equal(h.clock.Now()) || !p.AuthTime.Equal(h.clock.Now()) || !p.ExpiresAt.Equal(l.ExpiresAt) {
			t.Errorf("times of the principal: %+v, now %s", p, h.clock.Now())
		}
	})
	t.Run("and for no other audience", func(t *testing.T) {
		for _, audience := range []string{"other.example.com", "", "APP.example.com", site + " "} {
			_, err := h.Gatekeeper.Authenticate(t.Context(), l.Token, audience)
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
	})
	t.Run("the same code again is refused", func(t *testing.T) {
		_, err := h.Logins.Second(t.Context(), v, code)
		wantCode(t, err, authcore.CodeUnauthenticated)
	})
	t.Run("an older unused code of the window is refused", func(t *testing.T) {
		_, err := h.Logins.Second(t.Context(), v, older)
		wantCode(t, err, authcore.CodeUnauthenticated)
	})
	t.Run("after the clock was set back too", func(t *testing.T) {
		h.clock.Turn(-time.Hour)
		defer h.clock.Turn(time.Hour)
		_, err := h.Logins.Second(t.Context(), v, code)
		wantCode(t, err, authcore.CodeUnauthenticated)
	})
}

// OTP-07: the look-ahead is bounded, and a counter that was passed is spent.
func TestLoginWithHOTP(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	for _, step := range []struct {
		name    string
		counter int64
		ok      bool
	}{
		{"beyond the look-ahead", 6, false},
		{"the last of the look-ahead", 5, true},
		{"the same again", 5, false},
		{"one that was skipped", 4, false},
		{"the next", 6, true},
	} {
		t.Run(step.name, func(t *testing.T) {
			_, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, m.device.Secret, step.counter))
			if step.ok {
				must(t, err)
			} else {
				wantCode(t, err, authcore.CodeUnauthenticated)
			}
		})
	}
}

// Law 4, OTP-02, OTP-17, DEV-03: what does not make a login.
func TestCodesThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	h.user(t, "nodevice")
	without := h.verified(t, "nodevice")
	for _, c := range []struct {
		name string
		v    *authcore.Verified
		code string
	}{
		{"nobody was verified", nil, alice.code(t)},
		{"a Verified that Primary did not make", &authcore.Verified{}, alice.code(t)},
		{"the code of another user's device", alice.verified, bob.code(t)},
		{"a user without a device", without, alice.code(t)},
		{"an empty code", alice.verified, ""},
		{"a space before it", alice.verified, " " + authtest.HOTP(t, alice.device.Secret, 2)},
		{"a line end after it", alice.verified, authtest.HOTP(t, alice.device.Secret, 2) + "\n"},
		{"a digit more", alice.verified, authtest.HOTP(t, alice.device.Secret, 2) + "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := h.Logins.Second(t.Context(), c.v, c.code)
			wantCode(t, err, authcore.CodeUnauthenticated)
			if l.Token != "" || l.Session.ID != "" {
				t.Errorf("a refusal came with %+v", l)
			}
		})
	}
	// The codes above were right ones of their devices: they are unused still.
	if _, err := h.Logins.Second(t.Context(), bob.verified, authtest.HOTP(t, bob.device.Secret, 0)); err != nil {
		t.Error(err)
	}
}

// DEV-03, law 6: only an active device of a kind that the operator named.
func TestOnlyActiveDevicesOfNamedKindsCount(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	old := h.device(t, "alice", authcore.KindTOTP) // or the pending one could be her first
	_, err := h.Devices.Deactivate(t.Context(), authcore.Operator(), old.Device.ID)
	must(t, err)
	set := func(to authcore.DeviceStatus) {
		h.write(t, func(tx authcore.Tx) error {
			_, err := tx.MoveDevice(m.device.Device.ID, to, "active", "pending", "blocked", "deactivated", "rejected")
			return err
		})
	}
	for _, status := range []authcore.DeviceStatus{"pending", "blocked", "deactivated", "rejected"} {
		t.Run(string(status), func(t *testing.T) {
			set(status)
			_, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, m.device.Secret, 0))
			wantCode(t, err, authcore.CodeUnauthenticated)
		})
	}
	set("active")
	t.Run("a kind that was not named", func(t *testing.T) {
		other := h.again(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindTOTP} })
		_, err := other.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, m.device.Secret, 0))
		wantCode(t, err, authcore.CodeUnauthenticated)
	})
	h.login(t, m) // nothing of this used the code up
}

// Law 2: what was revoked between the password and the code stays revoked.
func TestRevokedBetweenPasswordAndCode(t *testing.T) {
	h := newCore(t, nil)
	for _, c := range []struct {
		name   string
		revoke func(u authcore.User) error
	}{
		{"disabled", func(u authcore.User) error {
			_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), u.ID, true)
			return err
		}},
		{"disabled and enabled", func(u authcore.User) error {
			for _, disabled := range []bool{true, false} {
				if _, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), u.ID, disabled); err != nil {
					return err
				}
			}
			return nil
		}},
		{"removed", func(u authcore.User) error {
			_, err := h.Users.Remove(t.Context(), authcore.Operator(), u.ID)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := h.member(t, strings.ReplaceAll(c.name, " ", "-"))
			must(t, c.revoke(m.user))
			_, err := h.Logins.Second(t.Context(), m.verified, m.code(t))
			wantCode(t, err, authcore.CodeUnauthenticated)
		})
	}
}
