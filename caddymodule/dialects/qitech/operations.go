package qitech

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// Operations are what an integrator may be allowed to ask for.
func (*QITech) Operations() []string {
	return []string{
		authcore.OpCreateDevice, authcore.OpDisableDevice, authcore.OpListDevices,
		authcore.OpResendToken, authcore.OpShowDevice, authcore.OpValidateDevice,
	}
}

// CheckPublicKey refuses a key that no call can be signed with: ES512 is ECDSA over
// P-521 (RFC 7518 section 3.4).
func (*QITech) CheckPublicKey(key crypto.PublicKey) error {
	if signs(key) {
		return nil
	}
	return authcore.Errorf(authcore.CodeInvalid, "calls of the dialect %s are signed with ES512: make a key of the curve P-521", dialectName)
}

func signs(key crypto.PublicKey) bool {
	k, ok := key.(*ecdsa.PublicKey)
	return ok && k.Curve == elliptic.P521()
}

var _ dialect.KeyChecker = (*QITech)(nil)
