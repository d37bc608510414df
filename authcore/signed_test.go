package authcore_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// signer is an integrator that signs its calls, with its private key.
type signer struct {
	authcore.Integrator
	key   *ecdsa.PrivateKey
	shown string
}

func newKey(t testing.TB) (key *ecdsa.PrivateKey, public []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	must(t, err)
	public, err = x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	return key, public
}

func (h *house) signer(t testing.TB, i authcore.Integrator) signer {
	t.Helper()
	key, public := newKey(t)
	i.Dialect, i.PublicKey = "fake", public
	added, shown, err := h.Integrators.Add(t.Context(), authcore.Operator(), i)
	must(t, err)
	return signer{added, key, shown}
}

// knock is a call of s with a text of its own, and how often it was verified.
func (s signer) knock(t testing.TB, text string) (k authcore.SignedKnock, verified *atomic.Int32) {
	t.Helper()
	digest := sha256.Sum256([]byte(text))
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	must(t, err)
	once := sha256.Sum256(signature)
	verified = new(atomic.Int32)
	return authcore.SignedKnock{
		Dialect: "fake", ID: s.ID, From: authcore.Origin{Address: "192.0.2.1", RequestID: "r1"},
		Verify: func(key crypto.PublicKey, now time.Time) ([]byte, time.Time, bool) {
			verified.Add(1)
			public, ok := key.(*ecdsa.PublicKey)
			return once[:], now.Add(10 * time.Minute), ok && ecdsa.VerifyASN1(public, digest[:], signature)
		},
	}, verified
}

func TestIntegratorWhoSignsIsAdded(t *testing.T) {
	h := newCore(t, nil)
	s := h.signer(t, authcore.Integrator{Name: "acme", Digest: []byte("what nobody may name")})
	if s.shown != s.ID || s.Digest != nil {
		t.Errorf("shown is %q, want the ID %q; digest %q", s.shown, s.ID, s.Digest)
	}
	h.read(t, func(tx authcore.Tx) error {
		kept, err := tx.IntegratorByID(s.ID)
		key, wrong := x509.ParsePKIXPublicKey(kept.PublicKey)
		if wrong != nil || !s.key.PublicKey.Equal(key) || len(kept.Digest) != 0 {
			t.Errorf("kept are the key %v (%v) and the digest %x", key, wrong, kept.Digest)
		}
		return err
	})
	private, err := x509.MarshalPKCS8PrivateKey(s.key)
	must(t, err)
	for what, der := range map[string][]byte{"a private key": private, "a text": []byte("key"), "a key and more": append(s.PublicKey, 0)} {
		_, _, err := h.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: "other", Dialect: "fake", PublicKey: der})
		wantCode(t, err, authcore.CodeInvalid)
		if !strings.Contains(authcore.MessageOf(err), "SubjectPublicKeyInfo") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whoever has no key matches none, whoever has no public key no signature.
func TestKeysAndSignaturesAreNotMixed(t *testing.T) {
	h := newCore(t, nil)
	signs, partner := h.signer(t, authcore.Integrator{Name: "signs"}), h.partner(t, authcore.Integrator{Name: "acme"})
	for _, key := range []string{"", signs.ID, string(signs.PublicKey), strings.Repeat("\x00", sha256.Size)} {
		k := partner.knock
		k.Name, k.Key = "signs", key
		_, err := h.Integrators.Admit(t.Context(), k)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	k, _ := signs.knock(t, "a call")
	k.ID = partner.ID
	k.Verify = func(crypto.PublicKey, time.Time) ([]byte, time.Time, bool) {
		return []byte("1"), h.clock.Now().Add(time.Minute), true
	}
	_, err := h.Integrators.AdmitSigned(t.Context(), k)
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// An integrator is known by its name and by its ID, in any case.
func TestAdmittedByID(t *testing.T) {
	h := newCore(t, nil)
	acme := h.partner(t, authcore.Integrator{Name: "acme"})
	for _, name := range []string{"acme", acme.ID, strings.ToUpper(acme.ID)} {
		k := acme.knock
		k.Name = name
		actor, err := h.Integrators.Admit(t.Context(), k)
		must(t, err)
		if actor.String() != "integrator:acme" {
			t.Errorf("%s is %s", name, actor)
		}
	}
	_, _, err := h.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: strings.ToUpper(uuid.NewString()), Dialect: "fake"})
	wantCode(t, err, authcore.CodeInvalid)
	for _, id := range []string{uuid.NewString(), "{" + acme.ID + "}", "urn:uuid:" + acme.ID, strings.ReplaceAll(acme.ID, "-", "")} {
		k := acme.knock
		k.Name = id
		_, err := h.Integrators.Admit(t.Context(), k)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
}

// spendSigned is spendKnock for a call that is signed, with how often it was verified.
func (h *house) spendSigned(t *testing.T, k authcore.SignedKnock) spent {
	t.Helper()
	h.faults.Reset()
	actor, err := h.Integrators.AdmitSigned(t.Context(), k)
	var e *authcore.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want one of ours", err)
	}
	if actor != (authcore.Actor{}) {
		t.Errorf("a refusal came with the actor %s", actor)
	}
	return spent{e.Code, e.Message + "|" + string(e.Reason), e.RetryAfter, h.faults.Count(), h.faults.Begins(), 0}
}

// Law 12: as of keys, and each signature is verified once, with some key.
func TestSignaturesThatAreRefusedAreAlike(t *testing.T) {
	h := newCore(t, nil)
	acme := h.signer(t, authcore.Integrator{Name: "acme", Allow: prefixes(t, "192.0.2.0/24")})
	other, partner := h.signer(t, authcore.Integrator{Name: "other"}), h.partner(t, authcore.Integrator{Name: "keyed"})
	reasons, want := map[string]int{}, spent{}
	for _, c := range []struct {
		what, reason string
		by           signer
		change       func(*authcore.SignedKnock)
	}{
		{"another's signature", "wrong_signature", other, func(k *authcore.SignedKnock) { k.ID = acme.ID }},
		{"an unknown ID", "unknown_id", acme, func(k *authcore.SignedKnock) { k.ID = uuid.NewString() }},
		{"no ID", "unknown_id", acme, func(k *authcore.SignedKnock) { k.ID = "" }},
		{"a name", "unknown_id", acme, func(k *authcore.SignedKnock) { k.ID = "acme" }},
		{"an ID in braces", "unknown_id", acme, func(k *authcore.SignedKnock) { k.ID = "{" + acme.ID + "}" }},
		{"a mebibyte", "unknown_id", acme, func(k *authcore.SignedKnock) { k.ID = strings.Repeat("\x00\xff", 1<<19) }},
		{"of who has a key", "wrong_signature", acme, func(k *authcore.SignedKnock) { k.ID = partner.ID }},
		{"another dialect", "other_dialect", acme, func(k *authcore.SignedKnock) { k.Dialect = "surepassid" }},
		{"another address", "address", acme, func(k *authcore.SignedKnock) { k.From.Address = "198.51.100.1" }},
		{"no address", "address", acme, func(k *authcore.SignedKnock) { k.From.Address = "" }},
	} {
		t.Run(c.what, func(t *testing.T) {
			h.clock.Turn(time.Minute) // so that each leaves a row
			k, verified := c.by.knock(t, c.what)
			c.change(&k)
			got := h.spendSigned(t, k)
			if want == (spent{}) {
				want = got
			}
			if got != want || verified.Load() != 1 {
				t.Errorf("spent %+v and verified %d times, want %+v and once", got, verified.Load(), want)
			}
			reasons[c.reason]++
			if diff := cmp.Diff(reasons, h.reasons(t, "integrator.refused")); diff != "" {
				t.Errorf("the audit trail has other reasons (-want +got):\n%s", diff)
			}
		})
	}
	if want.code != authcore.CodeUnauthenticated || want.statements != 2 || !strings.HasSuffix(want.message, "|"+string(authcore.ReasonIntegrator)) {
		t.Errorf("each spent %+v: want one statement that reads and one that writes", want)
	}
}

// What a dialect could not say how to remember is no signature: it could be shown again.
func TestSignatureThatCannotBeRememberedIsNone(t *testing.T) {
	h := newCore(t, nil)
	acme := h.signer(t, authcore.Integrator{Name: "acme"})
	for what, verify := range map[string]func(crypto.PublicKey, time.Time) ([]byte, time.Time, bool){
		"nothing": func(_ crypto.PublicKey, now time.Time) ([]byte, time.Time, bool) {
			return nil, now.Add(time.Hour), true
		},
		"for ever": func(crypto.PublicKey, time.Time) ([]byte, time.Time, bool) { return []byte("1"), time.Time{}, true },
		"till now": func(_ crypto.PublicKey, now time.Time) ([]byte, time.Time, bool) { return []byte("2"), now, true },
	} {
		k, _ := acme.knock(t, what)
		k.Verify = verify
		if _, err := h.Integrators.AdmitSigned(t.Context(), k); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A signature counts once, for whoever comes first, on every node; a copy reads like a
// wrong one.
func TestSignatureCountsOnce(t *testing.T) {
	h := newCore(t, nil)
	acme, second := h.signer(t, authcore.Integrator{Name: "acme"}), h.again(t, nil)
	k, _ := acme.knock(t, "a call")
	k.ID = strings.ToUpper(acme.ID)
	var wait sync.WaitGroup
	var in atomic.Int32
	for n := range 8 {
		node := []*house{h, second}[n%2]
		wait.Go(func() {
			actor, err := node.Integrators.AdmitSigned(t.Context(), k)
			switch {
			case err == nil && actor.String() == "integrator:acme":
				in.Add(1)
			case authcore.CodeOf(err) != authcore.CodeUnauthenticated || authcore.ReasonOf(err) != authcore.ReasonIntegrator:
				t.Errorf("a copy gives %s, %v", actor, err)
			}
		})
	}
	wait.Wait()
	if copies := h.reasons(t, "integrator.refused")["replayed"]; in.Load() != 1 || copies != 7 {
		t.Errorf("%d are let in, and %d copies are written down, want 1 and 7", in.Load(), copies)
	}
}

// Who sends copies of a call must not use up the minute of its integrator.
func TestCopiesUseUpNoCall(t *testing.T) {
	h := newCore(t, nil)
	acme := h.signer(t, authcore.Integrator{Name: "acme", Rate: 2})
	k, _ := acme.knock(t, "first")
	_, err := h.Integrators.AdmitSigned(t.Context(), k)
	must(t, err)
	for range 3 {
		_, err := h.Integrators.AdmitSigned(t.Context(), k)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	k, _ = acme.knock(t, "second")
	_, err = h.Integrators.AdmitSigned(t.Context(), k)
	must(t, err)
	k, _ = acme.knock(t, "third")
	_, err = h.Integrators.AdmitSigned(t.Context(), k)
	wantCode(t, err, authcore.CodeThrottled)
	if authcore.ReasonOf(err) != authcore.ReasonRate {
		t.Errorf("one too many gives %v", err)
	}
	h.clock.Turn(time.Minute)
	_, err = h.Integrators.AdmitSigned(t.Context(), k) // it was seen, and throttled
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// Law 1: nobody is admitted by a store that does not answer, or can't remember.
func TestAdmitSignedFailsClosed(t *testing.T) {
	h := newCore(t, nil)
	acme := h.signer(t, authcore.Integrator{Name: "acme"})
	failed := 0
	for n := 1; ; n++ {
		k, _ := acme.knock(t, "call "+strings.Repeat("I", n))
		h.faults.FailNext(n, nil)
		actor, err := h.Integrators.AdmitSigned(t.Context(), k)
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err)
			break
		}
		failed++
		wantCode(t, err, authcore.CodeUnavailable)
		if actor != (authcore.Actor{}) {
			t.Errorf("admitted although call %d failed", n)
		}
	}
	if failed < 2 {
		t.Errorf("only %d calls failed", failed)
	}
}

// What an integrator may ask for is asked when the dialect likes; of a user it is the
// object, and nobody may ask for anything.
func TestMayAsk(t *testing.T) {
	h := newCore(t, nil)
	from := authcore.Origin{Address: "192.0.2.9", RequestID: "r9"}
	limited := h.signer(t, authcore.Integrator{Name: "limited", Operations: []string{"read"}})
	k, _ := limited.knock(t, "a call")
	signs, err := h.Integrators.AdmitSigned(t.Context(), k)
	must(t, err)
	late := h.partner(t, authcore.Integrator{Name: "late", Operations: []string{"read"}}).knock
	late.Operation, late.Later = "", true
	keyed, err := h.Integrators.Admit(t.Context(), late)
	must(t, err)
	all, err := h.Integrators.Admit(t.Context(), h.partner(t, authcore.Integrator{Name: "all"}).knock)
	must(t, err)
	for _, c := range []struct {
		what      string
		actor     authcore.Actor
		operation string
		may       bool
	}{
		{"what is allowed to who signs", signs, "read", true},
		{"what is not", signs, "write", false},
		{"nothing", signs, "", false},
		{"what is allowed to who has a key", keyed, "read", true},
		{"what is not", keyed, "write", false},
		{"anything by who may all", all, "write", true},
		{"anything by a user", h.fresh(h.user(t, "alice")), "write", true},
		{"anything by an operator", authcore.Operator(), "write", true},
		{"anything by nobody", authcore.Actor{}, "read", false},
	} {
		h.clock.Turn(time.Minute)
		rows := h.reasons(t, "integrator.refused")["operation"]
		err := h.Integrators.MayAsk(t.Context(), c.actor, c.operation, from)
		if c.may {
			must(t, err)
			continue
		}
		wantCode(t, err, authcore.CodeForbidden)
		if authcore.ReasonOf(err) != authcore.ReasonOperation || h.reasons(t, "integrator.refused")["operation"] != rows+1 {
			t.Errorf("%s: %v, with the reason %s", c.what, err, authcore.ReasonOf(err))
		}
		h.read(t, func(tx authcore.Tx) error {
			events, err := tx.Events(1)
			if e := events[0]; e.Actor != c.actor.String() || e.Address != "192.0.2.9" || e.RequestID != "r9" {
				t.Errorf("%s: the row is %+v", c.what, e)
			}
			return err
		})
	}
}
