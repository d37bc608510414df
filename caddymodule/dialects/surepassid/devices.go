package surepassid

import (
	"regexp"
	"strconv"

	"github.com/doorward/doorward/authcore"
)

var serial = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

func checkPSN(psn string) error {
	if !serial.MatchString(psn) {
		return fail(9029, "a psn has up to 64 letters, digits and - _ . :")
	}
	return nil
}

// device finds the one whose psn a request has: whoever disables the device of
// somebody else by mistake learns of it.
func (x *exchange) device() (authcore.Device, error) {
	psn := x.text("psn", "printedSerialNumber")
	if psn == "" {
		return authcore.Device{}, fail(9020, "send the psn of the device")
	}
	if err := checkPSN(psn); err != nil {
		return authcore.Device{}, err
	}
	return x.usersOwn(psn)
}

// usersOwn finds a device by its psn or ID: that of the user who is named, if one is,
// or in stock.
func (x *exchange) usersOwn(ref string) (d authcore.Device, err error) {
	var u authcore.User
	name := x.text("username")
	if name != "" {
		if u, err = x.Core.Users.Get(x.Context(), x.actor, name); err != nil {
			return d, err
		}
	}
	d, err = x.anyones(ref)
	if err == nil && name != "" && d.UserID != "" && d.UserID != u.ID {
		return authcore.Device{}, noDevice()
	}
	return d, err
}

// anyones finds a device that makes codes itself; the vendor has no others.
func (x *exchange) anyones(ref string) (authcore.Device, error) {
	d, _, err := x.Core.Devices.Get(x.Context(), x.actor, ref)
	if err == nil && !d.Kind.MakesCodes() {
		return authcore.Device{}, noDevice()
	}
	return d, err
}

func noDevice() error { return fail(9021, "no such device") }

// found is what is told of a device.
type found struct {
	DeviceType   int `json:"deviceType"`
	OTPType      int `json:"otpType"`
	DeviceStatus int `json:"deviceStatus"` // 0 enabled, 1 disabled
	Assigned     int `json:"assigned"`
}

func findDevice(x *exchange) (any, error) {
	d, err := x.device()
	if err != nil {
		return nil, err
	}
	kind, err := x.deviceType(d)
	if err != nil {
		return nil, err
	}
	f := found{DeviceType: kind, OTPType: otpType(d), DeviceStatus: deviceStatus(d)}
	if d.UserID != "" {
		f.Assigned = 1
	}
	return f, nil
}

func otpType(d authcore.Device) int {
	if d.Kind == authcore.KindHOTP {
		return event
	}
	return timeBased
}

// deviceStatus: what awaits its codes opens nothing either.
func deviceStatus(d authcore.Device) int {
	if d.Status == authcore.StatusActive {
		return 0
	}
	return 1
}

// deviceType is the number that a device was registered with here; others got none.
func (x *exchange) deviceType(d authcore.Device) (int, error) {
	of, err := x.Core.Devices.Attributes(x.Context(), x.actor, d.ID, dialectName)
	if err != nil {
		return 0, err
	}
	return typeOf(of), nil
}

func typeOf(of authcore.Attributes) int {
	if n, err := strconv.Atoi(of[deviceTypeAttribute]); err == nil {
		return n
	}
	return oathToken
}

func assignDevice(x *exchange) (any, error) {
	psn := x.text("psn", "printedSerialNumber")
	if psn == "" {
		return nil, fail(9020, "send the psn of the device")
	}
	if err := checkPSN(psn); err != nil {
		return nil, err
	}
	force, err := x.flag("force")
	if err != nil {
		return nil, err
	}
	d, err := x.anyones(psn) // whose it is does not matter: that is about to change
	if err != nil {
		return nil, err
	}
	_, err = x.Core.Devices.Assign(x.Context(), x.actor, d.ID, x.text("username"), force)
	return nil, config(err)
}

// What is so already is no failure: a client that heard no answer asks again.

func unassignDevice(x *exchange) (any, error) {
	d, err := x.device()
	if err != nil || d.UserID == "" {
		return nil, err
	}
	_, err = x.Core.Devices.Unassign(x.Context(), x.actor, d.ID)
	return nil, inState(err, d)
}

func disableDevice(x *exchange) (any, error) {
	d, err := x.device()
	if err != nil || d.Status == authcore.StatusBlocked {
		return nil, err
	}
	_, err = x.Core.Devices.Block(x.Context(), x.actor, d.ID)
	return nil, inState(err, d)
}

// enableDevice also ends the pause of a device after too many wrong codes.
func enableDevice(x *exchange) (any, error) {
	d, err := x.device()
	if err != nil {
		return nil, err
	}
	_, err = x.Core.Devices.Unblock(x.Context(), x.actor, d.ID)
	if d.Status == authcore.StatusActive && authcore.CodeOf(err) == authcore.CodeConflict && authcore.ReasonOf(err) == "" {
		return nil, nil // it is enabled, and was not paused
	}
	return nil, inState(err, d)
}

// inState gives the return code of a device that can't be used to what it can't become,
// and says what brings one there that awaits its codes.
func inState(err error, d authcore.Device) error {
	why := authcore.ReasonOf(err)
	if why != authcore.ReasonInactive && (why != "" || authcore.CodeOf(err) != authcore.CodeConflict) {
		return err
	}
	f := &failure{number: 9028, err: err}
	if d.Status == authcore.StatusPending && d.Awaits == authcore.AwaitsCodes {
		f.more = "active_oath_device takes them"
	}
	return f
}

func deleteDevice(x *exchange) (any, error) {
	d, err := x.device()
	if err != nil {
		return nil, err
	}
	_, err = x.Core.Devices.Remove(x.Context(), x.actor, d.ID)
	return nil, err
}
