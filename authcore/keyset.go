package authcore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"
)

// The algorithms that sign tokens (RFC 7518, RFC 8037). Each key has one, and a
// token's header never chooses.
const (
	ES256 = "ES256"
	EdDSA = "EdDSA"
	RS256 = "RS256"
)

// keyLead is how long a new key is published before it signs: the JWKS may be
// cached for as long.
const keyLead = time.Minute

// publicKey is a signing key as the view knows it.
type publicKey struct {
	SigningKey
	public   crypto.PublicKey
	retireAt time.Time // zero: not yet
}

type keySet []publicKey // oldest first

// newKeySet reads the rows and derives when each key retires: when the last
// token it may have signed has expired.
func newKeySet(rows []SigningKey) (keySet, error) {
	set := make(keySet, 0, len(rows))
	for _, row := range rows {
		public, err := x509.ParsePKIXPublicKey(row.Public)
		if err == nil {
			err = checkKey(row.Algorithm, public)
		}
		if err != nil {
			return nil, Wrap(CodeInternal, err, "signing key "+row.ID+" can't be used")
		}
		if n := len(set); n > 0 { // this one signs from then on, whatever its algorithm
			set[n-1].retireAt = row.ActiveFrom.Add(MaxTokenLifetime + leeway)
		}
		set = append(set, publicKey{SigningKey: row, public: public})
	}
	return set, nil
}

// checkKey refuses weak keys and keys of another algorithm.
func checkKey(algorithm string, public crypto.PublicKey) error {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		if algorithm == ES256 && k.Curve == elliptic.P256() {
			return nil
		}
	case ed25519.PublicKey:
		if algorithm == EdDSA {
			return nil
		}
	case *rsa.PublicKey:
		if algorithm == RS256 && k.N.BitLen() >= 2048 {
			return nil
		}
	}
	return fmt.Errorf("a %T is not a strong key for %q", public, algorithm)
}

// verifying finds the key that a token names, if it is still accepted.
func (s keySet) verifying(id string, now time.Time) (publicKey, bool) {
	for _, k := range s {
		if k.ID == id && (k.retireAt.IsZero() || now.Before(k.retireAt)) {
			return k, true
		}
	}
	return publicKey{}, false
}

// signing is the youngest active key. The configured algorithm is that of the
// next key that is made; all nodes sign with the same one.
func (s keySet) signing(now time.Time) (found publicKey, ok bool) {
	for _, k := range s {
		if !k.ActiveFrom.After(now) {
			found, ok = k, true
		}
	}
	return found, ok
}
