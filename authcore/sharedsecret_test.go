package authcore_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
)

// sharer is an integrator that shares a secret with us.
type sharer struct {
	authcore.Integrator
	secret string
}

func (h *house) sharer(t testing.TB, i authcore.Integrator) sharer {
	t.Helper()
	i.Dialect, i.Shares = "fake", true
	added, secret, err := h.Integrators.Add(t.Context(), authcore.Operator(), i)
	must(t, err)
	return sharer{added, secret}
}

// signed is the HMAC of a text.
func signed(secret []byte, text string) []byte {
	sum := hmac.New(sha256.New, secret)
	sum.Write([]byte(text))
	return sum.Sum(nil)
}

// call is one that s signs, by his name, and how often it was verified.
func (s sharer) call(text string) (k authcore.SharedKnock, verified *atomic.Int32) {
	signature := signed([]byte(s.secret), text)
	verified = new(atomic.Int32)
	return authcore.SharedKnock{
		Dialect: "fake", Name: s.Name, Audience: site, From: authcore.Origin{Address: "192.0.2.1", RequestID: "r1"},
		Verify: func(secret []byte, _ time.Time) ([]byte, time.Time, bool) {
			verified.Add(1)
			return nil, time.Time{}, hmac.Equal(signed(secret, text), signature)
		},
	}, verified
}

// token is an app token of s.
func (h *house) appToken(t testing.TB, s sharer, scope ...string) authcore.AppToken {
	t.Helper()
	k := authcore.Knock{Dialect: "fake", Name: s.Name, Key: s.secret, From: authcore.Origin{Address: "192.0.2.1"}}
	token, err := h.Integrators.Token(t.Context(), k, site, scope)
	must(t, err)
	return token
}

// The secret is shown once, and lies sealed in the store: not its digest, and no list has it.
func TestSharedSecretIsSealed(t *testing.T) {
	h := newCore(t, nil)
	acme := h.sharer(t, authcore.Integrator{Name: "acme"})
	if len(acme.secret) != 26 || !acme.Shares || acme.Sealed != nil || acme.Digest != nil {
		t.Errorf("added is %+v with the secret %q", acme.Integrator, acme.secret)
	}
	var kept authcore.Integrator
	h.read(t, func(tx authcore.Tx) (err error) { kept, err = tx.IntegratorByID(acme.ID); return err })
	plain, err := h.ring.Open("integrators", "secret", acme.ID, kept.Sealed)
	must(t, err)
	if string(plain) != acme.secret || len(kept.Digest) != 0 {
		t.Errorf("sealed is %q, and the digest is %x", plain, kept.Digest)
	}
	list, err := h.Integrators.List(t.Context(), authcore.Operator())
	must(t, err)
	removed, err := h.Integrators.Remove(t.Context(), authcore.Operator(), "acme")
	must(t, err)
	for _, i := range append(list, removed) {
		if !i.Shares || i.Sealed != nil {
			t.Errorf("shown is %+v", i)
		}
	}
	_, public := newKey(t)
	_, _, err = h.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: "both", Dialect: "fake", Shares: true, PublicKey: public})
	wantCode(t, err, authcore.CodeInvalid)
}

// CRY: rotating the seal key seals it anew, and it signs as before.
func TestSharedSecretIsSealedAnew(t *testing.T) {
	h := newCore(t, nil)
	acme := h.sharer(t, authcore.Integrator{Name: "acme"})
	next := seal.NewKey()
	both, err := seal.NewRing(next, h.sealKey)
	must(t, err)
	node := h.again(t, func(o *authcore.Options) { o.Ring = both })
	_, err = node.RotateSeal(t.Context(), authcore.Operator())
	must(t, err)
	alone, err := seal.NewRing(next)
	must(t, err)
	node = h.again(t, func(o *authcore.Options) { o.Ring = alone })
	k, _ := acme.call("a call")
	_, err = node.Integrators.AdmitShared(t.Context(), k)
	must(t, err)
	_, err = h.Integrators.AdmitShared(t.Context(), k) // it can't be unsealed here any more
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// Who calls is known by name, by ID, by his token, or because he is the only one.
func TestSharersAreAdmitted(t *testing.T) {
	h := newCore(t, nil)
	h.sharer(t, authcore.Integrator{Name: "elsewhere", Tenant: "hr"}) // is not asked for by no name
	acme := h.sharer(t, authcore.Integrator{Name: "acme"})
	token := h.appToken(t, acme).Token
	for what, c := range map[string]struct{ name, token string }{
		"by name": {"acme", ""}, "by ID": {strings.ToUpper(acme.ID), ""}, "the only one": {"", ""},
		"by token": {"", token}, "by both": {"acme", token}, "by token and ID": {acme.ID, token},
	} {
		k, _ := acme.call(what)
		k.Name, k.Token = c.name, c.token
		actor, err := h.Integrators.AdmitShared(t.Context(), k)
		if err != nil || actor.String() != "integrator:acme" {
			t.Errorf("%s: %s, %v", what, actor, err)
		}
	}
	h.sharer(t, authcore.Integrator{Name: "second"})
	k, _ := acme.call("one of two")
	k.Name = ""
	_, err := h.Integrators.AdmitShared(t.Context(), k)
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// spendShared is spendSigned for a secret that is shared.
func (h *house) spendShared(t *testing.T, k authcore.SharedKnock) spent {
	t.Helper()
	h.faults.Reset()
	actor, err := h.Integrators.AdmitShared(t.Context(), k)
	var e *authcore.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want one of ours", err)
	}
	if actor != (authcore.Actor{}) {
		t.Errorf("a refusal came with the actor %s", actor)
	}
	return spent{e.Code, e.Message + "|" + string(e.Reason), e.RetryAfter, h.faults.Count(), h.faults.Begins(), 0}
}

// Law 12: whatever is wrong, it costs and answers the same, and a secret is asked once.
func TestSharersThatAreRefusedAreAlike(t *testing.T) {
	h := newCore(t, nil)
	acme := h.sharer(t, authcore.Integrator{Name: "acme", Allow: prefixes(t, "192.0.2.0/24")})
	other, partner := h.sharer(t, authcore.Integrator{Name: "other"}), h.partner(t, authcore.Integrator{Name: "keyed"})
	tokens := h.appToken(t, acme).Token
	gone := h.sharer(t, authcore.Integrator{Name: "gone"})
	goneToken := h.appToken(t, gone).Token
	_, err := h.Integrators.Remove(t.Context(), authcore.Operator(), "gone")
	must(t, err)
	reasons, want := map[string]int{}, spent{}
	for _, c := range []struct {
		what, reason string
		by           sharer
		change       func(*authcore.SharedKnock)
	}{
		{"another's signature", "wrong_signature", other, func(k *authcore.SharedKnock) { k.Name = "acme" }},
		{"of who has a key", "wrong_signature", acme, func(k *authcore.SharedKnock) { k.Name = partner.Name }},
		{"a signature of nothing for who has a key", "wrong_signature", sharer{acme.Integrator, ""}, func(k *authcore.SharedKnock) { k.Name = partner.Name }},
		{"a signature of nothing", "wrong_signature", sharer{acme.Integrator, ""}, func(*authcore.SharedKnock) {}},
		{"an unknown name", "unknown_name", acme, func(k *authcore.SharedKnock) { k.Name = "nobody" }},
		{"an unknown ID", "unknown_name", acme, func(k *authcore.SharedKnock) { k.Name = uuid.NewString() }},
		{"a mebibyte", "unknown_name", acme, func(k *authcore.SharedKnock) { k.Name = strings.Repeat("\x00\xff", 1<<19) }},
		{"no name, of several", "unknown_name", acme, func(k *authcore.SharedKnock) { k.Name = "" }},
		{"a token that is none", "token", acme, func(k *authcore.SharedKnock) { k.Token = "e30.e30.e30" }},
		{"who was removed, by his token", "unknown_name", gone, func(k *authcore.SharedKnock) { k.Token = goneToken }},
		{"a token for another site", "token", acme, func(k *authcore.SharedKnock) { k.Token, k.Audience = tokens, "other.example.com" }},
		{"a token beside another name", "other_name", acme, func(k *authcore.SharedKnock) { k.Token, k.Name = tokens, "other" }},
		{"another's signature beside a token", "wrong_signature", other, func(k *authcore.SharedKnock) { k.Token, k.Name = tokens, "" }},
		{"another dialect", "other_dialect", acme, func(k *authcore.SharedKnock) { k.Dialect = "surepassid" }},
		{"a token for another dialect", "token", acme, func(k *authcore.SharedKnock) { k.Token, k.Dialect = tokens, "surepassid" }},
		{"another address", "address", acme, func(k *authcore.SharedKnock) { k.From.Address = "198.51.100.1" }},
	} {
		t.Run(c.what, func(t *testing.T) {
			h.clock.Turn(time.Minute) // so that each leaves a row
			h.refresh(t)
			k, verified := c.by.call(c.what)
			c.change(&k)
			got := h.spendShared(t, k)
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

// A call with something that makes it this one is good once, on every node; the same of
// another integrator is another call. One without may be repeated.
func TestSharedCallCountsOnce(t *testing.T) {
	h := newCore(t, nil)
	acme, other, second := h.sharer(t, authcore.Integrator{Name: "acme"}), h.sharer(t, authcore.Integrator{Name: "other"}), h.again(t, nil)
	with := func(s sharer, once string, until time.Time) authcore.SharedKnock {
		k, _ := s.call(once)
		verify := k.Verify
		k.Verify = func(secret []byte, now time.Time) ([]byte, time.Time, bool) {
			_, _, ok := verify(secret, now)
			return []byte(once), until, ok
		}
		return k
	}
	k := with(acme, "nonce", h.clock.Now().Add(time.Minute))
	var wait sync.WaitGroup
	var in atomic.Int32
	for n := range 8 {
		node := []*house{h, second}[n%2]
		wait.Go(func() {
			if _, err := node.Integrators.AdmitShared(t.Context(), k); err == nil {
				in.Add(1)
			} else if authcore.CodeOf(err) != authcore.CodeUnauthenticated || authcore.ReasonOf(err) != authcore.ReasonIntegrator {
				t.Errorf("a copy gives %v", err)
			}
		})
	}
	wait.Wait()
	if copies := h.reasons(t, "integrator.refused")["replayed"]; in.Load() != 1 || copies != 7 {
		t.Errorf("%d are let in, and %d copies are written down, want 1 and 7", in.Load(), copies)
	}
	_, err := h.Integrators.AdmitShared(t.Context(), with(other, "nonce", h.clock.Now().Add(time.Minute)))
	must(t, err)
	_, err = h.Integrators.AdmitShared(t.Context(), with(acme, "late", h.clock.Now())) // it could be shown again
	wantCode(t, err, authcore.CodeUnauthenticated)
	plain, _ := acme.call("plain")
	for range 2 {
		_, err := h.Integrators.AdmitShared(t.Context(), plain)
		must(t, err)
	}
}

// Law 1: nobody is admitted, and no token made, by a store that does not answer.
func TestAdmitSharedFailsClosed(t *testing.T) {
	h := newCore(t, nil)
	acme := h.sharer(t, authcore.Integrator{Name: "acme"})
	failed := 0
	for n := 1; ; n++ {
		k, _ := acme.call("call")
		k.Verify = func([]byte, time.Time) ([]byte, time.Time, bool) {
			return bytes.Repeat([]byte("I"), n), h.clock.Now().Add(time.Minute), true
		}
		h.faults.FailNext(n, nil)
		actor, err := h.Integrators.AdmitShared(t.Context(), k)
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
	if failed < 4 {
		t.Errorf("only %d calls failed", failed)
	}
}
