package oath

import (
	"fmt"
	"net/url"
	"strings"
)

// URI writes the key for authenticator apps, as a link or a QR code: an
// otpauth URI. It holds the secret. kind is "totp" or "hotp", any other gives
// an empty string; counter is the first that the device shall use, and counts
// for "hotp" only.
//
// Issuer and account may hold any character: all but letters, digits and
// "-._~" are percent-encoded (RFC 3986 section 2.3), so that the colon between
// the two is the only one.
func (k Key) URI(kind, issuer, account string, counter int64) string {
	var moving string
	switch kind {
	case "totp":
		moving = fmt.Sprintf("period=%d", k.Period)
	case "hotp":
		moving = fmt.Sprintf("counter=%d", counter)
	default:
		return ""
	}
	return fmt.Sprintf("otpauth://%s/%s:%s?secret=%s&issuer=%s&algorithm=%s&digits=%d&%s",
		kind, escape(issuer), escape(account),
		FormatSecret(k.Secret), escape(issuer), k.Algorithm, k.Digits, moving)
}

// escape is QueryEscape, but with %20 for a space: apps show a plus as a plus.
func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
