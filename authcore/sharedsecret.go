package authcore

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// SharedKnock is a call of an integrator who signs each with a secret that we know too, before
// anything of it is believed.
type SharedKnock struct {
	Dialect string
	// Token is an app token (see Token). Empty: Name names the integrator, and a person's token
	// beside it says who acts. With both they must name the same.
	Token    string
	Name     string // name or ID
	Audience string // of the site
	From     Origin
	// Verify says whether the call is signed with secret, in constant time. once is what makes
	// the call this one, among those of its integrator, until when a copy of it would pass;
	// empty: it may be repeated. It is called for an integrator that is not known too, with a
	// secret that is nobody's. Nil: no call is signed.
	Verify func(secret []byte, now time.Time) (once []byte, until time.Time, ok bool)
	// Unsigned says that the name alone is shown, which is no secret: there is no Token and no
	// Verify. Whoever knows the name may call so, and the actor may do nothing; each address has the integrator's rate for
	// itself, and what the integrator signs is not counted against it.
	Unsigned bool
}

// AdmitShared says who calls. With Token the actor may do what the token's scope and the
// integrator's operations both have; one that was removed is nobody, whatever his token says.
// The errors are those of AdmitSigned. An empty Name is the only integrator of the dialect
// that there is in the default tenant; CodeUnauthenticated when there are none or several.
func (s *Integrators) AdmitShared(ctx context.Context, k SharedKnock) (Actor, error) {
	id, scope, reason, err := s.readToken(k)
	if err != nil {
		return Actor{}, err
	}
	var i Integrator
	err = s.store.Read(ctx, func(tx Tx) (err error) { i, err = k.integrator(tx, id); return err })
	if err != nil && CodeOf(err) != CodeNotFound {
		return Actor{}, err
	}
	answer := Errorf(CodeUnauthenticated, "no integrator signs like this here").because(ReasonIntegrator)
	once, until, wrong := s.wrongShared(k, i, err == nil)
	if reason == "" {
		reason = wrong
	}
	operations, some := narrowed(i.Operations, scope)
	if reason == "" && !some {
		reason = "scope"
	}
	if reason == "" && len(once) > 0 {
		first := false
		err = s.store.Write(ctx, func(tx Tx) (err error) {
			first, err = tx.ShowOnce(tokenDigest(i.ID+"|"+string(once)), until)
			return err
		})
		if err != nil {
			return Actor{}, err
		}
		if !first {
			reason = "replayed"
		}
	}
	if reason != "" {
		return Actor{}, s.refuseKnock(ctx, Actor{}, i.Tenant, k.From, reason, answer)
	}
	i.Operations = operations
	if k.Unsigned {
		return s.unsignedActor(i, k.From)
	}
	return s.actor(i)
}

// unsignedActor tells of which tenant i is, if this address has not called in its name too
// often. It may do nothing: a name that everybody knows proves nobody.
func (s *Integrators) unsignedActor(i Integrator, from Origin) (Actor, error) {
	wait := s.live.unsigned.take(i.ID+"|"+addressKey(from.Address), max(1, i.Rate), s.now())
	a, err := s.admitted(i, wait)
	a.operations = nil
	return a, err
}

// verify says whether the call is signed, or needs no signature.
func (k SharedKnock) verify(secret []byte, now time.Time) (once []byte, until time.Time, right bool) {
	if k.Unsigned || k.Verify == nil {
		return nil, time.Time{}, k.Unsigned && k.Verify == nil && k.Token == ""
	}
	return k.Verify(secret, now)
}

// integrator finds whom k names: id is that of its token.
func (k SharedKnock) integrator(tx Tx, id string) (Integrator, error) {
	switch {
	case k.Token != "":
		return tx.IntegratorByID(id)
	case k.Name != "":
		return namedIntegrator(tx, k.Name)
	}
	list, err := tx.Integrators()
	if err != nil {
		return Integrator{}, err
	}
	var found []Integrator
	for _, i := range list {
		if i.Dialect == k.Dialect && i.Tenant == DefaultTenant {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return Integrator{}, notFound("integrator")
	}
	return found[0], nil
}

// wrongShared says what is, for the audit trail alone, and else what to remember of the call.
func (s *Integrators) wrongShared(k SharedKnock, i Integrator, known bool) (once []byte, until time.Time, reason string) {
	now := s.now()
	secret, shares := s.secretOf(i)
	once, until, right := k.verify(secret, now)
	// What can't be remembered could be shown again.
	right = right && (len(once) == 0 || until.After(now))
	id, isID := canonicalID(k.Name)
	switch {
	case !known:
		return nil, time.Time{}, "unknown_name"
	case !shares || !right:
		return nil, time.Time{}, "wrong_signature"
	case i.Dialect != k.Dialect:
		return nil, time.Time{}, "other_dialect"
	case k.Token != "" && k.Name != "" && k.Name != i.Name && (!isID || id != i.ID):
		return nil, time.Time{}, "other_name"
	case !i.allows(k.From.Address):
		return nil, time.Time{}, "address"
	}
	return once, until, ""
}

// secretOf is the secret of who shares one, and nobody's for all others: both cost the same.
// What can't be unsealed verifies nothing.
func (s *Integrators) secretOf(i Integrator) (secret []byte, shares bool) {
	if len(i.Sealed) == 0 {
		s.ring.Seal("integrators", "secret", i.ID, nobodysSecret())
		return nobodysSecret(), false
	}
	secret, err := s.ring.Open("integrators", "secret", i.ID, i.Sealed)
	if err != nil || len(secret) == 0 {
		s.log.Error("an integrator's secret can't be used: it verifies nothing", "integrator", i.Name, "error", err)
		return nobodysSecret(), false
	}
	return secret, true
}

// nobodysSecret is as long as one that Add makes, and is known to nobody.
var nobodysSecret = sync.OnceValue(func() []byte { return []byte(rand.Text()) })
