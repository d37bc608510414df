package authcore

import "context"

// Integrators looks after the API clients of dialects.
type Integrators struct{ *Core }

// Add makes an integrator of name, dialect, tenant, operations, addresses and rate
// of i, of which only the first two must be given, and shows its key this once.
// CodeConflict when the name is taken.
func (s *Integrators) Add(ctx context.Context, actor Actor, i Integrator) (added Integrator, key string, err error) {
	return Integrator{}, "", errNotBuilt
}

// List gives every integrator, by name, without what its key is checked with.
func (s *Integrators) List(ctx context.Context, actor Actor) ([]Integrator, error) {
	return nil, errNotBuilt
}

// Remove ends an integrator: its next call is refused, on every node.
func (s *Integrators) Remove(ctx context.Context, actor Actor, name string) (Integrator, error) {
	return Integrator{}, errNotBuilt
}

// Knock is a call of an integrator, before anything of it is believed.
type Knock struct {
	Dialect   string
	Name, Key string
	// Operation is what it asks for, in the dialect's words.
	Operation string
	From      Origin
}

// Admit says who calls. Whatever is wrong, the name, the key, the dialect or the
// address, it costs and answers the same: CodeUnauthenticated with ReasonIntegrator;
// what it was is in the audit trail. Who is known gets CodeForbidden with
// ReasonOperation, or CodeThrottled with ReasonRate.
func (s *Integrators) Admit(ctx context.Context, k Knock) (Actor, error) {
	return Actor{}, errNotBuilt
}
