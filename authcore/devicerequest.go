package authcore

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DeviceRequest is a device that an app asks for on an account.
type DeviceRequest struct {
	Account, Key string // the ID of the account and what the app calls the device: UUIDs, as sent
	Session      string // what the app calls its session: a UUID, as sent
	Document     string // of the approver; only its digits count
	Way          ApprovalWay
	Face         string // the picture for a verifier, with WayLiveness
	// PublicKey is that of the app, if it has one: P-256 or Ed25519 (SubjectPublicKeyInfo).
	PublicKey []byte
	// Sandbox makes the token SandboxToken, and sends nothing.
	Sandbox bool
	From    Origin
}

// maxPicture is how many characters the name of a picture has at most.
const maxPicture = 256

// check says what is wrong with r by itself. It quotes nothing: what somebody sends in the
// place of a key or a picture may be a secret.
func (r DeviceRequest) check() error {
	_, keyed := canonicalID(r.Key)
	_, named := canonicalID(r.Session)
	switch {
	case !keyed:
		return Errorf(CodeInvalid, "the key of the device is not a UUID: 36 characters, as 0d4f42a4-2a16-4fae-b366-2f1b7c1a4a21")
	case !named:
		return Errorf(CodeInvalid, "the ID of the session is not a UUID: 36 characters, as 0d4f42a4-2a16-4fae-b366-2f1b7c1a4a21")
	case r.Way == WayLiveness && r.Face == "":
		return Errorf(CodeInvalid, "there is no picture for the verifier to look at: name one")
	case utf8.RuneCountInString(r.Face) > maxPicture || !utf8.ValidString(r.Face) || strings.ContainsFunc(r.Face, unicode.IsControl):
		return Errorf(CodeInvalid, "what the picture is called has more than %d characters, or some that can't be read", maxPicture)
	case r.Way != WayPhone && r.Way != WayEmail && r.Way != WayLiveness && r.Way != WayDevice:
		return Errorf(CodeInvalid, "a device is approved by %s, %s, %s or %s, and no other way", WayPhone, WayEmail, WayLiveness, WayDevice)
	}
	return checkClientKey(r.PublicKey)
}

// checkClientKey says whether an app may sign with key; without one it does not sign.
func checkClientKey(der []byte) error {
	if len(der) == 0 {
		return nil
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err == nil {
		if p, ok := key.(*ecdsa.PublicKey); ok && p.Curve == elliptic.P256() {
			return nil
		}
		if _, ok := key.(ed25519.PublicKey); ok {
			return nil
		}
	}
	return Errorf(CodeInvalid, "the public key of a device is P-256 or Ed25519, as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)")
}

// digits are those of text: documents are compared by nothing else.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// sessionDigest is what a session that an app names is found by. It is a UUID in any case.
func sessionDigest(session string) []byte {
	sum := sha256.Sum256([]byte(strings.ToLower(session)))
	return sum[:]
}
