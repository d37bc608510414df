package qitech

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"slices"
)

// The operations, as `integrator add --operation` takes them.
const (
	createDevice   = "create_device"
	validateDevice = "validate_device"
	resendToken    = "resend_token"
	showDevice     = "show_device"
	listDevices    = "list_devices"
	disableDevice  = "disable_device"
)

// Operations are what an integrator may be allowed to ask for.
func (*QITech) Operations() []string {
	return slices.Sorted(slices.Values([]string{createDevice, validateDevice, resendToken, showDevice, listDevices, disableDevice}))
}

// CheckPublicKey refuses a key that no integrator can sign with: ES512 is ECDSA over
// P-521 (RFC 7518 section 3.4).
func (*QITech) CheckPublicKey(key crypto.PublicKey) error {
	if k, ok := key.(*ecdsa.PublicKey); ok && k.Curve == elliptic.P521() {
		return nil
	}
	return errors.New("calls are signed with ES512: make a key of the curve P-521")
}
