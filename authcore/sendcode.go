package authcore

import (
	"context"
	"time"
)

// CodeToSend is a code that an integrator wants sent: to whom, for what, by what.
type CodeToSend struct {
	User   string     // name, e-mail, phone or ID
	Device string     // that the code stands in for: serial or ID; empty: the first that became his
	By     DeviceKind // KindPhone, KindEmail or ByVoice
	From   Origin
}

// SendCode sends the user of a device a code of six digits that Validate takes for a
// code of this device, once, within ChallengeLifetime: to his own phone or e-mail
// address. It opens nothing else (PurposeValidate), and is refused where codes that
// are sent this way don't count (law 6).
//
// CodeConflict with ReasonNoAddress; CodeUnavailable with ReasonUndelivered, also
// when there is no such channel; CodeThrottled with ReasonPaused when too many were
// sent; else the errors of Validate.
func (s *Devices) SendCode(ctx context.Context, actor Actor, c CodeToSend) (Device, error) {
	return Device{}, errNotBuilt
}

// sentBy says by what way c was sent for d, and whether what is sent that way counts
// now (law 6).
func (s *Devices) sentBy(actor Actor, d Device, c Challenge, now time.Time) (by DeviceKind, counts bool) {
	for _, by := range []DeviceKind{KindPhone, KindEmail} {
		receiver := d
		receiver.Kind = by
		if c.DeviceID == d.ID && c.Binding == actor.binding(by) && s.factors.Satisfied(receiver, now) {
			return by, true
		}
	}
	return "", false
}

// binding is where a code counts that a had sent: for its tenant and its dialect. The
// way it was sent stands there too, as the operator may end it meanwhile.
func (a Actor) binding(by DeviceKind) string {
	return a.home() + "|" + a.dialect + "|" + string(by)
}
