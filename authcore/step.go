package authcore

import (
	"context"
	"slices"
	"time"
)

// Step is what a person who has shown the primary secret needs next.
type Step struct {
	// Kind is that of the device whose code is wanted. Empty: there is none,
	// and none can be enrolled this way.
	Kind DeviceKind
	// Enrol says that the device counts only after its first code.
	Enrol bool
	// Registered is the device to enrol when Kind is KindTOTP.
	Registered Registered
	// Address is where a code is on its way to, ExpiresAt when it ends. Both are
	// empty for a phone that must be named first, with SetPhone.
	Address   string
	ExpiresAt time.Time
	// Number is shown to him when the device answers: its app asks for it.
	Number string
	// Name is what its owner calls a device that answers; it may be empty.
	Name string
}

// Next says what v needs for a login, and sends a code when that is what he
// needs and none is alive. The kinds come in the order of Options.Factors. Who
// has never had a device gets one to enrol, unless Options.InviteFirst (law 7).
//
// CodeThrottled: too many codes were sent. CodeUnavailable: the code could not
// be delivered; no try was used up.
func (l *Logins) Next(ctx context.Context, v *Verified) (Step, error) {
	devices, mayEnrol, err := l.devicesOf(ctx, v)
	if err != nil {
		return Step{}, err
	}
	for _, kind := range l.factors {
		for _, d := range devices {
			if d.Kind != kind || d.Status != StatusActive {
				continue
			}
			if !kind.sent() {
				return Step{Kind: kind}, nil
			}
			if l.delivers(kind) {
				return l.challenge(ctx, v, d, false)
			}
		}
	}
	if mayEnrol {
		return l.first(ctx, v)
	}
	return Step{}, nil
}

// first begins to enrol a device, of the first kind that a person can enrol by
// himself. An address that the operator knows of him needs not be asked for.
func (l *Logins) first(ctx context.Context, v *Verified) (Step, error) {
	for _, kind := range l.factors {
		switch {
		case kind == KindTOTP:
			r, err := l.SetApp(ctx, v)
			return Step{Kind: kind, Enrol: true, Registered: r}, err
		case !l.delivers(kind):
		case kind == KindPhone && (v.user.Phone == "" || v.user.Phone == v.user.RestoredBy):
			return Step{Kind: kind, Enrol: true}, nil
		case kind == KindPhone:
			return l.enrolAddress(ctx, v, kind, v.user.Phone, false)
		case kind == KindEmail && v.user.Email != "" && v.user.Email != v.user.RestoredBy:
			return l.enrolAddress(ctx, v, kind, v.user.Email, false)
		}
	}
	return Step{}, nil
}

// Send sends a new code in place of any other, to the first of v's devices that
// codes can be sent to. CodeConflict when there is none.
func (l *Logins) Send(ctx context.Context, v *Verified) (Step, error) {
	devices, mayEnrol, err := l.devicesOf(ctx, v)
	if err != nil {
		return Step{}, err
	}
	for _, kind := range l.factors {
		for _, d := range devices {
			if d.Kind == kind && kind.sent() && l.delivers(kind) && (d.Status == StatusActive && !v.adds || d.enrolling() && mayEnrol) {
				return l.challenge(ctx, v, d, true)
			}
		}
	}
	return Step{}, Errorf(CodeConflict, "there is no device that a code could be sent to")
}

// devicesOf gives those that count, and says whether v may enrol one.
func (l *Logins) devicesOf(ctx context.Context, v *Verified) (devices []Device, mayEnrol bool, err error) {
	err = l.store.Read(ctx, func(tx Tx) (err error) {
		if devices, err = tx.Devices(v.user.Tenant, v.user.ID); err != nil {
			return err
		}
		refusal := l.mayEnrol(tx, v, devices)
		devices = slices.DeleteFunc(devices, func(d Device) bool { return !v.user.counts(d) })
		if mayEnrol = refusal == nil; CodeOf(refusal) == CodeUnavailable {
			return refusal
		}
		return nil
	})
	return devices, mayEnrol, err
}
