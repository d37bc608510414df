package authcore

import (
	"cmp"
	"context"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Ask is a question that an integrator has asked of a device that answers.
type Ask struct {
	User    string // name, e-mail, phone or ID; empty: whoever has the device
	Device  string // serial or ID; empty: the first of his that answers
	Request string // what the person reads, in words of who asks; at most 200 characters
	From    Origin
}

// Asked says how a question stands.
type Asked struct {
	ID     string
	Device Device
	Number string // to be shown to the person
	Answer Answer // empty: not yet
}

// Ask asks a device (PurposeApprove), in place of whatever else its user was asked this way. It
// opens nothing here: what a yes means, the integrator knows. The errors are those of SendCode;
// CodeInvalid for a request that is too long or can't be read.
func (s *Devices) Ask(ctx context.Context, actor Actor, a Ask) (Asked, error) {
	if err := actor.administers(); err != nil {
		return Asked{}, err
	}
	if err := s.inTime(); err != nil {
		return Asked{}, err
	}
	if utf8.RuneCountInString(a.Request) > maxRequest || !utf8.ValidString(a.Request) ||
		slices.ContainsFunc([]rune(a.Request), func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Asked{}, Errorf(CodeInvalid, "the request has %d printable characters at most, on one line", maxRequest)
	}
	var h holding
	var o delivery
	var full AttemptKind
	err := s.write(ctx, func(tx *journal) (err error) {
		if h, err = s.findAnswering(tx, actor, a.User, a.Device); err != nil {
			return err
		}
		if err = s.counts(h, s.now()); err != nil {
			return err
		}
		if o, err = s.questionTo(actor, h, a); err != nil {
			return err
		}
		if err = lockUser(tx, h.user.ID); err != nil {
			return err
		}
		full, err = s.putDelivery(tx, o)
		return err
	})
	if err == nil {
		err = s.deliver(ctx, o)
		return Asked{ID: o.challenge.ID, Device: h.device, Number: o.challenge.Number}, err
	}
	reason := cmp.Or(string(full), string(ReasonOf(err)))
	if reason == "" {
		return Asked{Device: h.device}, err
	}
	failed := s.write(ctx, func(tx *journal) error {
		return s.record(tx, s.holdingEvent(actor, h, a.From, "question.send", reason))
	})
	return Asked{Device: h.device}, cmp.Or(failed, err)
}

// findAnswering finds the device that an integrator wants asked.
func (s *Devices) findAnswering(tx Tx, actor Actor, user, device string) (h holding, err error) {
	if user != "" || device == "" {
		if h.user, err = findUser(tx, actor, user); err != nil {
			return holding{}, err
		}
	}
	if device == "" {
		h.device, err = s.firstThatAnswers(tx, h.user)
		return h, err
	}
	d, err := findDevice(tx, actor, device)
	if err != nil {
		return h, err
	}
	if user != "" && d.UserID != h.user.ID {
		return h, notFound("device") // another's reads like one that does not exist
	}
	if !d.Kind.Answers() {
		return h, Errorf(CodeNotFound, "device %s is of the kind %s, which answers no questions", d.Serial, d.Kind).because(ReasonNoDevice)
	}
	h.device = d
	if user == "" {
		h.user, err = tx.UserByID(d.UserID)
	}
	return h, err
}

// firstThatAnswers is what u is asked by when no device is named: an active one, if there is.
func (s *Devices) firstThatAnswers(tx Tx, u User) (Device, error) {
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return Device{}, err
	}
	devices = slices.DeleteFunc(devices, func(d Device) bool { return !d.Kind.Answers() })
	if i := slices.IndexFunc(devices, s.logsIn); i >= 0 {
		return devices[i], nil
	}
	if len(devices) == 0 {
		return Device{}, Errorf(CodeNotFound, "user %s has no device that answers: register one", u.Name).because(ReasonNone)
	}
	return devices[0], nil
}

// questionTo is a question to h's device.
func (s *Devices) questionTo(actor Actor, h holding, a Ask) (delivery, error) {
	d := h.device
	if !s.asksOrSends(d.Kind) {
		return delivery{}, Errorf(CodeUnavailable, "no device of the kind %[1]s can be asked here: the configuration needs 'channel %[1]s'", d.Kind).because(ReasonUndelivered)
	}
	o, err := s.newDelivery(h.user, d, PurposeApprove, actor.binding(d.Kind)+"|")
	if err != nil {
		return o, err
	}
	o.code, o.challenge.Sealed = "", nil // there is nowhere to type it
	o.to, o.by, o.channel, o.sendings = d.Address, d.Kind, s.channels[d.Kind], s.sendingsTo(h.user, d.ID)
	o.event = s.holdingEvent(actor, h, a.From, "question.send", "")
	return o, o.asks(d, "", a.Request)
}
