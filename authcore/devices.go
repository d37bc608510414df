package authcore

import (
	"context"
	"crypto/rand"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/oath"
)

// Devices registers authenticators and looks after them.
type Devices struct{ *Core }

// maxDevices is how many active devices count for one user: every wrong code
// is a try at each of them.
const maxDevices = 5

// Enrolment is what a device is registered with. Zero values take the defaults
// that authenticator apps expect.
type Enrolment struct {
	User      string // name or ID
	Kind      DeviceKind
	Secret    []byte         // nil: 20 random bytes
	Serial    string         // empty: 12 random characters
	Algorithm oath.Algorithm // default SHA1
	Digits    int            // 6 (default) or 8
	Period    int            // TOTP: 15 to 120 s, default 30
}

// Registered is a new device, with the secret that is shown this once.
type Registered struct {
	Device Device
	Secret []byte
	URI    string // otpauth://…
}

// Register makes an active device: the operator vouches for it.
func (s *Devices) Register(ctx context.Context, actor Actor, e Enrolment) (Registered, error) {
	if err := actor.administers(); err != nil {
		return Registered{}, err
	}
	d, key, err := e.device()
	if err != nil {
		return Registered{}, err
	}
	d.CreatedAt = s.now()
	d.Sealed = s.ring.Seal("devices", "secret", d.ID, key.Secret)
	var u User
	err = s.write(ctx, func(tx *journal) (err error) {
		if u, err = findUser(tx, actor, e.User); err != nil {
			return err
		}
		d.UserID, d.Tenant = u.ID, u.Tenant
		if err = roomForDevice(tx, u); err != nil {
			return err
		}
		if err = tx.CreateDevice(d); err != nil {
			return err
		}
		return s.record(tx, s.deviceEvent(actor, d, "device.add", ""))
	})
	if err != nil {
		return Registered{}, err
	}
	return Registered{d, key.Secret, key.URI(string(d.Kind), s.label, u.Name, 0)}, nil
}

func (e Enrolment) device() (Device, oath.Key, error) {
	key := oath.Key{Secret: e.Secret, Algorithm: e.Algorithm, Digits: e.Digits, Period: e.Period}
	if key.Secret == nil {
		key.Secret = oath.NewSecret()
	}
	if key.Algorithm == "" {
		key.Algorithm = oath.SHA1
	}
	if key.Digits == 0 {
		key.Digits = 6
	}
	d := Device{ID: uuid.NewString(), Serial: e.Serial, Kind: e.Kind, Status: StatusActive, LastCounter: -1}
	var err error
	switch e.Kind {
	case KindTOTP:
		if key.Period == 0 {
			key.Period = 30
		}
		d.LookAhead = 1 // RFC 6238 section 5.2: one step to either side
		err = key.ValidateTOTP()
	case KindHOTP:
		d.LookAhead = 5 // RFC 4226 section 7.4: as small as usability allows
		err = key.ValidateHOTP()
	default:
		return d, key, Errorf(CodeInvalid, "the kind of a device is totp or hotp, not %q", e.Kind)
	}
	if err != nil {
		return d, key, Errorf(CodeInvalid, "%v", err)
	}
	if d.Serial == "" {
		d.Serial = rand.Text()[:12]
	}
	d.Algorithm, d.Digits, d.Period = key.Algorithm, key.Digits, key.Period
	return d, key, checkSerial(d.Serial)
}

func checkSerial(serial string) error {
	ok := len(serial) <= 64
	for _, r := range serial {
		ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r == ':')
	}
	if _, err := uuid.Parse(serial); err == nil || !ok {
		return Errorf(CodeInvalid, "a serial has up to 64 letters, digits and - _ . : and not the shape of an ID: %q", serial)
	}
	return nil
}

func roomForDevice(tx Tx, u User) error {
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return err
	}
	n := 0
	for _, d := range devices {
		if d.Status != StatusDeactivated && d.Status != StatusRejected {
			n++
		}
	}
	if n >= maxDevices {
		return Errorf(CodeConflict, "%s has %d devices already, the most there may be: deactivate one first", u.Name, n)
	}
	return nil
}

// List gives a user's devices, or all of the default tenant when user is empty.
func (s *Devices) List(ctx context.Context, actor Actor, user string) (devices []Device, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		if user == "" {
			if err := actor.administers(); err != nil {
				return err
			}
			devices, err = tx.Devices(DefaultTenant, "")
			return err
		}
		u, err := findUser(tx, actor, user)
		if err != nil {
			return err
		}
		devices, err = tx.Devices(u.Tenant, u.ID)
		return err
	})
	return devices, err
}

// Get finds a device by serial or ID, and the wrong codes counted against it.
func (s *Devices) Get(ctx context.Context, actor Actor, ref string) (d Device, a Attempts, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) {
		if d, err = findDevice(tx, actor, ref); err != nil {
			return err
		}
		a, err = tx.Attempts(deviceKey(d))
		return err
	})
	return d, a, err
}

// findDevice is where every method looks a device up, and where the actor is
// held against it.
func findDevice(tx Tx, actor Actor, ref string) (Device, error) {
	var d Device
	var err error
	if _, parse := uuid.Parse(ref); parse == nil {
		d, err = tx.DeviceByID(ref)
	} else {
		d, err = tx.DeviceBySerial(DefaultTenant, ref)
	}
	if CodeOf(err) == CodeNotFound {
		return Device{}, notFound("device")
	}
	if err != nil {
		return Device{}, err
	}
	if err := actor.maySee(d.UserID, "device"); err != nil {
		return Device{}, err
	}
	return d, nil
}

// deviceSecret unseals what d shares with its owner.
func (c *Core) deviceSecret(d Device) (oath.Key, error) {
	secret, err := c.ring.Open("devices", "secret", d.ID, d.Sealed)
	return oath.Key{Secret: secret, Algorithm: d.Algorithm, Digits: d.Digits, Period: d.Period}, err
}

func (c *Core) deviceEvent(actor Actor, d Device, action, reason string) Event {
	outcome := OutcomeOK
	if reason != "" {
		outcome = OutcomeRefused
	}
	return Event{
		Actor: actor.String(), Action: action, Outcome: outcome, Reason: reason, Tenant: d.Tenant,
		UserID: d.UserID, DeviceID: d.ID, Factor: string(d.Kind),
	}
}
