package authcore

import (
	"crypto/rand"
	"unicode/utf8"

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
	// Address is that of the device. Empty: the user's own, for phone and email.
	Address string
	Name    string // what its owner calls it; may be empty
	// LookAhead is that of the device: HOTP 0 to 50, default 5; TOTP 0 to 2 steps to
	// either side, default 1. Nil: the default. CodeInvalid with ReasonDrift.
	LookAhead *int
	PIN       string // 4 to 8 digits that are typed before each code; empty: none
	// Awaits, when it is not empty, keeps the device pending. It is for kinds that make
	// their codes themselves, as LookAhead and PIN are.
	Awaits Awaits
	// Notified and LogsIn are those of the device: see Devices.Change.
	Notified, LogsIn bool
	// Welcome is how the user is told, KindEmail or KindPhone; empty: as of any change.
	Welcome DeviceKind
	// Dialect and Attributes are what is remembered of the device. Only the key of a
	// device that a dialect registered can be shown later, once.
	Dialect    string
	Attributes Attributes
}

// device is what e makes, without what is its user's, and its key.
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
		err = key.ValidateTOTP()
	case KindHOTP:
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
	return d, key, e.settle(&d)
}

// settle takes over what of e is no part of the key.
func (e Enrolment) settle(d *Device) (err error) {
	if d.LookAhead, err = e.lookAhead(); err != nil {
		return err
	}
	if e.PIN != "" {
		if err = checkPIN(e.PIN); err != nil {
			return err
		}
	}
	if d.Name, err = deviceName(e.Name); err != nil {
		return err
	}
	switch e.Awaits {
	case "":
	case AwaitsCodes:
		d.Status, d.Awaits = StatusPending, AwaitsCodes
	default:
		return Errorf(CodeInvalid, "a device awaits codes or nothing, not %q", e.Awaits)
	}
	return checkSerial(d.Serial)
}

// lookAhead is that of e, or the default: for TOTP one step to either side (RFC 6238
// section 5.2), for HOTP as small as usability allows (RFC 4226 section 7.4).
func (e Enrolment) lookAhead() (int, error) {
	n, most := 5, oath.MaxLookAhead
	if e.Kind == KindTOTP {
		n, most = 1, oath.MaxWindow
	}
	if e.LookAhead != nil {
		n = *e.LookAhead
	}
	if n < 0 || n > most {
		return 0, Errorf(CodeInvalid, "a device of the kind %s looks ahead 0 to %d, not %d", e.Kind, most, n).because(ReasonDrift)
	}
	return n, nil
}

// checkSerial quotes no serial: what somebody gives as one may be a secret.
func checkSerial(serial string) error {
	const most = 64
	if n := utf8.RuneCountInString(serial); n > most {
		return Errorf(CodeInvalid, "the serial has %d characters: %d are allowed", n, most).because(ReasonSerial)
	}
	for _, r := range serial {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r == ':') {
			return Errorf(CodeInvalid, "the serial has the character %q: letters, digits and - _ . : are allowed", string(r)).because(ReasonSerial)
		}
	}
	if _, err := uuid.Parse(serial); err == nil {
		return Errorf(CodeInvalid, "the serial has the shape of an ID (a UUID), which serials may not have").because(ReasonSerial)
	}
	return nil
}

// roomFor says whether a user who has these devices may have another. One that he is
// enrolling makes room for it; one that awaits codes stays. Client devices have room of
// their own: no code is tried against them.
func roomFor(devices []Device) error {
	n := 0
	for _, d := range devices {
		if d.Kind != KindBackup && d.Kind != KindClient && (d.Status == StatusActive || d.Status == StatusBlocked || d.Status == StatusPending && !d.enrolling()) {
			n++
		}
	}
	if n >= maxDevices {
		return Errorf(CodeConflict, "there are %d devices already, the most that one user may have: take one away first", n)
	}
	return nil
}
