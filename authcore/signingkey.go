package authcore

import "time"

// SigningKey is a key that signs tokens.
type SigningKey struct {
	ID        string // the JWK "kid"
	Algorithm string // JWS "alg": ES256, EdDSA or RS256
	Public    []byte // PKIX, DER
	Sealed    []byte // PKCS #8, DER, sealed for signing_keys|private|ID
	CreatedAt time.Time
	// ActiveFrom is when it begins to sign: it is published before that.
	ActiveFrom time.Time
}
