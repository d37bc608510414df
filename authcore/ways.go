package authcore

import (
	"context"
	"slices"
)

// Ways are how a person who has shown the primary secret can show a second
// factor.
type Ways struct {
	// Devices are the active ones that count here, in the order of
	// Options.Factors; of what codes are sent to only those that a channel
	// reaches.
	Devices []Device
	// Enrol are the kinds of device that he may enrol now, the one to offer
	// first before the others: his first device (law 7), or another by an
	// invitation or with both factors. Empty when he may not.
	Enrol []DeviceKind
	// Unusable says that Devices is empty although he has devices: they are blocked, wait
	// for their app or an approval, or are of a kind that does not count here.
	Unusable bool
}

// Ways says what v can choose from. Nothing is sent or stored.
func (l *Logins) Ways(ctx context.Context, v *Verified) (w Ways, err error) {
	devices, mayEnrol, err := l.devicesOf(ctx, v)
	if err != nil {
		return Ways{}, err
	}
	for _, kind := range l.factors {
		for _, d := range devices {
			if d.Kind == kind && d.Status == StatusActive && (!kind.sent() || l.delivers(kind)) {
				w.Devices = append(w.Devices, d)
			}
		}
		if mayEnrol && (kind == KindTOTP || kind.isAddress() && l.delivers(kind)) {
			w.Enrol = append(w.Enrol, kind)
		}
	}
	w.Unusable = len(w.Devices) == 0 && slices.ContainsFunc(devices, Device.owned)
	return w, nil
}

// owned says whether its user would call d a device of his: it is not gone for good, and not
// one that he only began to enrol; a browser is none that makes or receives a code.
func (d Device) owned() bool {
	switch d.Status {
	case StatusActive, StatusBlocked, StatusPending:
		return d.Kind != KindClient && !d.enrolling()
	}
	return false
}

// SendTo sends a code to one of v's devices: a new one, or, unless again, none
// while one is alive. CodeNotFound when codes are not sent to it, or it is none
// of Ways; else the errors of Next.
func (l *Logins) SendTo(ctx context.Context, v *Verified, deviceID string, again bool) (Step, error) {
	ways, err := l.Ways(ctx, v)
	if err != nil {
		return Step{}, err
	}
	i := slices.IndexFunc(ways.Devices, func(d Device) bool { return d.ID == deviceID && d.Kind.sent() })
	if i < 0 {
		return Step{}, notFound("device that a code could be sent to")
	}
	return l.challenge(ctx, v, ways.Devices[i], again)
}

// Sent says where a code for v is on its way to; CodeNotFound when none is alive.
func (l *Logins) Sent(ctx context.Context, v *Verified) (step Step, err error) {
	err = l.store.Read(ctx, func(tx Tx) error {
		c, err := tx.Challenge(v.user.ID, v.purpose())
		if err != nil {
			return err
		}
		d, err := tx.DeviceByID(c.DeviceID)
		if err != nil {
			return err
		}
		if !c.alive(Challenge{DeviceID: c.DeviceID, Binding: v.asking(d), CreatedAt: l.now()}) {
			return notFound("code on its way")
		}
		step = stepOf(d, c)
		return nil
	})
	return step, err
}
