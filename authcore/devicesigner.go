package authcore

import (
	"context"
	"crypto/x509"
	"time"
)

// signsWith is the key that d signs with. Nil verifies nothing.
func (c *Core) signsWith(d Device) any {
	var key any
	var err error
	switch d.Kind {
	case KindMobile:
		key, err = x509.ParsePKIXPublicKey(d.AppKey)
	case KindHTTP, KindStomp:
		key, err = c.ring.Open("devices", "secret", d.ID, d.Sealed)
	}
	if err != nil {
		c.log.Error("a device's key can't be used: it verifies nothing", "device_id", d.ID, "error", err)
		return nil
	}
	return key
}

// signedNow says whose the text is: an active device's that has just made it for us.
// Whatever is wrong, the answer is the same.
func (s *Devices) signedNow(ctx context.Context, text, typ string, from Origin) (j deviceJWS, d Device, err error) {
	if err := s.inTime(); err != nil {
		return j, Device{}, err
	}
	now := s.now()
	j, ok := parseDeviceJWS(text, typ)
	named, _ := j.text("iss")
	id, known := canonicalID(named)
	if !ok || !known {
		return j, Device{}, notSigned()
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { d, err = s.answering(tx, id, now); return err })
	if err != nil {
		return j, Device{}, err
	}
	if !j.signedWith(s.signsWith(d)) {
		return j, Device{}, s.refuseSigned(ctx, d, from, "device.signature", "wrong_signature")
	}
	if !j.fresh(s.issuer, now) {
		return j, Device{}, s.refuseSigned(ctx, d, from, "device.signature", "not_fresh")
	}
	return j, d, nil
}

// answering finds a device whose answers count now: the second factor could be satisfied
// with it (law 6), and its user may log in.
func (c *Core) answering(tx Tx, id string, now time.Time) (Device, error) {
	d, err := tx.DeviceByID(id)
	if err == nil && (!d.Kind.Answers() || d.UserID == "" || !c.factors.Satisfied(d, now)) {
		return Device{}, notSigned()
	}
	var u User
	if err == nil {
		u, err = tx.UserByID(d.UserID)
	}
	if CodeOf(err) == CodeNotFound || err == nil && u.Disabled {
		return Device{}, notSigned()
	}
	return d, err
}

func notSigned() *Error {
	return Errorf(CodeUnauthenticated, "no active device signs like this")
}

// refuseSigned notes what was wrong, of a device that is known.
func (s *Devices) refuseSigned(ctx context.Context, d Device, from Origin, action, reason string) error {
	if s.fillsAudit(from) { // whoever knows an ID must not fill it
		s.log.Warn("what a device signs is refused, one of too many for the audit trail", "action", action, "reason", reason,
			"device_id", d.ID, "address", from.Address, "request_id", from.RequestID)
		return notSigned()
	}
	err := s.write(ctx, func(tx *journal) error { return s.record(tx, s.answerEvent(d, from, action, reason)) })
	if err != nil {
		return err
	}
	return notSigned()
}

// answerEvent is what a device did by itself.
func (c *Core) answerEvent(d Device, from Origin, action, reason string) Event {
	e := c.deviceEvent(Actor{}, d, action, reason)
	e.Actor, e.Address, e.RequestID = "device:"+d.ID, from.Address, from.RequestID
	return e
}
