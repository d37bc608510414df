package authcore

import (
	"cmp"
	"context"
	"crypto/rand"
	"time"
)

// Show makes a token with which one reader gets the key of a device as a QR code,
// within PictureLifetime, in place of one that nobody used. label is the account
// that his app shows, in the form of a device's name; empty: the user's name, or the
// serial. CodeConflict when a code of the device was right already, or the key was
// shown before: at its registration to an operator, to a reader, or ever, for one that
// was imported (law 11); with ReasonInactive when the device is neither active nor
// pending. CodeInvalid when it has no key.
func (s *Devices) Show(ctx context.Context, actor Actor, ref, label string) (token string, expires time.Time, err error) {
	if err := actor.administers(); err != nil {
		return "", time.Time{}, err
	}
	if label, err = deviceName(label); err != nil {
		return "", time.Time{}, err
	}
	token, now := rand.Text(), s.now()
	p := Picture{Digest: tokenDigest(token), Label: label, CreatedAt: now, ExpiresAt: now.Add(PictureLifetime)}
	err = s.write(ctx, func(tx *journal) error {
		d, err := hold(tx, actor, ref)
		if err != nil {
			return err
		}
		if err = showable(tx, actor.dialect, d); err != nil {
			return err
		}
		p.DeviceID = d.ID
		put, err := tx.PutPicture(p)
		if err != nil {
			return err
		}
		if !put {
			return shownBefore(d)
		}
		return s.record(tx, s.deviceEvent(actor, d, "device.show_key", ""))
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return token, p.ExpiresAt, nil
}

// showable says whether the key of d may be shown to who comes for it: a dialect
// registered d and remembers it, so that no operator and no file had the key, and no
// code of it was right yet: whoever has the key then would not learn of another one.
func showable(tx Tx, dialect string, d Device) error {
	switch {
	case !d.Kind.MakesCodes():
		return Errorf(CodeInvalid, "device %s is of the kind %s: it has no key", d.Serial, d.Kind)
	case d.Status != StatusActive && d.Status != StatusPending:
		return Errorf(CodeConflict, "device %s is %s: its key is not shown", d.Serial, d.Status).because(ReasonInactive)
	}
	known, err := registeredBy(tx, dialect, d)
	if err == nil && (!known || d.used()) {
		return shownBefore(d)
	}
	return err
}

// used says whether a code of d was right once: somebody has its key.
func (d Device) used() bool { return !d.LastUsedAt.IsZero() }

func shownBefore(d Device) error {
	return Errorf(CodeConflict, "the key of device %s is not shown, or not again: register another one", d.Serial)
}

// Shown is the device whose key a token of Show gives, as long as nobody took it or
// showed a code of it, the device is active or pending, and its user is not disabled. CodeNotFound for any
// other token.
func (s *Devices) Shown(ctx context.Context, token string) (d Device, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) {
		_, d, _, err = s.picture(tx, tokenDigest(token))
		return err
	})
	return d, err
}

// Take gives the otpauth URI of the device's key to the first who asks while Shown
// finds it. CodeNotFound for everybody else.
func (s *Devices) Take(ctx context.Context, token string, from Origin) (uri string, err error) {
	digest := tokenDigest(token)
	err = s.write(ctx, func(tx *journal) error {
		p, d, u, err := s.picture(tx, digest)
		if err != nil {
			return err
		}
		taken, err := tx.TakePicture(digest, s.now())
		if err != nil {
			return err
		}
		if !taken {
			return notFound("picture")
		}
		key, err := s.deviceSecret(d)
		if err != nil {
			return Wrap(CodeInternal, err, "the key can't be read")
		}
		uri = key.URI(string(d.Kind), s.label, cmp.Or(p.Label, u.Name, d.Serial), d.LastCounter+1)
		e := s.deviceEvent(Actor{}, d, "device.key_shown", "")
		e.Address, e.RequestID = from.Address, from.RequestID
		return s.record(tx, e)
	})
	if err != nil {
		return "", err
	}
	return uri, nil
}

// picture is one that waits for its reader, with its device, and the device's user
// unless it is in stock.
func (s *Devices) picture(tx Tx, digest []byte) (p Picture, d Device, u User, err error) {
	if p, err = tx.Picture(digest); err == nil {
		d, err = tx.DeviceByID(p.DeviceID)
	}
	if err == nil && d.UserID != "" {
		u, err = tx.UserByID(d.UserID)
	}
	waits := p.TakenAt.IsZero() && s.now().Before(p.ExpiresAt) && !u.Disabled && !d.used() && (d.Status == StatusActive || d.Status == StatusPending)
	if CodeOf(err) == CodeNotFound || err == nil && !waits {
		err = notFound("picture")
	}
	if err != nil {
		return Picture{}, Device{}, User{}, err
	}
	return p, d, u, nil
}
