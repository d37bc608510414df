package authcore_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// app is one that was registered with a key of its own.
type app struct {
	key    string // what it calls its device
	device authcore.Device
	sign   func(text string) []byte
}

func es256(t testing.TB, key *ecdsa.PrivateKey) func(string) []byte {
	return func(text string) []byte {
		sum := sha256.Sum256([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		must(t, err)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
}

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	must(t, err)
	return key
}

func (h *house) app(t testing.TB, u authcore.User, account string, public crypto.PublicKey, sign func(string) []byte) app {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	must(t, err)
	a := app{key: uuid.NewString(), sign: sign}
	a.device = h.registered(t, u, authcore.Client{Account: account, Key: a.key, Marks: authcore.Marks{PublicKey: der}})
	return a
}

func (h *house) challenge(t testing.TB, token, account, key string) string {
	t.Helper()
	text, until, err := h.Logins.BindChallenge(t.Context(), authcore.ActingUser(h.passes(t, token)), authcore.DeviceRef{Account: account, Key: key})
	must(t, err)
	if left := until.Sub(h.clock.Now()); left != 2*time.Minute {
		t.Errorf("a challenge is good for %s", left)
	}
	return text
}

// A device proves itself by its key: ES256 or Ed25519, over the text of the challenge.
func TestBindBySignature(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	account := h.bank(t, m.user).ID
	p256 := ecKey(t, elliptic.P256())
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	for name, a := range map[string]app{
		"ES256":   h.app(t, m.user, account, p256.Public(), es256(t, p256)),
		"Ed25519": h.app(t, m.user, account, public, func(text string) []byte { return ed25519.Sign(private, []byte(text)) }),
	} {
		t.Run(name, func(t *testing.T) {
			h.later(t, time.Minute)
			l := h.login(t, m)
			text := h.challenge(t, l.Token, strings.ToUpper(account), strings.ToUpper(a.key))
			h.clock.Turn(2*time.Minute - time.Millisecond)
			h.refresh(t)
			bound, err := h.bind(t, l.Token, authcore.Binding{
				Account: account, Document: document, Key: strings.ToUpper(a.key), Challenge: text, Signature: a.sign(text),
			})
			must(t, err)
			if p := h.passes(t, bound.Token); p.ClientDevice != a.device.ID {
				t.Errorf("bound to %q", p.ClientDevice)
			}
		})
	}
}

// Another key, another form, another text, another session, site or device, or too late:
// none of them binds, and each leaves its cause.
func TestSignaturesThatBindNothing(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.OneLogin = true })
	m, other := h.browser(t, "alice"), h.member(t, "bob")
	account := h.bank(t, m.user).ID
	key, wrong, p384 := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256()), ecKey(t, elliptic.P384())
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	a := h.app(t, m.user, account, key.Public(), es256(t, key))
	second := h.app(t, m.user, account, key.Public(), a.sign)
	third := h.app(t, m.user, account, p384.Public(), nil)
	fourth := h.app(t, m.user, account, rsaKey.Public(), nil)
	his := h.app(t, other.user, account, key.Public(), a.sign)
	l, another := h.login(t, m), h.login(t, m)
	elsewhere, err := h.Gatekeeper.Carry(t.Context(), h.passes(t, l.Token), "b")
	must(t, err)
	there, err := h.Gatekeeper.Authenticate(t.Context(), elsewhere, "b")
	must(t, err)
	sum := func(text string) []byte { s := sha256.Sum256([]byte(text)); return s[:] }
	for _, c := range []struct {
		name, reason string
		binding      func(text string) authcore.Binding
	}{
		{"another key", "signature", func(text string) authcore.Binding {
			return authcore.Binding{Key: a.key, Challenge: text, Signature: es256(t, wrong)(text)}
		}},
		{"DER", "signature", func(text string) authcore.Binding {
			der, err := ecdsa.SignASN1(rand.Reader, key, sum(text))
			must(t, err)
			return authcore.Binding{Key: a.key, Challenge: text, Signature: der}
		}},
		{"a byte more", "signature", func(text string) authcore.Binding {
			return authcore.Binding{Key: a.key, Challenge: text, Signature: append(a.sign(text), 0)}
		}},
		{"a byte alone", "signature", func(text string) authcore.Binding {
			return authcore.Binding{Key: a.key, Challenge: text, Signature: []byte{1}}
		}},
		{"zeros", "signature", func(text string) authcore.Binding {
			return authcore.Binding{Key: a.key, Challenge: text, Signature: make([]byte, 64)}
		}},
		{"over another text", "signature", func(text string) authcore.Binding {
			return authcore.Binding{Key: a.key, Challenge: text, Signature: a.sign(text + "x")}
		}},
		{"P-384", "signature", func(string) authcore.Binding {
			text := h.challenge(t, l.Token, account, third.key)
			r, s, err := ecdsa.Sign(rand.Reader, p384, sum(text))
			must(t, err)
			return authcore.Binding{Key: third.key, Challenge: text, Signature: append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...)}
		}},
		{"RSA", "signature", func(string) authcore.Binding {
			text := h.challenge(t, l.Token, account, fourth.key)
			signature, err := rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, sum(text))
			must(t, err)
			return authcore.Binding{Key: fourth.key, Challenge: text, Signature: signature}
		}},
		{"no challenge", "challenge", func(string) authcore.Binding {
			return authcore.Binding{Key: a.key, Signature: a.sign("")}
		}},
		{"a text of its own", "challenge", func(string) authcore.Binding {
			return authcore.Binding{Key: a.key, Challenge: "bXkgb3du", Signature: a.sign("bXkgb3du")}
		}},
		{"the challenge cut short", "challenge", func(text string) authcore.Binding {
			return authcore.Binding{Key: a.key, Challenge: text[:len(text)-2], Signature: a.sign(text[:len(text)-2])}
		}},
		{"one of another session", "challenge", func(string) authcore.Binding {
			text := h.challenge(t, another.Token, account, a.key)
			return authcore.Binding{Key: a.key, Challenge: text, Signature: a.sign(text)}
		}},
		{"one of the same session at another site", "challenge", func(string) authcore.Binding {
			text, _, err := h.Logins.BindChallenge(t.Context(), authcore.ActingUser(there), authcore.DeviceRef{Account: account, Key: a.key})
			must(t, err)
			return authcore.Binding{Key: a.key, Challenge: text, Signature: a.sign(text)}
		}},
		{"one of another device", "challenge", func(string) authcore.Binding {
			text := h.challenge(t, l.Token, account, second.key)
			return authcore.Binding{Key: a.key, Challenge: text, Signature: a.sign(text)}
		}},
		{"too late", "challenge", func(text string) authcore.Binding {
			h.later(t, 2*time.Minute)
			return authcore.Binding{Key: a.key, Challenge: text, Signature: a.sign(text)}
		}},
		{"another's device", "unknown_device", func(text string) authcore.Binding {
			return authcore.Binding{Key: his.key, Challenge: text, Signature: a.sign(text)}
		}},
		{"a device that is not there", "unknown_device", func(text string) authcore.Binding {
			return authcore.Binding{Key: uuid.NewString(), Challenge: text, Signature: a.sign(text)}
		}},
		{"a device without a name", "unknown_device", func(text string) authcore.Binding {
			return authcore.Binding{Challenge: text, Signature: a.sign(text)}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.later(t, 7*time.Second)
			before := h.reasons(t, "client.bind")
			b := c.binding(h.challenge(t, l.Token, account, a.key))
			b.Account, b.Document = account, document
			_, err := h.bind(t, l.Token, b)
			wantCode(t, err, authcore.CodeForbidden)
			if after := h.reasons(t, "client.bind"); after[c.reason] != before[c.reason]+1 || after[""] != 0 {
				t.Errorf("in the audit trail: %v, before it %v", after, before)
			}
		})
	}
	text := h.challenge(t, l.Token, account, a.key)
	b := authcore.Binding{Account: account, Document: document, Key: a.key, Challenge: text, Signature: a.sign(text)}
	bound, err := h.bind(t, l.Token, b)
	must(t, err) // or the refusals would show nothing
	_, err = h.bind(t, bound.Token, b)
	wantCode(t, err, authcore.CodeForbidden) // a challenge goes with its session: nobody signs twice with one
}

// A challenge is for a device of his own that counts and has a key.
func TestWhoGetsAChallenge(t *testing.T) {
	h := newCore(t, nil)
	m, other := h.member(t, "alice"), h.member(t, "bob")
	account := h.bank(t, m.user).ID
	key := ecKey(t, elliptic.P256())
	his, blocked := h.app(t, other.user, account, key.Public(), nil), h.app(t, m.user, account, key.Public(), nil)
	_, err := h.Devices.Block(t.Context(), authcore.Operator(), blocked.device.ID)
	must(t, err)
	bare := uuid.NewString()
	h.registered(t, m.user, authcore.Client{Account: account, Key: bare})
	me := authcore.ActingUser(h.passes(t, h.login(t, m).Token))
	for name, ref := range map[string]authcore.DeviceRef{
		"another's": {Account: account, Key: his.key}, "blocked": {Account: account, Key: blocked.key}, "without a key": {Account: account, Key: bare},
		"none": {Account: account, Key: uuid.NewString()}, "no account": {Key: bare}, "nothing": {},
	} {
		text, _, err := h.Logins.BindChallenge(t.Context(), me, ref)
		if text != "" || authcore.CodeOf(err) != authcore.CodeForbidden || authcore.ReasonOf(err) != authcore.ReasonClientDevice {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}
