package authcore

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/oath"
)

// receiver is a device that codes are sent to. It shares a secret with us only if it answers:
// what it signs with, or for an app the token with which that brings a key.
func (e Enrolment) receiver() (Device, oath.Key, error) {
	d := Device{ID: uuid.NewString(), Serial: cmp.Or(e.Serial, rand.Text()[:12]), Kind: e.Kind, Status: StatusActive, LastCounter: -1}
	if e.Secret != nil || e.Algorithm != "" || e.Digits != 0 || e.Period != 0 {
		return d, oath.Key{}, Errorf(CodeInvalid, "a device of the kind %s has no secret, algorithm, digits or period", e.Kind)
	}
	if e.LookAhead != nil || e.PIN != "" || e.Awaits != "" {
		return d, oath.Key{}, Errorf(CodeInvalid, "a device of the kind %s has no look-ahead and no PIN, and awaits no codes", e.Kind)
	}
	if e.User == "" {
		return d, oath.Key{}, Errorf(CodeInvalid, "a device of the kind %s is somebody's: it can't be in stock", e.Kind)
	}
	var err error
	if d.Name, err = deviceName(e.Name); err != nil {
		return d, oath.Key{}, err
	}
	var key oath.Key
	switch e.Kind {
	case KindHTTP, KindStomp:
		key.Secret = randomBytes(secretBytes)
	case KindMobile:
		key.Secret = randomBytes(enrolTokenBytes)
		digest := sha256.Sum256([]byte(enrolText(key.Secret)))
		d.Enrolment, d.Status, d.Awaits = digest[:], StatusPending, AwaitsKey
	}
	return d, key, checkSerial(d.Serial)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: see crypto/rand.Read
	return b
}

// address is where codes are sent to: what was named, or what is known of u.
func (e Enrolment) address(u User) (string, error) {
	switch e.Kind {
	case KindPhone:
		if e.Address == "" && u.Phone == "" {
			return "", Errorf(CodeInvalid, "the user has no phone number: give one with the device")
		}
		return CanonicalPhone(cmp.Or(e.Address, u.Phone))
	case KindEmail:
		if e.Address == "" && u.Email == "" {
			return "", Errorf(CodeInvalid, "the user has no e-mail address: give one with the device")
		}
		return CanonicalEmail(cmp.Or(e.Address, u.Email))
	case KindHTTP, KindStomp, KindMobile:
		return e.Address, checkAskedAt(e.Kind, e.Address)
	}
	if e.Address != "" {
		return "", Errorf(CodeInvalid, "a device of the kind %s has no address", e.Kind)
	}
	return "", nil
}
