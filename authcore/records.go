package authcore

import "context"

// DeviceQuery asks for devices of one tenant. What is empty asks for nothing in particular.
type DeviceQuery struct {
	Tenant, UserID, Address string
	Kinds                   []DeviceKind
	Statuses                []DeviceStatus
	Numbers                 []int64
	After                   int64 // a Number
	NewerThan               int64 // a Version
	// Limit is how many are listed: 0 none, so that they are only counted. Offset is how
	// many are passed over before.
	Limit, Offset int
}

// Find gives the devices that q asks for, and how many there would be without Limit and
// Offset. q.UserID may be a name; q.Tenant does not count: it is the actor's. A user finds his
// own, whatever else he asks for.
func (s *Devices) Find(ctx context.Context, actor Actor, q DeviceQuery) (devices []Device, total int64, err error) {
	return nil, 0, errNotBuilt
}

// ByNumber finds a device by Device.Number.
func (s *Devices) ByNumber(ctx context.Context, actor Actor, number int64) (Device, error) {
	return Device{}, errNotBuilt
}

// DeviceChanges are what of a device is to be changed; nil stays as it is.
type DeviceChanges struct {
	Name             *string
	Status           *DeviceStatus // active, blocked or deactivated
	Address          *string       // of KindMobile alone: CodeConflict with ReasonFixed
	Notified, LogsIn *bool
	// Version and Epoch are what the caller believes they are: CodeConflict with ReasonStale
	// when they are not.
	Version, Epoch *int64
	// Dialect names whose Attributes are written beside those there are.
	Dialect    string
	Attributes Attributes
}

// Change changes a device in one transaction, and gives it as it is then. Nothing to change
// is no change: the version stays. Who may change the status is as with Block, Unblock and
// Deactivate, whose errors these are too. LogsIn is for phones and e-mail addresses:
// CodeConflict with ReasonUserTaken when the name is another's.
func (s *Devices) Change(ctx context.Context, actor Actor, ref string, c DeviceChanges) (Device, error) {
	return Device{}, errNotBuilt
}

// CheckChange says what Change would, and changes nothing.
func (s *Devices) CheckChange(ctx context.Context, actor Actor, ref string, c DeviceChanges) (Device, error) {
	return Device{}, errNotBuilt
}

// Check says what Register would, and registers nothing.
func (s *Devices) Check(ctx context.Context, actor Actor, e Enrolment) error {
	return errNotBuilt
}

// Delete takes a device away: one that was never used is removed, any other deactivated for
// good. It gives the device as it was, or is.
func (s *Devices) Delete(ctx context.Context, actor Actor, ref string, from Origin) (Device, error) {
	return Device{}, errNotBuilt
}
