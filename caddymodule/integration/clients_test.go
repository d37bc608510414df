package integration

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// DEV-11: the whole way of a client device. It is asked for, and refused at the door until
// its approver has brought the token back that was mailed to him and a session is on it;
// when it is disabled, what the session has open ends within a second.
func TestWayOfAClientDevice(t *testing.T) { bothStores(t, wayOfAClientDevice) }

func wayOfAClientDevice(t *testing.T, store string) {
	b := openBank(t, store)
	session := b.openSession().token
	b.wantDoor("a session on no device", session, http.StatusForbidden)

	a := newAppDevice()
	b.want(http.StatusAccepted, `"device_status":"pending_2fa_approval"`, http.MethodPost, b.at("device"), a.request(aliceDocument, ""))
	b.want(http.StatusOK, `"status":"not_registered"`, http.MethodGet, a.at(b, ""), "")
	if status, _ := b.bind(session, aliceDocument, a.tfa()); status != http.StatusForbidden {
		t.Errorf("a session is bound to a device that waits: %d", status)
	}
	b.wantDoor("while the device waits", session, http.StatusForbidden)

	b.want(http.StatusBadRequest, `"OBD0000100"`, http.MethodPut, a.at(b, "validate"), tokenBody("wrong1"))
	token := b.mail.token(t, "alice@example.com")
	b.want(http.StatusCreated, `"device_status":"created"`, http.MethodPut, a.at(b, "validate"), tokenBody(token))
	b.want(http.StatusOK, `"status":"registered"`, http.MethodGet, a.at(b, ""), "")
	b.wantDoor("before the session is on the device", session, http.StatusForbidden)

	status, bound := b.bind(session, aliceDocument, a.tfa())
	if status != http.StatusCreated {
		t.Fatalf("a session is not bound to a device that counts: %d", status)
	}
	b.wantDoor("the session before, which was replaced", session, http.StatusUnauthorized)
	b.wantDoor("a session on a device that counts", bound, http.StatusOK)

	stranger := b.another("bob").openSession().token
	if status, _ := b.bind(stranger, aliceDocument, a.tfa()); status != http.StatusNotFound { // the account is none of his
		t.Errorf("somebody else's session is bound to it: %d", status)
	}
	b.wantDoor("somebody else's session", stranger, http.StatusForbidden)

	other := b.openSession().token
	status, other = b.bind(other, aliceDocument, a.tfa())
	if status != http.StatusCreated {
		t.Fatalf("a second session is not bound: %d", status)
	}
	ws, sse := b.socket(bound), b.feed(bound)
	ws.echoes("hello")
	sse.flows(2)
	b.want(http.StatusOK, `"device_status":"disabled"`, http.MethodDelete, a.at(b, "disable"), "")
	b.wantDoor("after it was disabled", bound, http.StatusUnauthorized)
	b.wantDoor("the other session on it", other, http.StatusUnauthorized)
	ws.ends("disabled")
	sse.ends("disabled")
	b.want(http.StatusOK, `"status":"deactivated"`, http.MethodGet, a.at(b, ""), "")
	if status, _ := b.bind(b.openSession().token, aliceDocument, a.tfa()); status != http.StatusForbidden {
		t.Errorf("a session is bound to a device that is disabled: %d", status)
	}
	for _, secret := range []string{token, a.session, session, bound, other} {
		if lines := linesWith(b.log.String(), secret); len(lines) > 0 {
			t.Errorf("the log has a secret: %s", lines[0])
		}
	}
}

// DEV-11: an app that made a key signs what the gateway asks it to, for this session and
// within two minutes; an operator's command blocks the device, and what is open ends.
func TestSessionsAreBoundBySignatures(t *testing.T) { bothStores(t, sessionsAreBoundBySignatures) }

func sessionsAreBoundBySignatures(t *testing.T, store string) {
	b := openBank(t, store)
	for n, name := range []string{"P-256", "Ed25519"} {
		key := appKeys(t)[name]
		w := b.approved(n, publicMember(t, key))
		session, bystander := w.user.openSession().token, w.user.openSession().token
		text := b.challenge(session, w.appDevice)
		for what, tfa := range map[string]string{
			"another text is signed":           w.signs(t, key, text, text+"."),
			"another key signs":                w.signs(t, appKeys(t)[name], text, text),
			"a challenge of another session":   w.signs(t, key, b.challenge(bystander, w.appDevice), ""),
			"a text that nobody has asked for": w.signs(t, key, "nonsense", ""),
		} {
			if status, _ := b.bind(session, w.document, tfa); status != http.StatusForbidden {
				t.Errorf("%s: %s: %d, want 403", name, what, status)
			}
		}
		b.wantDoor("after signatures that are none", session, http.StatusForbidden)
		status, bound := b.bind(session, w.document, w.signs(t, key, text, ""))
		if status != http.StatusCreated {
			t.Fatalf("%s: the signature does not bind: %d", name, status)
		}
		b.wantDoor(name, bound, http.StatusOK)
		if status, _ := b.bind(bound, w.document, w.signs(t, key, text, "")); status != http.StatusForbidden {
			t.Errorf("%s: a signature binds twice: %d", name, status)
		}
		ws := b.socket(bound)
		ws.echoes("hello")
		serial := b.active(w.user.name)
		b.operator.ok("", serial, "device", "block", serial)
		ws.ends("blocked")
		b.wantDoor("after it was blocked", bound, http.StatusUnauthorized)
		b.operator.ok("", serial, "device", "unblock", serial)
		b.wantDoor("after it was unblocked: no session comes back", bound, http.StatusUnauthorized)
		b.wantDoor("a session on no device", bystander, http.StatusForbidden)
	}
}

const aliceName = "alice"

func appKeys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	mustDo(t, err)
	_, ed25519, err := ed25519.GenerateKey(rand.Reader)
	mustDo(t, err)
	return map[string]crypto.Signer{"P-256": p256, "Ed25519": ed25519}
}

// publicMember is what an app adds to its request when it has a key.
func publicMember(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	mustDo(t, err)
	return fmt.Sprintf("\n\t\"public_key\": %q,", base64.StdEncoding.EncodeToString(der))
}

// challenge asks for a text to sign.
func (b *bank) challenge(token string, a appDevice) string {
	b.t.Helper()
	status, text := b.post(b.at("device_challenge"), fmt.Sprintf(`{"device_key":%q}`, a.key), "Authorization", "Bearer "+token)
	var answer struct{ Challenge string }
	if err := json.Unmarshal([]byte(text), &answer); status != http.StatusCreated || err != nil || answer.Challenge == "" {
		b.t.Fatalf("the challenge is %d %s, %v", status, text, err)
	}
	return answer.Challenge
}

// signs shows a challenge with a signature over a text, which is the challenge if it is
// empty: r and s as 64 bytes (RFC 7518 section 3.4), or Ed25519.
func (a appDevice) signs(t *testing.T, key crypto.Signer, challenge, text string) string {
	t.Helper()
	if text == "" {
		text = challenge
	}
	var signature []byte
	if k, ok := key.(*ecdsa.PrivateKey); ok {
		sum := sha256.Sum256([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, k, sum[:])
		mustDo(t, err)
		signature = make([]byte, 64)
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
	} else {
		var err error
		signature, err = key.Sign(rand.Reader, []byte(text), crypto.Hash(0))
		mustDo(t, err)
	}
	return fmt.Sprintf(`"device_key":%q,"challenge":%q,"signature":%q`, a.key, challenge, base64.StdEncoding.EncodeToString(signature))
}

// DEV-03: an account that is blocked binds nothing, and what was bound to its
// devices ends; it does not come back.
func TestBlockedAccountEndsItsSessions(t *testing.T) { bothStores(t, blockedAccountEndsItsSessions) }

func blockedAccountEndsItsSessions(t *testing.T, store string) {
	b := openBank(t, store)
	a := b.approve()
	status, bound := b.bind(b.openSession().token, aliceDocument, a.tfa())
	if status != http.StatusCreated {
		t.Fatalf("the session is not bound: %d", status)
	}
	ws := b.socket(bound)
	ws.echoes("hello")
	b.operator.ok("", "acme", "account", "block", "acme")
	ws.ends("the account is blocked")
	b.wantDoor("the account is blocked", bound, http.StatusUnauthorized)
	if status, _ := b.bind(b.openSession().token, aliceDocument, a.tfa()); status != http.StatusForbidden {
		t.Errorf("a session is bound to a device of an account that is blocked: %d", status)
	}
	b.want(http.StatusBadRequest, `"OBD000088"`, http.MethodPost, b.at("device"), newAppDevice().request(aliceDocument, ""))
	b.operator.ok("", "acme", "account", "unblock", "acme")
	b.wantDoor("the account is unblocked", bound, http.StatusUnauthorized)
	if status, bound = b.bind(b.openSession().token, aliceDocument, a.tfa()); status != http.StatusCreated {
		t.Fatalf("the device of an account that is active again binds nothing: %d", status)
	}
	b.wantDoor("a new session on it", bound, http.StatusOK)
}

// DEV-03: what is revoked at one node is refused at the other within a second, and what is
// open there ends.
func TestClientDeviceOnTwoNodes(t *testing.T) {
	store := "store postgres " + onePostgres(t).Database(t) + "\nseal_key " + strings.Repeat("A", 43) + "="
	b := openBank(t, store)
	other := startBank(t, b.mail, store)
	devices := []appDevice{b.approve(), b.approve()}
	for i, c := range []struct {
		what   string
		revoke func()
	}{
		{"disabled by the integrator", func() {
			b.want(http.StatusOK, "disabled", http.MethodDelete, devices[0].at(b, "disable"), "")
		}},
		{"blocked by an operator", func() {
			b.call("device/block", admin.DeviceRef{Device: b.active(aliceName)}, new(admin.Device))
		}},
	} {
		status, bound := b.bind(b.openSession().token, aliceDocument, devices[i].tfa())
		if status != http.StatusCreated {
			t.Fatalf("the session is not bound: %d", status)
		}
		other.wantDoor("at the other node", bound, http.StatusOK)
		ws, sse := other.socket(bound), other.feed(bound)
		ws.echoes("hello")
		sse.flows(2)
		c.revoke()
		ws.ends(c.what)
		sse.ends(c.what)
		other.wantDoor(c.what, bound, http.StatusUnauthorized)
	}
	jwt := b.signer.sign(http.MethodGet, b.at("device"), "")
	if status, text := b.send(jwt, http.MethodGet, b.at("device"), ""); status != http.StatusOK {
		t.Fatalf("the list is %d %s", status, text)
	}
	there := *b
	there.server = other
	if status, text := there.send(jwt, http.MethodGet, b.at("device"), ""); status != http.StatusUnauthorized {
		t.Errorf("a call that was made at one node is good at the other: %d %s", status, text)
	}
}
