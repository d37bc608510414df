package authcore

import (
	"cmp"
	"context"
	"crypto/rand"

	"github.com/google/uuid"
)

// mayEnrol says whether v, who has shown a password, may enrol a device: his
// first one only, or another that both factors were shown for, or an operator's
// invitation (law 7). A device that was ever active counts, be it another's or gone
// by now, so that no password alone replaces it. One that awaits codes opens nothing yet and does not count: the
// first device is as for who has none. Nor does a client device: by it alone nobody logs in.
func (l *Logins) mayEnrol(tx Tx, v *Verified, devices []Device) error {
	if v.replacesApp || v.adds || v.invite != nil {
		return nil
	}
	if l.inviteFirst {
		return Errorf(CodeForbidden, "a device is registered here by whoever runs this site")
	}
	for _, d := range devices {
		if d.Kind != KindClient && d.Status != StatusPending && d.Status != StatusRejected {
			return replacesNone()
		}
	}
	if had, err := tx.HadDevice(v.user.ID); err != nil || had {
		return cmp.Or(err, error(replacesNone()))
	}
	return nil
}

func replacesNone() *Error {
	return Errorf(CodeConflict, "there is a device already, or was: a password alone replaces none")
}

// enrolling says whether the user is enrolling d by himself: its first code makes it
// count, and another that he begins takes its place.
func (d Device) enrolling() bool { return d.Status == StatusPending && d.Awaits == AwaitsCode }

// SetPhone enrols a phone as v's first device, in place of another that is
// still pending, and sends it a code. CodeConflict when v has or had a device:
// a password alone replaces none (law 7), nor the number that an operator gave
// him. CodeForbidden when a first device needs an invitation, when v holds a
// ticket for an app, or when phones don't satisfy the second factor here.
func (l *Logins) SetPhone(ctx context.Context, v *Verified, number string) (Step, error) {
	phone, err := CanonicalPhone(number)
	if err != nil {
		return Step{}, err
	}
	return l.setAddress(ctx, v, KindPhone, phone, v.user.Phone)
}

// SetEmail enrols an e-mail address as SetPhone does a number.
func (l *Logins) SetEmail(ctx context.Context, v *Verified, address string) (Step, error) {
	email, err := CanonicalEmail(address)
	if err != nil {
		return Step{}, err
	}
	return l.setAddress(ctx, v, KindEmail, email, v.user.Email)
}

// setAddress enrols an address; known is what the operator knows of v.
func (l *Logins) setAddress(ctx context.Context, v *Verified, kind DeviceKind, address, known string) (Step, error) {
	switch {
	case !l.delivers(kind):
		return Step{}, Errorf(CodeForbidden, "codes are not sent to a device of the kind %s here", kind)
	case v.replacesApp:
		return Step{}, Errorf(CodeForbidden, "this ticket is for an authenticator app")
	case !v.adds && v.invite == nil && known != "" && known != address:
		return Step{}, Errorf(CodeConflict, "there is another %s already: a password alone replaces none", kind)
	}
	return l.enrolAddress(ctx, v, kind, address, true)
}

// delivers says whether codes are sent to devices of the kind, and count.
func (l *Logins) delivers(kind DeviceKind) bool {
	return l.factors.has(kind) && l.asksOrSends(kind)
}

// asksOrSends says whether there is a channel that does for the kind what it needs.
func (c *Core) asksOrSends(kind DeviceKind) bool {
	_, asks := c.channels[kind].(Asker)
	return asks || c.channels[kind] != nil && kind != KindHTTP && kind != KindStomp
}

// enrolAddress makes a pending device of an address, unless there is one, and
// sends the code that activates it: a new one, or, unless again, none while one
// is alive.
func (l *Logins) enrolAddress(ctx context.Context, v *Verified, kind DeviceKind, address string, again bool) (Step, error) {
	d := Device{ID: uuid.NewString(), Kind: kind, Address: address, Serial: rand.Text()[:12], LastCounter: -1}
	if !v.user.counts(d) {
		return Step{}, Errorf(CodeConflict, "the password was restored by a code to this address: log in with another device first")
	}
	if err := l.enrol(ctx, v, &d); err != nil {
		return Step{}, err
	}
	return l.challenge(ctx, v, d, again)
}

// SetApp enrols an authenticator app as v's first device, or, when v holds a
// ticket for it, beside the app that it replaces. The errors are those of
// SetPhone.
func (l *Logins) SetApp(ctx context.Context, v *Verified) (Registered, error) {
	if !l.factors.has(KindTOTP) {
		return Registered{}, Errorf(CodeForbidden, "authenticator apps don't count here")
	}
	d, key, err := Enrolment{Kind: KindTOTP}.device()
	if err != nil {
		return Registered{}, err
	}
	d.Sealed = l.ring.Seal("devices", "secret", d.ID, key.Secret)
	if err := l.enrol(ctx, v, &d); err != nil {
		return Registered{}, err
	}
	return Registered{d, key.Secret, key.URI(string(d.Kind), l.label, v.user.Name, 0)}, nil
}

// enrol stores d as the one device of v that is pending. An address that is
// pending already stays the device that it is: another one would have no wrong
// codes counted against it (law 3).
func (l *Logins) enrol(ctx context.Context, v *Verified, d *Device) error {
	d.UserID, d.Tenant, d.Status, d.CreatedAt = v.user.ID, v.user.Tenant, StatusPending, l.now()
	return l.write(ctx, func(tx *journal) error {
		devices, err := l.lockDevices(tx, v)
		if err != nil {
			return err
		}
		if err := l.mayEnrol(tx, v, devices); err != nil {
			return err
		}
		for _, other := range devices {
			switch {
			case d.Address == "" || other.Kind != d.Kind || other.Address != d.Address:
			case other.enrolling():
				*d = other
				return nil
			case other.Status == StatusActive:
				return Errorf(CodeConflict, "codes are sent there already")
			}
		}
		if err := roomFor(devices); err != nil && !v.replacesApp {
			return err
		}
		if _, err := tx.RemovePending(v.user.ID); err != nil {
			return err
		}
		if err := tx.CreateDevice(*d); err != nil {
			return err
		}
		e := l.event(v.attempt, v.user, "device.enrol", OutcomeOK, "")
		e.DeviceID, e.Factor = d.ID, string(d.Kind)
		return l.record(tx, e)
	})
}

// lockDevices reads v's devices while no other transaction changes them. What
// ended his sessions since he showed his password ends this too.
func (l *Logins) lockDevices(tx Tx, v *Verified) ([]Device, error) {
	if err := tx.LockUser(v.user.ID); err != nil {
		return nil, err
	}
	if _, err := v.stands(tx, l.now()); err != nil {
		return nil, err
	}
	return tx.Devices(v.user.Tenant, v.user.ID)
}
