package authcore

import "context"

// Own gives the device of a browser by its secret, whatever its status: so a pending one
// can ask whether it was approved. CodeNotFound when it is none of the user's.
func (s *Approvals) Own(ctx context.Context, actor Actor, secret string) (d ClientDevice, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		browser, err := ownBrowser(tx, actor, secret)
		if err == nil {
			d, err = s.assemble(tx, browser)
		}
		return err
	})
	if err != nil {
		return ClientDevice{}, err
	}
	return d, nil
}

// ownBrowser finds the device of a browser of the user that actor is. Another's reads like
// none.
func ownBrowser(tx Tx, actor Actor, secret string) (Device, error) {
	if err := actor.isUser(); err != nil {
		return Device{}, err
	}
	c, err := tx.ClientBySecret(tokenDigest(secret))
	var d Device
	if err == nil {
		d, err = tx.DeviceByID(c.DeviceID)
	}
	if CodeOf(err) == CodeNotFound || err == nil && d.UserID != actor.userID {
		return Device{}, notFound("device")
	}
	return d, err
}

// ResendOwn is Resend for a browser that shows its secret: to the same address. CodeConflict:
// it does not wait for a token; with ReasonTries: all tries are used up.
func (s *Approvals) ResendOwn(ctx context.Context, actor Actor, secret, language string, from Origin) (ClientDevice, error) {
	if err := s.inTime(); err != nil {
		return ClientDevice{}, err
	}
	var d Device
	var o tokenDelivery
	err := s.writeToken(ctx, &o, func(tx *journal) (err error) {
		if d, err = ownBrowser(tx, actor, secret); err != nil {
			return err
		}
		u, err := s.lockSelf(tx, actor)
		if err != nil {
			return err
		}
		a, err := tx.Approval(d.ID)
		if err != nil {
			return err
		}
		if a.Way.sentTo() == "" || u.StrictDevices {
			return Errorf(CodeConflict, "no token lets this browser in: it waits for one of your other devices")
		}
		o, err = s.renewToken(tx, d.ID, a.Way, false)
		o.language, o.asks, o.event = language, d.Name, s.clientEvent(actor, d, from, "client.token", "")
		return err
	})
	if err == nil {
		err = s.sendToken(ctx, o, func(tx *journal, _ bool) error { return s.voidIfSame(tx, o) })
	}
	if err != nil {
		return ClientDevice{}, err
	}
	ctx, cancel := moreTime(ctx)
	defer cancel()
	return s.shown(ctx, d.ID)
}

// ValidateOwn approves the browser by the token. The errors are those of Validate.
func (s *Approvals) ValidateOwn(ctx context.Context, actor Actor, secret, token string, from Origin) (ClientDevice, error) {
	var d Device
	err := s.store.Read(ctx, func(tx Tx) (err error) { d, err = ownBrowser(tx, actor, secret); return err })
	if err != nil {
		return ClientDevice{}, err
	}
	if d, err = s.tryToken(ctx, actor, d, token, from); err != nil {
		return ClientDevice{}, err
	}
	return s.shown(ctx, d.ID)
}
