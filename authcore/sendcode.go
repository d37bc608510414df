package authcore

import (
	"cmp"
	"context"
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
	if err := actor.administers(); err != nil {
		return Device{}, err
	}
	if err := s.inTime(); err != nil {
		return Device{}, err
	}
	var h holding
	var o delivery
	var full AttemptKind
	err := s.write(ctx, func(tx *journal) (err error) {
		if h, err = s.findHolding(tx, actor, c.User, c.Device); err != nil {
			return err
		}
		if err = s.counts(h, s.now()); err != nil {
			return err
		}
		if o, err = s.standIn(actor, h, c); err != nil {
			return err
		}
		// Before the tries, as who removes him: or each would wait for the other.
		if err = lockUser(tx, h.user.ID); err != nil {
			return err
		}
		full, err = s.putDelivery(tx, o)
		return err
	})
	if err == nil {
		return h.device, s.deliver(ctx, o)
	}
	reason := cmp.Or(string(full), string(ReasonOf(err)))
	if reason == "" {
		return h.device, err
	}
	failed := s.write(ctx, func(tx *journal) error { return s.record(tx, s.sendEvent(actor, h, c, reason)) })
	return h.device, cmp.Or(failed, err)
}

func (s *Devices) sendEvent(actor Actor, h holding, c CodeToSend, reason string) Event {
	e := s.holdingEvent(actor, h, c.From, "code.send", reason)
	e.Factor = string(c.By)
	return e
}

// standIn is a code that stands in for one of h's device, to its user's own address.
func (s *Devices) standIn(actor Actor, h holding, c CodeToSend) (delivery, error) {
	kind, to, channel := c.By, h.user.Phone, s.channels[c.By]
	switch c.By {
	case KindPhone:
	case KindEmail:
		to = h.user.Email
	case ByVoice:
		kind, channel = KindPhone, s.voice
	default:
		return delivery{}, Errorf(CodeInvalid, "a code is sent by %s, %s or %s, not by %q", KindPhone, KindEmail, ByVoice, c.By)
	}
	if channel == nil || !s.standsIn(h.device, kind) {
		return delivery{}, Errorf(CodeUnavailable, "no code can be sent by %[1]s here: the configuration needs 'channel %[1]s', and %[2]s among the factors", c.By, kind).because(ReasonUndelivered)
	}
	if h.user.ID == "" {
		return delivery{}, Errorf(CodeConflict, "device %s is in stock: there is nobody to send a code to", h.device.Serial).because(ReasonNoAddress)
	}
	if to == "" {
		return delivery{}, Errorf(CodeConflict, "user %s has no %s: add one first", h.user.Name, kind).because(ReasonNoAddress)
	}
	o, err := s.newDelivery(h.user, h.device, PurposeValidate, actor.binding(kind))
	o.to, o.by, o.channel, o.sendings = to, c.By, channel, s.sendingsTo(h.user, to)
	o.event = s.sendEvent(actor, h, c, "")
	return o, err
}

// standsIn says whether a code that is sent this way satisfies the second factor in
// place of one of d (law 6).
func (s *Devices) standsIn(d Device, by DeviceKind) bool {
	d.Kind = by
	return s.factors.Satisfied(d, s.now())
}

// sentBy says by what way c was sent for d, and whether it stands in for d now.
func (s *Devices) sentBy(actor Actor, d Device, c Challenge) (by DeviceKind, counts bool) {
	for _, by := range []DeviceKind{KindPhone, KindEmail} {
		if c.DeviceID == d.ID && c.Binding == actor.binding(by) {
			return by, s.standsIn(d, by)
		}
	}
	return "", false
}

// binding is where a code counts that a had sent: for its tenant and its dialect. The
// way it was sent stands there too, as the operator may end it meanwhile.
func (a Actor) binding(by DeviceKind) string {
	return a.home() + "|" + a.dialect + "|" + string(by)
}
