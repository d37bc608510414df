package authcore

import "context"

// maxListed is how many devices are listed at once, and how many numbers may be asked for.
const maxListed = 1000

// DeviceQuery asks for devices of one tenant. What is empty asks for nothing in particular.
type DeviceQuery struct {
	Tenant, UserID, Address string
	Kinds                   []DeviceKind
	Statuses                []DeviceStatus
	Numbers                 []int64 // 1000 at most
	After                   int64   // a Number
	NewerThan               int64   // a Version
	// Limit is how many are listed, 1000 at most: 0 none, so that they are only counted.
	// Offset is how many are passed over before.
	Limit, Offset int
}

// Find gives the devices that q asks for, by Device.Number, and how many there would be
// without Limit and Offset. q.UserID may be a name, e-mail or phone: CodeNotFound when there
// is no such user. q.Tenant does not count: it is the actor's. A user finds his own.
func (s *Devices) Find(ctx context.Context, actor Actor, q DeviceQuery) (devices []Device, total int64, err error) {
	switch {
	case q.Limit < 0 || q.Limit > maxListed || q.Offset < 0:
		return nil, 0, Errorf(CodeInvalid, "up to %d devices are listed at once, after any number of others", maxListed)
	case len(q.Numbers) > maxListed:
		return nil, 0, Errorf(CodeInvalid, "%d devices are asked for by their numbers: %d may be at once", len(q.Numbers), maxListed)
	}
	if actor.kind == actorUser && q.UserID == "" {
		q.UserID = actor.userID
	}
	q.Tenant = actor.home()
	err = s.store.Read(ctx, func(tx Tx) error {
		if q.UserID == "" {
			if err := actor.administers(); err != nil {
				return err
			}
		} else {
			u, err := findUser(tx, actor, q.UserID)
			if err != nil {
				return err
			}
			q.UserID, q.Tenant = u.ID, u.Tenant
		}
		devices, total, err = tx.FindDevices(q)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return devices, total, nil
}

// ByNumber finds a device by Device.Number.
func (s *Devices) ByNumber(ctx context.Context, actor Actor, number int64) (d Device, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) { d, err = tx.DeviceByNumber(actor.home(), number); return err })
	if CodeOf(err) == CodeNotFound {
		return Device{}, notFound("device")
	}
	if err != nil {
		return Device{}, err
	}
	if err := actor.maySee(d.Tenant, d.UserID, "device"); err != nil {
		return Device{}, err
	}
	return d, nil
}
