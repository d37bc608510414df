package admin

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// checkPublicKey says whether integrators of a dialect may sign with a key. Of a dialect
// that knows no signatures any could do nothing.
func checkPublicKey(d dialect.Integrated, name string, der []byte) error {
	if len(der) == 0 {
		return nil
	}
	checker, signs := d.(dialect.KeyChecker)
	if !signs {
		return authcore.Errorf(authcore.CodeInvalid, "integrators of the dialect %s show a key and don't sign: leave the public key out", name)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil { // its text could repeat what was sent in place of a public key
		return authcore.Errorf(authcore.CodeInvalid, "the public key can't be read: it is a SubjectPublicKeyInfo (RFC 5280 section 4.1) in Base64, and no private key")
	}
	if err := checker.CheckPublicKey(key); err != nil {
		return authcore.Errorf(authcore.CodeInvalid, "the dialect %s refuses the public key: %v", name, err)
	}
	return nil
}

// fingerprint names a public key, as `openssl pkey -pubin -outform DER | sha256sum` does.
func fingerprint(der []byte) string {
	if len(der) == 0 {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
