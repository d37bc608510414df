package authcore

import "crypto/subtle"

// The length of a PIN, in digits.
const (
	leastPIN = 4
	mostPIN  = 8
)

// checkPIN refuses what is no PIN. Its text does not hold it.
func checkPIN(pin string) error {
	if len(pin) < leastPIN || len(pin) > mostPIN || !isCode(pin, len(pin)) {
		return Errorf(CodeInvalid, "a PIN has %d to %d digits", leastPIN, mostPIN)
	}
	return nil
}

func (c *Core) sealPIN(d Device, pin string) []byte {
	return c.ring.Seal("devices", "pin", d.ID, []byte(pin))
}

// afterPIN takes d's PIN off what was typed before a code of so many digits, and says
// whether it stood there. What the code is does not depend on the PIN: else the time
// would tell its length, as a code of another length is not computed. A device without
// a PIN takes all that was typed for its code.
func (c *Core) afterPIN(d Device, typed string, digits int) (code string, ok bool) {
	if len(d.PIN) == 0 {
		return typed, true
	}
	pin, err := c.ring.Open("devices", "pin", d.ID, d.PIN)
	if err == nil {
		err = checkPIN(string(pin))
	}
	if err != nil {
		c.log.Error("a device's PIN can't be used: it verifies nothing", "device_id", d.ID, "error", err)
		return "", false
	}
	n := max(0, len(typed)-digits)
	return typed[n:], subtle.ConstantTimeCompare([]byte(typed[:n]), pin) == 1
}
