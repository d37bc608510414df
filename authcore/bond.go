package authcore

// bond is the client device that a session is bound to, as it is now. The zero bond
// holds nothing.
type bond struct {
	device Device
	open   bool // the account that it is on is active, or it is on none
}

// bondOf reads a client device; an empty id gives the zero bond. The device comes before
// its account: who closes that raises the epoch of the device in the same transaction, so
// that an epoch from after it never goes with an account from before it.
func bondOf(tx Tx, id string) (b bond, err error) {
	if id == "" {
		return bond{}, nil
	}
	if b.device, err = tx.DeviceByID(id); err != nil || b.device.Kind != KindClient {
		return b, err
	}
	c, err := tx.Client(id)
	if err != nil || c.Account == "" {
		b.open = err == nil
		return b, err
	}
	a, err := tx.AccountByID(c.Account)
	b.open = err == nil && a.Status == AccountActive
	return b, err
}

// holds says whether sessions of a user may be bound to the device.
func (b bond) holds(userID string) bool {
	d := b.device
	return d.ID != "" && d.Kind == KindClient && d.Status == StatusActive && d.UserID == userID && b.open
}

// bind says what a session is bound to that a login makes: what it was bound to before a
// step-up, as long as that counts, or the device whose secret the browser shows.
func (l *Logins) bind(tx Tx, v *Verified, s *Session) (bond, error) {
	if s.ClientDevice != "" {
		b, err := bondOf(tx, s.ClientDevice)
		if err == nil && !b.holds(s.UserID) {
			err = errLost // or a step-up would be the way out of a device that was blocked
		}
		return b, err
	}
	if v.attempt.Device == "" {
		return bond{}, nil
	}
	b, err := bondOfSecret(tx, v.attempt.Device)
	if CodeOf(err) == CodeNotFound || err == nil && !b.holds(s.UserID) {
		return bond{}, nil
	}
	s.ClientDevice = b.device.ID
	return b, err
}

// bondOfSecret finds the client device that a browser is, by the digest of its secret.
func bondOfSecret(tx Tx, secret string) (bond, error) {
	c, err := tx.ClientBySecret(tokenDigest(secret))
	if err != nil {
		return bond{}, err
	}
	return bondOf(tx, c.DeviceID)
}
