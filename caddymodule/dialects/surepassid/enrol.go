package surepassid

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// The numbers of the vendor's for kinds of device and of code.
const (
	softToken = 0
	keyFob    = 1
	oathToken = 13 // what is known of no other kind

	event     = 0 // HOTP
	timeBased = 1 // TOTP
)

// What is remembered of a device beside what the core does.
const (
	deviceTypeAttribute  = "device_type"
	mobileAuthAttribute  = "mobile_auth"
	mobileUsageAttribute = "mobile_usage"
	physicalAttribute    = "physical_device"
)

// enrolled is the answer to who registers a device. Its key is never in it.
type enrolled struct {
	PSN      string `json:"psn,omitempty"`
	DeviceID string `json:"deviceId"`
}

func addDevice(x *exchange) (any, error) {
	e, err := x.enrolment()
	if err != nil {
		return nil, err
	}
	return x.register(e)
}

func (x *exchange) register(e authcore.Enrolment) (any, error) {
	registered, err := x.Core.Devices.Register(x.Context(), x.actor, e)
	if err != nil {
		return nil, config(unsent(err, e.Welcome, e.User != ""))
	}
	return enrolled{registered.Device.Serial, registered.Device.ID}, nil
}

// enrolment reads the fields of a device. What an integrator registers is active at
// once, but a key fob: its two first codes show that it has the key that was typed.
func (x *exchange) enrolment() (e authcore.Enrolment, err error) {
	e = authcore.Enrolment{
		User: x.text("username"), Serial: x.text("psn", "printedSerialNumber"), Name: x.text("softTokenAlias"),
		Dialect: dialectName, Attributes: authcore.Attributes{},
	}
	if e.Serial == "" {
		e.Serial = "OATH_" + rand.Text()[:12]
	}
	if e.PIN = x.text("OtpPin"); e.PIN == "0" { // a short that was not set
		e.PIN = ""
	}
	deviceType, err := x.number("deviceType", softToken, 0, 99, 9008)
	if err != nil {
		return e, err
	}
	if deviceType == keyFob {
		e.Awaits = authcore.AwaitsCodes
	}
	e.Attributes[deviceTypeAttribute] = strconv.Itoa(deviceType)
	for _, read := range []func(*authcore.Enrolment) error{x.codes, x.window, x.key, x.usage} {
		if err := read(&e); err != nil {
			return e, err
		}
	}
	return e, nil
}

// codes reads what kind they are of and how long.
func (x *exchange) codes(e *authcore.Enrolment) error {
	of, err := x.number("OtpType", timeBased, event, timeBased, 9011)
	if err != nil {
		return err
	}
	e.Kind = authcore.KindTOTP
	if of == event {
		e.Kind = authcore.KindHOTP
	}
	switch x.text("OtpLength") {
	case "", "0", "6":
		e.Digits = 6
	case "8":
		e.Digits = 8
	default:
		return fail(9013, "OtpLength is 6 or 8")
	}
	return nil
}

// window reads windowSize, which is two things: of a counter how far to look ahead, of
// a clock the seconds that a code lasts. How far a clock may be off is in timeDrift.
func (x *exchange) window(e *authcore.Enrolment) error {
	size, err := x.number("windowSize", 0, 0, 120, 9013)
	switch {
	case err != nil:
		return err
	case e.Kind == authcore.KindHOTP && size > 50:
		return fail(9013, "windowSize of a device with a counter is the number of codes to look ahead, 50 at most")
	case e.Kind == authcore.KindHOTP && size > 0:
		e.LookAhead = &size
	case e.Kind == authcore.KindTOTP && size > 0 && size < 15:
		return fail(9013, "windowSize of a device with a clock is the seconds that a code lasts, 15 to 120")
	}
	if e.Kind == authcore.KindHOTP {
		return nil
	}
	e.Period = size
	if drift, err := x.number("timeDrift", 1, 0, 2, 9035); err != nil {
		return err
	} else if x.text("timeDrift") != "" {
		e.LookAhead = &drift
	}
	return nil
}

// key reads the secret, which may come in two forms. No error quotes it.
func (x *exchange) key(e *authcore.Enrolment) error {
	if text := x.text("secretKeyHex"); text != "" {
		secret, err := hex.DecodeString(text)
		if err != nil {
			return fail(9013, "secretKeyHex is not hexadecimal, two digits a byte")
		}
		e.Secret = secret
	}
	text := x.text("secretKeyHexBase64")
	if text == "" {
		return nil
	}
	secret, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return fail(9013, "secretKeyHexBase64 is not Base64")
	}
	secret = fromHex(secret)
	if e.Secret != nil && !bytes.Equal(e.Secret, secret) {
		return fail(9013, "secretKeyHex and secretKeyHexBase64 are two different keys: send one of them")
	}
	e.Secret = secret
	return nil
}

// fromHex takes a key for its hexadecimal digits in ASCII, as its name says, when it
// can be nothing else: no random key of 32 bytes and more has only such.
func fromHex(secret []byte) []byte {
	if decoded, err := hex.DecodeString(string(secret)); err == nil && len(secret) >= 32 {
		return decoded
	}
	return secret
}

// usage reads how the device comes to its user.
func (x *exchange) usage(e *authcore.Enrolment) error {
	welcome, err := x.number("notificationMethod", 0, 0, 2, 9013)
	if err != nil {
		return err
	}
	e.Welcome = []authcore.DeviceKind{"", authcore.KindEmail, authcore.KindPhone}[welcome]
	auth, err := x.number("mobileAuth", 0, 0, 1, 9013)
	if err != nil {
		return err
	}
	usage, err := x.number("mobileUsage", 1, 0, 2, 9013)
	if err != nil {
		return err
	}
	if usage == 0 {
		return fail(9013, "mobileUsage 0 is push alone, which is for apps that an operator registers (mobile_application): 1 is a code, 2 both")
	}
	e.Attributes[mobileAuthAttribute], e.Attributes[mobileUsageAttribute] = strconv.Itoa(auth), strconv.Itoa(usage)
	return nil
}
