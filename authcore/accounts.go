package authcore

import "context"

// Accounts looks after accounts and their approvers.
type Accounts struct{ *Core }

// NewAccount is what Add makes an account of.
type NewAccount struct {
	Tenant string // empty: the operator's
	Name   string
	ID     string // a UUID; empty: a new one
	Hub    bool
}

// Add makes an active account. CodeConflict when the name or the ID is taken.
func (s *Accounts) Add(ctx context.Context, actor Actor, a NewAccount) (Account, error) {
	return Account{}, errNotBuilt
}

// List gives the accounts of actor's tenant, by name.
func (s *Accounts) List(ctx context.Context, actor Actor) ([]Account, error) {
	return nil, errNotBuilt
}

// Block, Unblock and Close move an account that ref names by name or ID. Whatever makes
// it other than active ends the sessions that are bound to its devices.
func (s *Accounts) Block(ctx context.Context, actor Actor, ref string) (Account, error) {
	return Account{}, errNotBuilt
}

// Unblock makes a blocked account active again.
func (s *Accounts) Unblock(ctx context.Context, actor Actor, ref string) (Account, error) {
	return Account{}, errNotBuilt
}

// Close ends an account for good.
func (s *Accounts) Close(ctx context.Context, actor Actor, ref string) (Account, error) {
	return Account{}, errNotBuilt
}

// AddApprover lets a user approve devices on an account: both are of one tenant.
// a.Account and a.UserID name them in any way. CodeConflict when he is one already, or
// his document is another's there.
func (s *Accounts) AddApprover(ctx context.Context, actor Actor, a Approver) (Approver, error) {
	return Approver{}, errNotBuilt
}

// Approvers lists those of an account, the oldest first.
func (s *Accounts) Approvers(ctx context.Context, actor Actor, account string) ([]Approver, error) {
	return nil, errNotBuilt
}

// RemoveApprover ends what a user may on an account. His devices there are rejected or
// deactivated, and their sessions end.
func (s *Accounts) RemoveApprover(ctx context.Context, actor Actor, account, user string) (Approver, error) {
	return Approver{}, errNotBuilt
}
