package authcore

import (
	"context"
	"crypto/rand"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/oath"
)

// maxDevices is how many active devices count for one user: every wrong code
// is a try at each of them.
const maxDevices = 5

// Enrolment is what a device is registered with. Zero values take the defaults
// that authenticator apps expect.
type Enrolment struct {
	User      string // name or ID; empty: the device is in stock
	Kind      DeviceKind
	Secret    []byte         // nil: 20 random bytes
	Serial    string         // empty: 12 random characters
	Algorithm oath.Algorithm // default SHA1
	Digits    int            // 6 (default) or 8
	Period    int            // TOTP: 15 to 120 s, default 30
	// Address is where codes are sent, for phone and email. Empty: the user's own.
	Address string
	Name    string // what its owner calls it; may be empty
	// LookAhead is that of the device: HOTP 0 to 50, default 5; TOTP 0 to 2 steps to
	// either side, default 1. Nil: the default. CodeInvalid with ReasonDrift.
	LookAhead *int
	PIN       string // 4 to 8 digits that are typed before each code; empty: none
	// Awaits, when it is not empty, keeps the device pending.
	Awaits Awaits
	// Welcome is how the user is told, KindEmail or KindPhone; empty: as of any change.
	Welcome DeviceKind
	// Dialect and Attributes are what is remembered of the device. Only the key of a
	// device that a dialect registered can be shown later, once.
	Dialect    string
	Attributes Attributes
}

// Registered is a new device, with the secret that is shown this once. What
// codes are sent to has none.
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
	d.CreatedAt = s.now()
	if !e.Kind.sent() {
		d.Sealed = s.ring.Seal("devices", "secret", d.ID, key.Secret)
	}
	var u User
	err = s.write(ctx, func(tx *journal) (err error) {
		if u, err = findUser(tx, actor, e.User); err != nil {
			return err
		}
		d.UserID, d.Tenant = u.ID, u.Tenant
		if d.Address, err = e.address(u); err != nil {
			return err
		}
		if err = tx.LockUser(u.ID); err != nil { // or two devices at once could both be the last
			return err
		}
		devices, err := tx.Devices(u.Tenant, u.ID)
		if err != nil {
			return err
		}
		if err = roomFor(devices); err != nil {
			return err
		}
		if err = tx.CreateDevice(d); CodeOf(err) == CodeConflict {
			return Errorf(CodeConflict, "the serial %s is taken", d.Serial)
		} else if err != nil {
			return err
		}
		return s.record(tx, s.deviceEvent(actor, d, "device.add", ""))
	})
	if err != nil {
		return Registered{}, err
	}
	if e.Kind.sent() {
		return Registered{Device: d}, nil
	}
	return Registered{d, key.Secret, key.URI(string(d.Kind), s.label, u.Name, 0)}, nil
}

func (e Enrolment) device() (Device, oath.Key, error) {
	if e.Kind.sent() {
		return e.receiver()
	}
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
		return d, key, Errorf(CodeInvalid, "the kind of a device is totp, hotp, phone or email, not %q", e.Kind)
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

// roomFor says whether a user who has these devices may have another. One that is
// pending makes room for it.
func roomFor(devices []Device) error {
	n := 0
	for _, d := range devices {
		if d.Kind != KindBackup && (d.Status == StatusActive || d.Status == StatusBlocked) {
			n++
		}
	}
	if n >= maxDevices {
		return Errorf(CodeConflict, "there are %d devices already, the most that one user may have: deactivate one first", n)
	}
	return nil
}
