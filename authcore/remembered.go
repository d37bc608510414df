package authcore

import "context"

// Remembered tells of devices whose they are, and what a dialect remembers of them.
type Remembered struct {
	Owners     map[string]string     // names, by Device.UserID
	Attributes map[string]Attributes // by Device.ID
}

// Remembered is Attributes for up to 1000 devices, with the names of their users. CodeNotFound
// when one of them is not there for actor; CodeInvalid when they are too many.
func (s *Devices) Remembered(ctx context.Context, actor Actor, devices []Device, dialect string) (r Remembered, err error) {
	if err := actor.remembersOwn(dialect); err != nil {
		return r, err
	}
	if len(devices) > maxListed {
		return r, Errorf(CodeInvalid, "%d devices are asked for: %d may be at once", len(devices), maxListed)
	}
	ids := make([]string, len(devices))
	for i, d := range devices {
		if err := actor.maySee(d.Tenant, d.UserID, "device"); err != nil {
			return r, err
		}
		ids[i] = d.ID
	}
	owners := map[string]string{}
	err = s.store.Read(ctx, func(tx Tx) (err error) {
		for _, d := range devices {
			if _, known := owners[d.UserID]; known || d.UserID == "" {
				continue
			}
			u, err := tx.UserByID(d.UserID)
			if err != nil && CodeOf(err) != CodeNotFound { // who was removed since has no name
				return err
			}
			owners[d.UserID] = u.Name
		}
		r.Attributes, err = tx.AttributesOf(SubjectDevice, ids, dialect)
		return err
	})
	if err != nil {
		return Remembered{}, err
	}
	for _, a := range r.Attributes {
		delete(a, elsewhere)
	}
	r.Owners = owners
	return r, nil
}
