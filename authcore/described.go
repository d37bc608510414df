package authcore

import "context"

// Attributes gives what a dialect remembers of a device.
func (s *Devices) Attributes(ctx context.Context, actor Actor, ref, dialect string) (Attributes, error) {
	return nil, errNotBuilt
}

// Claim writes an attribute that a device has once, and says whether it has this
// value now: false when another came first.
func (s *Devices) Claim(ctx context.Context, actor Actor, ref, dialect, name, value string) (bool, error) {
	return false, errNotBuilt
}

// Attributes gives what a dialect remembers of a user.
func (s *Users) Attributes(ctx context.Context, actor Actor, ref, dialect string) (Attributes, error) {
	return nil, errNotBuilt
}
