package authcore

import "context"

// Ways are how a person who has shown the primary secret can show a second
// factor.
type Ways struct {
	// Devices are the active ones that count here, in the order of
	// Options.Factors; of what codes are sent to only those that a channel
	// reaches.
	Devices []Device
	// Enrol are the kinds of device that he may enrol now, the one to offer
	// first before the others: his first device (law 7), or by an invitation.
	// Empty when he may not.
	Enrol []DeviceKind
}

// Ways says what v can choose from. Nothing is sent or stored.
func (l *Logins) Ways(ctx context.Context, v *Verified) (Ways, error) {
	return Ways{}, errNotBuilt
}

// SendTo sends a code to one of v's devices: a new one, or, unless again, none
// while one is alive. CodeNotFound when the device is none of Ways; else the
// errors of Next.
func (l *Logins) SendTo(ctx context.Context, v *Verified, deviceID string, again bool) (Step, error) {
	return Step{}, errNotBuilt
}

// Sent says where a code for v is on its way to; CodeNotFound when none is alive.
func (l *Logins) Sent(ctx context.Context, v *Verified) (Step, error) {
	return Step{}, errNotBuilt
}

var errNotBuilt = Errorf(CodeInternal, "not built yet")
