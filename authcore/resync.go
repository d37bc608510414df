package authcore

import (
	"context"
	"time"
)

// Resynchronise takes two consecutive codes of a device whose counter or clock
// ran away (RFC 4226 section 7.4, RFC 6238 section 6). Both codes are used up.
// A try counts like a wrong code until it is right.
func (s *Devices) Resynchronise(ctx context.Context, actor Actor, ref, first, second string) (Device, error) {
	if err := actor.administers(); err != nil {
		return Device{}, err
	}
	now := s.now()
	var d Device
	var counted bool
	err := s.store.Write(ctx, func(tx Tx) (err error) {
		if d, err = findDevice(tx, actor, ref); err != nil {
			return err
		}
		if d.Kind != KindTOTP && d.Kind != KindHOTP {
			return Errorf(CodeInvalid, "device %s is of the kind %s: only totp and hotp have a counter", d.Serial, d.Kind)
		}
		counted, err = tx.Reserve(deviceKey(d), s.limits.Device, now)
		return err
	})
	if err != nil {
		return Device{}, err
	}
	if !counted {
		return Device{}, s.refuseResync(ctx, actor, d, "paused", Errorf(CodeConflict, "device %s is paused after too many wrong codes: see device show", d.Serial))
	}
	counter, drift, ok := s.findCounter(d, first, second, now)
	if !ok {
		return Device{}, s.refuseResync(ctx, actor, d, "wrong_code", Errorf(CodeInvalid, "these are not two consecutive codes of device %s that were not used yet", d.Serial))
	}
	won := false
	err = s.write(ctx, func(tx *journal) (err error) {
		if won, err = tx.ConsumeCounter(d.ID, counter, drift, now); err != nil {
			return err
		}
		if !won {
			return s.record(tx, s.deviceEvent(actor, d, "device.resync", "replayed_or_revoked"))
		}
		if err = tx.Succeed(deviceKey(d)); err != nil {
			return err
		}
		d.LastCounter, d.Drift = counter, drift
		return s.record(tx, s.deviceEvent(actor, d, "device.resync", ""))
	})
	if err == nil && !won {
		err = Errorf(CodeConflict, "device %s is not active, or its codes were used meanwhile", d.Serial)
	}
	return d, err
}

func (s *Devices) findCounter(d Device, first, second string, now time.Time) (counter int64, drift int, ok bool) {
	key, err := s.deviceSecret(d)
	if err != nil {
		s.log.Error("a device's secret can't be used: it verifies nothing", "device_id", d.ID, "error", err)
		return 0, 0, false
	}
	if d.Kind == KindTOTP {
		counter, ok = key.ResyncTOTP(first, second, now, d.LastCounter)
		return counter, int(counter - now.Unix()/int64(max(1, d.Period))), ok
	}
	counter, ok = key.ResyncHOTP(first, second, d.LastCounter)
	return counter, 0, ok
}

func (s *Devices) refuseResync(ctx context.Context, actor Actor, d Device, reason string, answer *Error) error {
	err := s.write(ctx, func(tx *journal) error {
		return s.record(tx, s.deviceEvent(actor, d, "device.resync", reason))
	})
	if err != nil {
		return err
	}
	return answer
}
