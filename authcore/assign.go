package authcore

import "context"

// Assign gives a device to a user, as the last of his. CodeConflict with
// ReasonAssigned when it is another's, unless force: then it is taken from him, and
// the sessions that its codes opened end. A device that is his already stays where
// it is in his order. CodeConflict without a reason when he has too many.
func (s *Devices) Assign(ctx context.Context, actor Actor, ref, user string, force bool) (Device, error) {
	return Device{}, errNotBuilt
}

// Unassign puts a device back in stock, and ends the sessions that its codes opened.
// CodeConflict when it is in stock.
func (s *Devices) Unassign(ctx context.Context, actor Actor, ref string) (Device, error) {
	return Device{}, errNotBuilt
}

// Remove removes a device with all that is known of it, and ends the sessions that
// its codes opened. Its serial is free again.
func (s *Devices) Remove(ctx context.Context, actor Actor, ref string) (Device, error) {
	return Device{}, errNotBuilt
}
