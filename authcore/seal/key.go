package seal

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
)

const keySize = 32 // bytes: AES-256

// NewKey makes a key of 32 random bytes.
func NewKey() []byte {
	raw := make([]byte, keySize)
	rand.Read(raw) // never fails: it ends the process instead
	return raw
}

// ParseKey reads a key of 32 bytes in Base64, standard or URL-safe, with or
// without padding (RFC 4648 sections 4 and 5). White space around it is left
// out. The errors say what length was found and never repeat the text.
func ParseKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	for _, encoding := range []*base64.Encoding{
		base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding,
	} {
		raw, err := encoding.Strict().DecodeString(text)
		// The decoder skips line breaks: two keys in one file must not become one.
		if err != nil || strings.ContainsAny(text, "\r\n") {
			continue
		}
		if len(raw) != keySize {
			return nil, fmt.Errorf("the key has %d bytes: it must have %d", len(raw), keySize)
		}
		return raw, nil
	}
	return nil, fmt.Errorf("the key is %d characters that are not Base64: it must be %d bytes in Base64, 44 characters", len(text), keySize)
}
