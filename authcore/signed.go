package authcore

import (
	"context"
	"crypto"
	"time"
)

// SignedKnock is a call of an integrator who signs each, before anything of it is believed.
type SignedKnock struct {
	Dialect string
	ID      string // the integrator's
	From    Origin
	// Verify says whether the call is signed with key. once is what makes the signature
	// this one and no other, until when a copy of the call would pass. It is called for an
	// integrator that is not known too, with a key that is nobody's.
	Verify func(key crypto.PublicKey, now time.Time) (once []byte, until time.Time, ok bool)
}

// AdmitSigned says who calls, as Admit does, and takes a signature once. Which operations
// he may ask for is asked later: see MayAsk.
func (s *Integrators) AdmitSigned(ctx context.Context, k SignedKnock) (Actor, error) {
	return Actor{}, errNotBuilt
}
