package authcore

import "context"

// Waiting gives the requests that wait for the user that actor is, the oldest first, those
// of his own browsers too.
func (s *Approvals) Waiting(ctx context.Context, actor Actor) ([]ClientDevice, error) {
	return nil, errNotBuilt
}

// Approve lets a device in, named by serial or ID, that waits. A user does so as the one
// who decides, with both factors shown in the last ten minutes (else CodeStepUp), and in a
// session that is bound to another device of his that counts (else CodeForbidden with
// ReasonClientDevice): or who stole a password and a code would let himself in. An
// operator may without.
func (s *Approvals) Approve(ctx context.Context, actor Actor, ref string) (Device, error) {
	return Device{}, errNotBuilt
}

// Refuse rejects a request. Who decides needs both factors shown in the last ten
// minutes, and no other device.
func (s *Approvals) Refuse(ctx context.Context, actor Actor, ref string) (Device, error) {
	return Device{}, errNotBuilt
}
