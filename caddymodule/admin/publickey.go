package admin

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// publicKey reads a key that integrators of a dialect are to sign with. Of a dialect that
// knows no signatures any could do nothing.
func publicKey(d dialect.Integrated, name, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	checker, signs := d.(dialect.KeyChecker)
	if !signs {
		return nil, authcore.Errorf(authcore.CodeInvalid, "integrators of the dialect %s show a key and don't sign: leave the public key out", name)
	}
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	var key any
	if err == nil {
		key, err = x509.ParsePKIXPublicKey(der)
	}
	if err != nil { // its text could repeat what was sent in place of a public key
		return nil, authcore.Errorf(authcore.CodeInvalid, "the public key can't be read: it is a SubjectPublicKeyInfo (RFC 5280 section 4.1) in Base64, and no private key")
	}
	if err := checker.CheckPublicKey(key); err != nil {
		return nil, authcore.Errorf(authcore.CodeInvalid, "the public key is refused: %v", err)
	}
	return der, nil
}

// fingerprint names a public key, as `openssl pkey -pubin -outform DER | sha256sum` does.
func fingerprint(der []byte) string {
	if len(der) == 0 {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
