package authcore_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

const pin = "4711"

// pinned is a user with one device that has a PIN.
func (h *house) pinned(t testing.TB, name string, e authcore.Enrolment) *member {
	t.Helper()
	u := h.user(t, name)
	e.User = name
	return &member{user: u, device: h.register(t, authcore.Operator(), e), verified: h.verified(t, name)}
}

// Law 3, law 5: what is not the PIN and then the code is one wrong try, and uses up
// nothing.
func TestPINStandsBeforeTheCode(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device.InARow = 1000
	})
	for kind, code := range map[authcore.DeviceKind]func(secret []byte) string{
		authcore.KindHOTP: func(secret []byte) string { return authtest.HOTP(t, secret, 0) },
		authcore.KindTOTP: func(secret []byte) string { return authtest.TOTP(t, secret, h.clock.Now()) },
	} {
		t.Run(string(kind), func(t *testing.T) {
			m := h.pinned(t, string(kind), authcore.Enrolment{Kind: kind, PIN: pin})
			id, right := m.device.Device.ID, code(m.device.Secret)
			tries := 0
			before := h.reasons(t, "login.code")["wrong_code"]
			for name, typed := range map[string]string{
				"nothing": "", "the code alone": right, "the PIN alone": pin, "another PIN": "4712" + right, "no PIN in its place": "0000" + right,
				"the PIN behind": right + pin, "the PIN twice": pin + pin + right, "a part of the PIN": pin[1:] + right, "a wrong code": pin + m.wrong(t),
				"a digit more": pin + right + "0", "a digit before": "0" + pin + right, "a digit less": pin + right[:5], "a space": pin + " " + right,
				"a space of theirs": pin + right[:5] + " ", "a line end": pin + right + "\n", "other digits": "４７１１" + right,
			} {
				_, err := h.Logins.Second(t.Context(), m.verified, typed)
				wantCode(t, err, authcore.CodeUnauthenticated)
				tries++
				if a := h.attempts(t, id); a.Total != tries {
					t.Errorf("%s: %d tries are counted, want %d", name, a.Total, tries)
				}
			}
			if d, _, err := h.Devices.Get(t.Context(), authcore.Operator(), id); err != nil || d.LastCounter != -1 || d.Drift != 0 {
				t.Errorf("wrong tries moved it to %d, %d, %v", d.LastCounter, d.Drift, err)
			}
			if n := h.reasons(t, "login.code")["wrong_code"] - before; n != tries {
				t.Errorf("%d wrong codes in the audit, want %d", n, tries)
			}
			l, err := h.Logins.Second(t.Context(), m.verified, pin+right)
			must(t, err)
			h.passes(t, l.Token)
			_, err = h.Logins.Second(t.Context(), m.verified, pin+right)
			wantCode(t, err, authcore.CodeUnauthenticated)
		})
	}
}

// The longest there is: a PIN and a code of eight digits each.
func TestLongestPIN(t *testing.T) {
	h := newCore(t, nil)
	m := h.pinned(t, "alice", authcore.Enrolment{Kind: authcore.KindHOTP, Secret: []byte("12345678901234567890"), Digits: 8, PIN: "00000000"})
	const code = "84755224" // RFC 4226 appendix D, counter 0
	_, err := h.Logins.Second(t.Context(), m.verified, "0000000"+code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Second(t.Context(), m.verified, "00000000"+code)
	must(t, err)
}

// A PIN and a code may look like a backup code: 13 digits from 2 to 7.
func TestPINBesideBackupCodes(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.backups(t, h.login(t, m))
	var secret []byte
	for n := byte(0); secret == nil; n++ {
		if try := bytes.Repeat([]byte{n}, 20); strings.Trim(authtest.HOTP(t, try, 0), "234567") == "" {
			secret = try
		}
	}
	h.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Secret: secret, PIN: "2345672"})
	l, err := h.Logins.Second(t.Context(), m.verified, "2345672"+authtest.HOTP(t, secret, 0))
	must(t, err)
	h.passes(t, l.Token)
}

// OTP-16, CRY-02: a PIN that can't be read verifies nothing: neither the code with
// it, nor the code alone.
func TestUnusablePINsVerifyNothing(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device.InARow = 1000
	})
	alice := h.pinned(t, "alice", authcore.Enrolment{Kind: authcore.KindHOTP, PIN: pin})
	bob := h.pinned(t, "bob", authcore.Enrolment{Kind: authcore.KindHOTP, PIN: "8888"})
	id, code := alice.device.Device.ID, authtest.HOTP(t, alice.device.Secret, 0)
	put := func(value []byte) {
		h.write(t, func(tx authcore.Tx) error {
			d, err := tx.DeviceByID(id)
			must(t, err)
			_, err = tx.ReplaceSealed(authcore.SealedValue{Table: "devices", Column: "pin", Row: id, Sealed: d.PIN}, value)
			return err
		})
	}
	good := h.sealed(t)["devices|pin|"+id]
	damaged := bytes.Clone(good)
	damaged[len(damaged)-1] ^= 1
	for name, c := range map[string]struct {
		value []byte
		pin   string
	}{
		"of another row":       {h.sealed(t)["devices|pin|"+bob.device.Device.ID], "8888"},
		"damaged":              {damaged, pin},
		"cut off":              {good[:20], pin},
		"raw":                  {[]byte(pin), pin},
		"empty, well sealed":   {h.ring.Seal("devices", "pin", id, nil), ""},
		"short, well sealed":   {h.ring.Seal("devices", "pin", id, []byte("1")), "1"},
		"letters, well sealed": {h.ring.Seal("devices", "pin", id, []byte("abcd")), "abcd"},
		"of another column":    {h.ring.Seal("devices", "secret", id, []byte(pin)), pin},
	} {
		t.Run(name, func(t *testing.T) {
			put(c.value)
			for _, typed := range []string{c.pin + code, pin + code, code} {
				_, err := h.Logins.Second(t.Context(), alice.verified, typed)
				wantCode(t, err, authcore.CodeUnauthenticated)
			}
		})
	}
	put(good)
	_, err := h.RotateSeal(t.Context(), authcore.Operator())
	must(t, err)
	_, err = h.Logins.Second(t.Context(), alice.verified, pin+code)
	must(t, err)
}
