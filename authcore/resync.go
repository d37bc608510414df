package authcore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// Resynchronise takes two consecutive codes of a device whose counter or clock
// ran away (RFC 4226 section 7.4, RFC 6238 section 6), without its PIN: whoever has
// the device in hand needs not know it. Both codes are used up. A try counts like a
// wrong code until it is right. A device that awaits codes becomes active.
//
// CodeInvalid with ReasonWrongCode or ReasonMalformedCode; CodeConflict with
// ReasonPaused, ReasonInactive, or ReasonReplayed when the codes were used meanwhile;
// CodeNotFound with ReasonNoDevice. The device is given with an error too, as far as
// it is known.
func (s *Devices) Resynchronise(ctx context.Context, actor Actor, ref, first, second string) (Device, error) {
	if err := actor.administers(); err != nil {
		return Device{}, err
	}
	now := s.now()
	d, refused, err := s.countResync(ctx, actor, ref, now)
	if err != nil {
		return d, err
	}
	if refused != nil {
		return d, s.refuseResync(ctx, actor, d, refused)
	}
	counter, drift, refused := s.findCounter(d, first, second, now)
	if refused != nil {
		return d, s.refuseResync(ctx, actor, d, refused)
	}
	err = s.write(ctx, func(tx *journal) (err error) {
		d, err = s.useUp(tx, actor, d, counter, drift, now)
		return err
	})
	if errors.Is(err, errLost) {
		lost := Errorf(CodeConflict, "device %s is not active, or its codes were used meanwhile", d.Serial).because(ReasonReplayed)
		return d, s.refuseResync(ctx, actor, d, lost)
	}
	return d, err
}

// useUp uses up both codes of d, and makes it active if it awaited them. It had room
// when it was registered, and no session is of it yet.
func (s *Devices) useUp(tx *journal, actor Actor, d Device, counter int64, drift int, now time.Time) (Device, error) {
	action := "device.resync"
	if d.Status == StatusPending {
		action = "device.activate"
		if moved, err := tx.MoveDevice(d.ID, StatusActive, StatusPending); err != nil || !moved {
			return d, cmp.Or(err, errLost)
		}
	}
	won, err := tx.ConsumeCounter(d.ID, counter, drift, now)
	if err != nil || !won {
		return d, cmp.Or(err, errLost)
	}
	if err := tx.Succeed(deviceKey(d)); err != nil {
		return d, err
	}
	moved, err := tx.DeviceByID(d.ID) // it may be another's by now
	if err != nil {
		return d, err
	}
	return moved, s.record(tx, s.deviceEvent(actor, moved, action, ""))
}

// countResync finds the device and counts a try, or says why none is to be had. Of
// a device that is not active no code is looked at.
func (s *Devices) countResync(ctx context.Context, actor Actor, ref string, now time.Time) (d Device, refused *Error, err error) {
	err = s.store.Write(ctx, func(tx Tx) (err error) {
		if d, err = findDevice(tx, actor, ref); err != nil {
			return err
		}
		if !d.Kind.MakesCodes() {
			return Errorf(CodeInvalid, "device %s is of the kind %s: only totp and hotp have a counter", d.Serial, d.Kind)
		}
		if d.Status != StatusActive && !(d.Status == StatusPending && d.Awaits == AwaitsCodes) {
			refused = Errorf(CodeConflict, "device %s is %s: two codes don't make it active", d.Serial, d.Status).because(ReasonInactive)
			return nil
		}
		counted, err := tx.Reserve(deviceKey(d), s.limits.Device, now)
		if err != nil || counted {
			return err
		}
		a, err := tx.Attempts(deviceKey(d))
		refused = s.paused(d, a, now)
		refused.Code = CodeConflict // with what the device is: nobody asks whether its codes count
		return err
	})
	return d, refused, err
}

// findCounter gives the counter of the second code and the drift that it shows.
func (s *Devices) findCounter(d Device, first, second string, now time.Time) (counter int64, drift int, refused *Error) {
	if !isCode(first, d.Digits) || !isCode(second, d.Digits) {
		return 0, 0, Errorf(CodeInvalid, "a code of device %s has %d digits and nothing else", d.Serial, d.Digits).because(ReasonMalformedCode)
	}
	key, err := s.deviceSecret(d)
	if err != nil {
		s.log.Error("a device's secret can't be used: it verifies nothing", "device_id", d.ID, "error", err)
		key = oath.Key{} // no code is of this one
	}
	var ok bool
	if d.Kind == KindTOTP {
		counter, ok = key.ResyncTOTP(first, second, now, d.LastCounter)
		drift = int(counter - now.Unix()/int64(max(1, d.Period)))
	} else {
		counter, ok = key.ResyncHOTP(first, second, d.LastCounter)
	}
	if !ok {
		return 0, 0, Errorf(CodeInvalid, "these are not two consecutive codes of device %s that were not used yet", d.Serial).because(ReasonWrongCode)
	}
	return counter, drift, nil
}

func (s *Devices) refuseResync(ctx context.Context, actor Actor, d Device, answer *Error) error {
	err := s.write(ctx, func(tx *journal) error {
		return s.record(tx, s.deviceEvent(actor, d, "device.resync", string(answer.Reason)))
	})
	if err != nil {
		return err
	}
	return answer
}
