// Package oath says which counter a one-time password belongs to: HOTP
// (RFC 4226) and TOTP (RFC 6238), with look-ahead, drift and resynchronisation.
//
// Matching is pure. It reads no clock, keeps no state and consumes nothing:
// whoever calls it must store the counter that matched, in one statement that
// says who won, before anything is granted.
package oath

import (
	"errors"
	"fmt"

	"github.com/pquerna/otp"
)

// Algorithm is the hash inside the HMAC (RFC 6238 section 1.2).
type Algorithm string

// The algorithms of RFC 6238.
const (
	SHA1   Algorithm = "SHA1"
	SHA256 Algorithm = "SHA256"
	SHA512 Algorithm = "SHA512"
)

// Key is what a device and the server share.
type Key struct {
	Secret    []byte    // 16 to 128 bytes (RFC 4226 section 4, R6: at least 128 bits)
	Algorithm Algorithm // one of the three above, spelled like that
	Digits    int       // 6 or 8 (RFC 4226 section 5.3)
	Period    int       // seconds, 15 to 120; TOTP only, 0 for HOTP
}

// The bounds of a Key.
const (
	minSecret, maxSecret = 16, 128
	minPeriod, maxPeriod = 15, 120
)

// ValidateHOTP says what of the key is wrong, and what is allowed, for use with
// HOTP. The text never holds the secret. A key that fails matches no code.
func (k Key) ValidateHOTP() error {
	if k.Period != 0 {
		return fmt.Errorf("period is %d seconds: HOTP counts events, so it must be 0", k.Period)
	}
	return k.validate()
}

// ValidateTOTP says what of the key is wrong, and what is allowed, for use with
// TOTP. The text never holds the secret. A key that fails matches no code.
func (k Key) ValidateTOTP() error {
	if k.Period < minPeriod || k.Period > maxPeriod {
		return fmt.Errorf("period is %d seconds: %d to %d are allowed", k.Period, minPeriod, maxPeriod)
	}
	return k.validate()
}

func (k Key) validate() error {
	if len(k.Secret) == 0 {
		return errors.New("secret is empty")
	}
	if len(k.Secret) < minSecret || len(k.Secret) > maxSecret {
		unit := "bytes"
		if len(k.Secret) == 1 {
			unit = "byte"
		}
		return fmt.Errorf("secret has %d %s: %d to %d are allowed", len(k.Secret), unit, minSecret, maxSecret)
	}
	if k.Digits != 6 && k.Digits != 8 {
		return fmt.Errorf("digits is %d: 6 and 8 are allowed", k.Digits)
	}
	if _, known := algorithms[k.Algorithm]; !known {
		return fmt.Errorf("algorithm is %q: %s, %s and %s are allowed", k.Algorithm, SHA1, SHA256, SHA512)
	}
	return nil
}

// algorithms are the names that the library has for ours. What is missing here
// would read as SHA1 there, so validate looks it up before anything is computed.
var algorithms = map[Algorithm]otp.Algorithm{
	SHA1:   otp.AlgorithmSHA1,
	SHA256: otp.AlgorithmSHA256,
	SHA512: otp.AlgorithmSHA512,
}
