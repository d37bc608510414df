package authcore

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxDeviceName is how many characters the name of a device has at most.
const maxDeviceName = 64

// Rename says what the owner of a device calls it: up to 64 characters that can
// be read; empty takes the name away. CodeConflict when another client device of the same
// owner has it: whoever approves one knows it by its name.
func (s *Devices) Rename(ctx context.Context, actor Actor, ref, name string) (d Device, err error) {
	if name, err = deviceName(name); err != nil {
		return Device{}, err
	}
	err = s.write(ctx, func(tx *journal) (err error) {
		if d, err = findDevice(tx, actor, ref); err != nil {
			return err
		}
		if err = nameFree(tx, d, name); err != nil {
			return err
		}
		if err = tx.RenameDevice(d.ID, name); err != nil {
			return err
		}
		d.Name = name
		return s.record(tx, s.deviceEvent(actor, d, "device.rename", ""))
	})
	if err != nil {
		return Device{}, err
	}
	return d, nil
}

// nameFree says whether no other client device of d's owner has the name.
func nameFree(tx Tx, d Device, name string) error {
	if d.Kind != KindClient || name == "" {
		return nil
	}
	devices, err := tx.Devices(d.Tenant, d.UserID)
	for _, other := range devices {
		if other.ID != d.ID && other.Kind == KindClient && other.Name == name && !other.retired() {
			return Errorf(CodeConflict, "another device is called so already: choose another name")
		}
	}
	return err
}

// retired says whether d opens nothing any more, for good.
func (d Device) retired() bool { return d.Status == StatusDeactivated || d.Status == StatusRejected }

// deviceName is the form in which a name is kept. What can't be seen, or turns
// the direction of writing, is refused: one device would pass for another.
func deviceName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", Errorf(CodeInvalid, "the name of the device is not valid UTF-8")
	}
	name = norm.NFC.String(strings.TrimSpace(name))
	if utf8.RuneCountInString(name) > maxDeviceName {
		return "", Errorf(CodeInvalid, "the name of a device has at most %d characters", maxDeviceName)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return "", Errorf(CodeInvalid, "the name of the device has a character that can't be seen: use letters, digits and signs")
	}
	return name, nil
}
