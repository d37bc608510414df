package oath

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

// newSecretSize is the size, in bytes, that RFC 4226 section 4 (R6) recommends.
const newSecretSize = 20

var unpadded = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret makes a secret of 20 random bytes (RFC 4226 section 4, R6).
func NewSecret() []byte {
	secret := make([]byte, newSecretSize)
	rand.Read(secret) // never fails: it ends the process instead
	return secret
}

// FormatSecret writes a secret as Base32 in capitals without padding (RFC 4648
// section 6), as authenticator apps expect it.
func FormatSecret(secret []byte) string { return unpadded.EncodeToString(secret) }

// ParseSecret reads what FormatSecret writes and what people make of it: any
// case, spaces and hyphens between groups, '=' at the end. It looks at the
// spelling only: ValidateHOTP and ValidateTOTP know which sizes are allowed.
// The errors say where it went wrong and never repeat a part of the text.
func ParseSecret(text string) ([]byte, error) {
	letters := make([]byte, 0, len(text))
	position := 0
	for _, r := range strings.TrimRight(text, "= -") {
		position++
		switch {
		// By hand, because the decoder skips line breaks, and folding to upper
		// case makes an S of U+017F.
		case r == ' ' || r == '-':
		case 'A' <= r && r <= 'Z' || '2' <= r && r <= '7':
			letters = append(letters, byte(r))
		case 'a' <= r && r <= 'z':
			letters = append(letters, byte(r-'a'+'A'))
		default:
			return nil, fmt.Errorf("character %d of the secret is not Base32: A to Z and 2 to 7 are allowed", position)
		}
	}
	if len(letters) == 0 {
		return nil, errors.New("the secret is empty")
	}
	switch len(letters) % 8 {
	case 1, 3, 6: // RFC 4648 section 6: no number of bytes is that long
		return nil, fmt.Errorf("the secret has %d Base32 characters, which make no whole number of bytes: is one missing?", len(letters))
	}
	secret, err := unpadded.DecodeString(string(letters))
	if err != nil {
		return nil, errors.New("the secret is not Base32")
	}
	return secret, nil
}
