package authcore

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"slices"
	"time"
)

// Knock is a call of an integrator, before anything of it is believed.
type Knock struct {
	Dialect   string
	Name, Key string // the name, or the ID in any case
	// Operation is what it asks for, in the dialect's words.
	Operation string
	// Later says that Admit does not ask MayAsk: the service that is called does so in its
	// own order, as Approvals does.
	Later bool
	From  Origin
}

// Admit says who calls. Whatever is wrong, the name, the key, the dialect or the
// address, it costs and answers the same: CodeUnauthenticated with ReasonIntegrator;
// what it was is in the audit trail. Who is known gets CodeThrottled with ReasonRate,
// or CodeForbidden with ReasonOperation.
func (s *Integrators) Admit(ctx context.Context, k Knock) (Actor, error) {
	_, actor, err := s.admit(ctx, k)
	if err != nil || k.Later {
		return actor, err
	}
	if err := s.MayAsk(ctx, actor, k.Operation, k.From); err != nil {
		return Actor{}, err
	}
	return actor, nil
}

// admit is Admit, but for what is asked for.
func (s *Integrators) admit(ctx context.Context, k Knock) (i Integrator, a Actor, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) { i, err = namedIntegrator(tx, k.Name); return err })
	if err != nil && CodeOf(err) != CodeNotFound {
		return i, a, err
	}
	known := err == nil
	if secret, shares := s.secretOf(i); shares { // who shows it is who signs with it
		i.Digest = tokenDigest(string(secret))
	}
	if reason := k.wrong(i, known); reason != "" {
		answer := Errorf(CodeUnauthenticated, "no integrator has this name and key here").because(ReasonIntegrator)
		return i, a, s.refuseKnock(ctx, Actor{}, i.Tenant, k.From, reason, answer)
	}
	a, err = s.actor(i)
	return i, a, err
}

// namedIntegrator finds one by its name, or its ID in any case.
func namedIntegrator(tx Tx, name string) (Integrator, error) {
	if id, isID := canonicalID(name); isID {
		return tx.IntegratorByID(id)
	}
	if checkIntegratorName(name) != nil {
		name = "" // nobody's: some databases take no text as it comes
	}
	return tx.IntegratorByName(name)
}

// actor gives who i is, if it has not made too many calls.
func (s *Integrators) actor(i Integrator) (Actor, error) {
	return s.admitted(i, s.live.calls.take(i.ID, max(1, i.Rate), s.now()))
}

// admitted gives who i is, unless it must wait.
func (s *Integrators) admitted(i Integrator, wait time.Duration) (Actor, error) {
	if wait > 0 {
		e := Errorf(CodeThrottled, "integrator %s may make %d calls a minute: try again later", i.Name, i.Rate).because(ReasonRate)
		e.RetryAfter = wait
		return Actor{}, e
	}
	return Actor{kind: actorIntegrator, tenant: i.Tenant, integrator: i.Name, dialect: i.Dialect, operations: &i.Operations}, nil
}

// MayAsk says whether actor may ask for an operation of its dialect: CodeForbidden with
// ReasonOperation, in the audit trail. A user is held against the object.
func (s *Integrators) MayAsk(ctx context.Context, actor Actor, operation string, from Origin) error {
	if actor.mayAsk(operation) {
		return nil
	}
	answer := Errorf(CodeForbidden, "integrator %s may not ask for this operation", actor.integrator).because(ReasonOperation)
	return s.refuseKnock(ctx, actor, actor.tenant, from, "operation", answer)
}

// wrong says what is, for the audit trail alone. A key is compared with nothing in
// the same time as with a digest. Who signs has no key.
func (k Knock) wrong(i Integrator, known bool) string {
	digest, has := i.Digest, known && len(i.Digest) > 0
	if !has {
		digest = make([]byte, sha256.Size)
	}
	right := subtle.ConstantTimeCompare(tokenDigest(k.Key), digest) == 1 && has
	switch {
	case !known:
		return "unknown_name"
	case !right:
		return "wrong_key"
	case i.Dialect != k.Dialect:
		return "other_dialect"
	case !i.allows(k.From.Address):
		return "address"
	}
	return ""
}

// allows says whether i may call from an address. One that can't be read is
// nowhere.
func (i Integrator) allows(address string) bool {
	if len(i.Allow) == 0 {
		return true
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(i.Allow, func(p netip.Prefix) bool { return p.Contains(a) })
}

// How many refusals leave a row in the audit trail, in a minute: whoever knocks
// without a key must not fill it. The others leave a line in the log.
const (
	refusalsAddress = 10 // from one address
	refusalsNode    = 60 // on this node
)

// fillsAudit says whether a refusal is one of too many for the audit trail. The bucket of all
// stands among those that no caller can fill.
func (c *Core) fillsAudit(from Origin) bool {
	now := c.now()
	return c.live.refusals.take(addressKey(from.Address), refusalsAddress, now) > 0 || c.live.calls.take("refusals", refusalsNode, now) > 0
}

// refuseKnock notes a refusal and gives the answer.
func (s *Integrators) refuseKnock(ctx context.Context, actor Actor, tenant string, from Origin, reason string, answer *Error) error {
	if s.fillsAudit(from) {
		s.log.Warn("a call of an integrator is refused, one of too many for the audit trail", "reason", reason,
			"actor", actor.String(), "address", from.Address, "request_id", from.RequestID)
		return answer
	}
	err := s.write(ctx, func(tx *journal) error {
		return s.record(tx, Event{
			Actor: actor.String(), Action: "integrator.refused", Outcome: OutcomeRefused, Reason: reason, Tenant: tenant,
			Address: from.Address, RequestID: from.RequestID,
		})
	})
	if err != nil {
		return err
	}
	return answer
}
