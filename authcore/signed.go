package authcore

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"sync"
	"time"
)

// SignedKnock is a call of an integrator who signs each, before anything of it is believed.
type SignedKnock struct {
	Dialect string
	ID      string // the integrator's, in any case
	From    Origin
	// Verify says whether the call is signed with key. once is what makes the signature
	// this one and no other, until when a copy of the call would pass. It is called for an
	// integrator that is not known too, with a key of P-521 that is nobody's.
	Verify func(key crypto.PublicKey, now time.Time) (once []byte, until time.Time, ok bool)
}

// AdmitSigned says who calls, as Admit does, and takes a signature once: a copy of the call
// is refused as a wrong signature is, on every node, and uses up no call of the minute.
// Which operations he may ask for is asked later, as with Knock.Later.
func (s *Integrators) AdmitSigned(ctx context.Context, k SignedKnock) (Actor, error) {
	id, _ := canonicalID(k.ID) // empty: nobody's
	var i Integrator
	err := s.store.Read(ctx, func(tx Tx) (err error) { i, err = tx.IntegratorByID(id); return err })
	if err != nil && CodeOf(err) != CodeNotFound {
		return Actor{}, err
	}
	answer := Errorf(CodeUnauthenticated, "no integrator signs like this here").because(ReasonIntegrator)
	once, until, reason := k.wrong(i, err == nil, s.now())
	if reason != "" {
		return Actor{}, s.refuseKnock(ctx, Actor{}, i.Tenant, k.From, reason, answer)
	}
	first := false
	err = s.store.Write(ctx, func(tx Tx) (err error) { first, err = tx.ShowOnce(once, until); return err })
	if err != nil {
		return Actor{}, err
	}
	if !first {
		return Actor{}, s.refuseKnock(ctx, Actor{}, i.Tenant, k.From, "replayed", answer)
	}
	return s.actor(i)
}

// wrong says what is, for the audit trail alone, and else what to remember of the signature.
func (k SignedKnock) wrong(i Integrator, known bool, now time.Time) (once []byte, until time.Time, reason string) {
	stored := i.PublicKey
	signs := known && len(stored) > 0
	if !signs {
		stored = nobodysKey()
	}
	key, err := x509.ParsePKIXPublicKey(stored)
	if err != nil { // as an unreadable digest would
		key, signs = nil, false
	}
	once, until, right := k.Verify(key, now)
	// What can't be remembered could be shown again.
	right = right && len(once) > 0 && until.After(now)
	switch {
	case !known:
		return nil, time.Time{}, "unknown_id"
	case !signs || !right:
		return nil, time.Time{}, "wrong_signature"
	case i.Dialect != k.Dialect:
		return nil, time.Time{}, "other_dialect"
	case !i.allows(k.From.Address):
		return nil, time.Time{}, "address"
	}
	return once, until, ""
}

// nobodysKey is a public key whose private key is nowhere, so that a signature costs the
// same whoever it names.
var nobodysKey = sync.OnceValue(func() []byte {
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		panic(err) // neither fails: see crypto/rand.Reader
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	return der
})
