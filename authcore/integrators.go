package authcore

import (
	"context"
	"crypto/rand"

	"github.com/google/uuid"
)

// Integrators looks after the API clients of dialects.
type Integrators struct{ *Core }

// Add makes an integrator of name, dialect, tenant, public key, Shares, operations,
// addresses and rate of i, of which only the first two must be given, and shows its key
// this once. With a public key there is none: the key that is shown is its ID, which is no
// secret. With Shares the key is the secret that it signs with, its text as it stands.
// CodeConflict when the name is taken. Which dialects, operations and kinds of public
// keys there are, the core does not know.
func (s *Integrators) Add(ctx context.Context, actor Actor, i Integrator) (added Integrator, key string, err error) {
	if err := actor.operates(); err != nil {
		return Integrator{}, "", err
	}
	if i, err = i.checked(); err != nil {
		return Integrator{}, "", err
	}
	i.ID, i.CreatedAt = uuid.NewString(), s.now()
	i.Digest, i.Sealed, key = nil, nil, rand.Text()
	switch {
	case i.Shares:
		i.Sealed = s.ring.Seal("integrators", "secret", i.ID, []byte(key))
	case len(i.PublicKey) > 0:
		key = i.ID
	default:
		i.Digest = tokenDigest(key)
	}
	err = s.write(ctx, func(tx *journal) error {
		if err := tx.CreateIntegrator(i); err != nil {
			return err
		}
		return s.record(tx, integratorEvent(actor, i, "integrator.add"))
	})
	if CodeOf(err) == CodeConflict {
		err = Errorf(CodeConflict, "there is an integrator %s already: choose another name, or remove that one first", i.Name)
	}
	if err != nil {
		return Integrator{}, "", err
	}
	return i.shown(), key, nil
}

// shown is i without what its key or secret is checked with.
func (i Integrator) shown() Integrator {
	i.Shares = len(i.Sealed) > 0
	i.Digest, i.Sealed = nil, nil
	return i
}

// List gives every integrator, by name, without what its key is checked with.
func (s *Integrators) List(ctx context.Context, actor Actor) (list []Integrator, err error) {
	if err := actor.operates(); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { list, err = tx.Integrators(); return err })
	for n := range list {
		list[n] = list[n].shown()
	}
	return list, err
}

// Remove ends an integrator: its next call is refused, on every node.
func (s *Integrators) Remove(ctx context.Context, actor Actor, name string) (removed Integrator, err error) {
	if err := actor.operates(); err != nil {
		return Integrator{}, err
	}
	if checkIntegratorName(name) != nil {
		return Integrator{}, notFound("integrator")
	}
	err = s.write(ctx, func(tx *journal) (err error) {
		removed, err = tx.IntegratorByName(name)
		if CodeOf(err) == CodeNotFound {
			return notFound("integrator")
		}
		if err != nil {
			return err
		}
		if err = tx.RemoveIntegrator(removed.ID); err != nil {
			return err
		}
		return s.record(tx, integratorEvent(actor, removed, "integrator.remove"))
	})
	if err != nil {
		return Integrator{}, err
	}
	return removed.shown(), nil
}

// integratorEvent names the integrator: what it was is gone when it is removed.
func integratorEvent(actor Actor, i Integrator, action string) Event {
	return Event{Actor: actor.String(), Action: action, Outcome: OutcomeOK, Reason: i.Name, Tenant: i.Tenant}
}
