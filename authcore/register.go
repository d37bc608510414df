package authcore

import (
	"cmp"
	"context"

	"github.com/doorward/doorward/authcore/oath"
)

// Registered is a new device, with the secret that is shown this once: a key, or for
// KindMobile the token that its app brings. A phone and an e-mail address have none.
type Registered struct {
	Device Device
	Secret []byte
	// URI is otpauth://… for what makes codes, and doorward://enrol?… for KindMobile:
	// see EnrolKey.
	URI string
}

// Register makes an active device, or one that awaits codes, of a user or in stock:
// the operator or integrator vouches for it. CodeNotFound with ReasonNoUser;
// CodeInvalid with ReasonSerial or ReasonDrift; CodeConflict with ReasonSerialTaken,
// with ReasonUserTaken when Enrolment.LogsIn would make another's name its user's,
// or without a reason when the user has too many. Whoever can't be welcomed gets
// none: CodeConflict with ReasonNoAddress, CodeUnavailable with ReasonUndelivered.
//
// A user registers what codes are not sent to, for himself, with both factors fresh
// (CodeStepUp): see Enrolment.mayBeOwn.
func (s *Devices) Register(ctx context.Context, actor Actor, e Enrolment) (Registered, error) {
	return s.register(ctx, actor, e, false)
}

// Check says what Register would, and registers nothing: nobody is told, no log has it.
func (s *Devices) Check(ctx context.Context, actor Actor, e Enrolment) error {
	_, err := s.register(ctx, actor, e, true)
	return err
}

func (s *Devices) register(ctx context.Context, actor Actor, e Enrolment, dry bool) (Registered, error) {
	e, err := s.vouched(actor, e)
	if err != nil {
		return Registered{}, err
	}
	if e.Kind.sent() && !s.Logins.delivers(e.Kind) {
		return Registered{}, Errorf(CodeInvalid, "no code can be sent to a device of the kind %[1]s here: the configuration needs 'channel %[1]s', and %[1]s among the factors", e.Kind)
	}
	d, key, err := e.device()
	if err != nil {
		return Registered{}, err
	}
	if !s.factors.has(e.Kind) {
		return Registered{}, Errorf(CodeInvalid, "a device of the kind %[1]s would open nothing here: the configuration needs %[1]s among the factors", e.Kind)
	}
	if err := s.welcomes(e); err != nil {
		return Registered{}, err
	}
	if err := s.answers(e); err != nil {
		return Registered{}, err
	}
	d.CreatedAt, d.Tenant = s.now(), actor.home()
	if key.Secret != nil && e.Kind != KindMobile { // whose is void when its app has come
		d.Sealed = s.ring.Seal("devices", "secret", d.ID, key.Secret)
	}
	if e.PIN != "" {
		d.PIN = s.sealPIN(d, e.PIN)
	}
	var u User
	err = s.try(ctx, dry, func(tx *journal) (err error) {
		if u, err = s.giveTo(tx, actor, e, &d); err != nil {
			return err
		}
		if err = s.create(tx, actor, e, d); err != nil {
			return err
		}
		d, err = tx.DeviceByID(d.ID)
		return err
	})
	if err != nil {
		return Registered{}, err
	}
	return Registered{d, key.Secret, s.uri(d, key, u)}, nil
}

// uri is what an app reads of a new device; empty: none does.
func (c *Core) uri(d Device, key oath.Key, u User) string {
	switch {
	case d.Kind.MakesCodes():
		return key.URI(string(d.Kind), c.label, cmp.Or(u.Name, d.Serial), 0)
	case d.Kind == KindMobile:
		return c.enrolURI(key.Secret, u)
	}
	return ""
}

// answers says whether e's device could be asked and, if it is an app, be enrolled.
func (s *Devices) answers(e Enrolment) error {
	switch {
	case !e.Kind.Answers():
		return nil
	case e.Kind == KindMobile && s.publicURL == "":
		return Errorf(CodeInvalid, "no app can be enrolled here: the configuration needs 'public_url'")
	}
	return s.checkAddress(e.Kind, e.Address)
}

// giveTo makes d one of the user's, if he may have another and can be told.
func (s *Devices) giveTo(tx Tx, actor Actor, e Enrolment, d *Device) (User, error) {
	if e.User == "" {
		return User{}, nil
	}
	u, err := findUser(tx, actor, e.User)
	if err != nil {
		return User{}, err
	}
	if e.Welcome != "" && u.addressOf(e.Welcome) == "" {
		return User{}, Errorf(CodeConflict, "the user has no address of the kind %s to be told at", e.Welcome).because(ReasonNoAddress)
	}
	d.UserID, d.Tenant = u.ID, u.Tenant
	if d.Address, err = e.address(u); err != nil {
		return User{}, err
	}
	if err = lockUser(tx, u.ID); err != nil { // or two devices at once could both be the last
		return User{}, err
	}
	if err = actor.stands(tx); err != nil {
		return User{}, err
	}
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return User{}, err
	}
	return u, roomFor(devices)
}

func (s *Devices) create(tx *journal, actor Actor, e Enrolment, d Device) error {
	if err := tx.CreateDevice(d); CodeOf(err) == CodeConflict {
		return Errorf(CodeConflict, "the serial %s is taken", d.Serial).because(ReasonSerialTaken)
	} else if err != nil {
		return err
	}
	if len(e.Attributes) > 0 {
		if err := tx.SetAttributes(Subject{SubjectDevice, d.ID}, e.Dialect, e.Attributes); err != nil {
			return err
		}
	}
	if err := s.markNew(tx, e, d); err != nil {
		return err
	}
	action := "device.add"
	if d.Status == StatusPending {
		action = "device.enrol"
	}
	tx.welcome = e.Welcome
	return s.record(tx, s.deviceEvent(actor, d, action, ""))
}

// welcomes says whether there is a way to tell e's user as e wants it. Whether he
// has an address there is for giveTo to say.
func (s *Devices) welcomes(e Enrolment) error {
	switch {
	case e.Welcome == "":
		return nil
	case !e.Welcome.isAddress():
		return Errorf(CodeInvalid, "a user is told by phone or email, not by %q", e.Welcome)
	case e.User == "":
		return Errorf(CodeConflict, "a device in stock has nobody who could be told of it").because(ReasonNoAddress)
	case s.channels[e.Welcome] == nil:
		return Errorf(CodeUnavailable, "nobody can be told by %[1]s here: the configuration needs 'channel %[1]s'", e.Welcome).because(ReasonUndelivered)
	}
	return nil
}

// addressOf is where messages of the kind reach u; empty: nowhere.
func (u User) addressOf(kind DeviceKind) string {
	switch kind {
	case KindEmail:
		return u.Email
	case KindPhone:
		return u.Phone
	}
	return ""
}
