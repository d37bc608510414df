package authcore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
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
		for i := range set {
			if set[i].Algorithm == row.Algorithm && set[i].retireAt.IsZero() {
				set[i].retireAt = row.ActiveFrom.Add(MaxTokenLifetime + leeway)
			}
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

// signing is the youngest active key of the algorithm, or, while a new
// algorithm's first key is not active yet, the youngest active one of any.
func (s keySet) signing(algorithm string, now time.Time) (publicKey, bool) {
	var found publicKey
	for _, k := range s {
		if k.ActiveFrom.After(now) {
			continue
		}
		if found.ID == "" || k.Algorithm == algorithm || found.Algorithm != algorithm {
			found = k
		}
	}
	return found, found.ID != ""
}

// generateKey makes a key pair, as PKIX and PKCS #8.
func generateKey(algorithm string) (public, private []byte, err error) {
	var key crypto.Signer
	switch algorithm {
	case ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case RS256:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		err = errors.New("unknown algorithm " + algorithm)
	}
	if err != nil {
		return nil, nil, err
	}
	if public, err = x509.MarshalPKIXPublicKey(key.Public()); err != nil {
		return nil, nil, err
	}
	private, err = x509.MarshalPKCS8PrivateKey(key)
	return public, private, err
}

// jwk is the public part of a key as RFC 7517 and RFC 8037 write it.
func jwk(public crypto.PublicKey) map[string]string {
	text := base64.RawURLEncoding.EncodeToString
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		point, err := k.Bytes() // 4 || X || Y
		if err != nil {
			return nil
		}
		return map[string]string{"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:65])}
	case ed25519.PublicKey:
		return map[string]string{"kty": "OKP", "crv": "Ed25519", "x": text(k)}
	case *rsa.PublicKey:
		return map[string]string{"kty": "RSA", "n": text(k.N.Bytes()), "e": text(big.NewInt(int64(k.E)).Bytes())}
	}
	return nil
}

// thumbprint names a key by RFC 7638: json.Marshal sorts the members.
func thumbprint(public crypto.PublicKey) string {
	text, _ := json.Marshal(jwk(public))
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
