package authcore

import "context"

// Described gives what a dialect remembers of the device that Shown finds, for whoever
// serves the picture. CodeNotFound as of Shown.
func (s *Devices) Described(ctx context.Context, token, dialect string) (a Attributes, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		_, d, _, err := s.picture(tx, tokenDigest(token))
		if err == nil {
			a, err = tx.Attributes(Subject{SubjectDevice, d.ID}, dialect)
		}
		return err
	})
	return a, err
}

// CheckReader says whether a name and a password are those of the user of the device
// that Shown finds: counted, hashed and audited as for a login. It takes nothing.
// CodeUnauthenticated with ReasonWrongSecret, also for another user's and for a device
// in stock; CodeNotFound as of Shown.
func (s *Devices) CheckReader(ctx context.Context, token, name, password string, from Origin) error {
	var d Device
	err := s.store.Read(ctx, func(tx Tx) (err error) { _, d, _, err = s.picture(tx, tokenDigest(token)); return err })
	if err != nil {
		return err
	}
	v, err := s.Logins.Primary(ctx, Attempt{Tenant: d.Tenant, Name: name, Password: password, From: from})
	if CodeOf(err) == CodeUnauthenticated || err == nil && v.user.ID != d.UserID {
		return wrongSecret()
	}
	return err
}
