package authcore

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// Keys makes, publishes and uses the keys that sign tokens.
type Keys struct {
	*Core
	mu     sync.Mutex
	opened map[string]crypto.Signer
}

// Rotate makes a new signing key. It is published at once and signs from
// ActiveFrom on, a minute later; the old one is accepted until the last token
// it signed has expired.
func (k *Keys) Rotate(ctx context.Context, actor Actor) (SigningKey, error) {
	if err := actor.operates(); err != nil {
		return SigningKey{}, err
	}
	return k.create(ctx, actor, func([]SigningKey) bool { return true })
}

// ensure makes a key of the configured algorithm, unless the youngest is one.
func (k *Keys) ensure(ctx context.Context) error {
	missing := func(rows []SigningKey) bool {
		return len(rows) == 0 || rows[len(rows)-1].Algorithm != k.algorithm
	}
	var rows []SigningKey
	err := k.store.Read(ctx, func(tx Tx) (err error) { rows, err = tx.SigningKeys(); return err })
	if err != nil || !missing(rows) {
		return err
	}
	_, err = k.create(ctx, Operator(), missing)
	return err
}

// create stores a key if wanted still says so inside the transaction.
func (k *Keys) create(ctx context.Context, actor Actor, wanted func([]SigningKey) bool) (SigningKey, error) {
	key, err := k.generate()
	if err != nil {
		return SigningKey{}, err
	}
	err = k.write(ctx, func(tx *journal) error {
		// First, because it locks the set: of two nodes that start at once the
		// second sees the key of the first.
		if _, err := tx.BumpEpoch(Subject{Kind: SubjectKeys}, key.CreatedAt); err != nil {
			return err
		}
		rows, err := tx.SigningKeys()
		if err != nil || !wanted(rows) {
			return err
		}
		set, err := newKeySet(rows)
		if err != nil {
			return err
		}
		for _, old := range set {
			if !old.retireAt.IsZero() && old.retireAt.Before(key.CreatedAt) {
				if err := tx.RemoveSigningKey(old.ID); err != nil {
					return err
				}
			}
		}
		if len(rows) == 0 { // nobody can have fetched the JWKS yet
			key.ActiveFrom = key.CreatedAt
		}
		if err := tx.CreateSigningKey(key); err != nil {
			return err
		}
		return k.record(tx, Event{Actor: actor.String(), Action: "key.rotate", Outcome: OutcomeOK, Reason: key.ID})
	})
	if err != nil {
		return SigningKey{}, err
	}
	if err := k.live.Refresh(ctx, k.store, k.now()); err != nil { // the poll will see it long before it signs
		k.log.Warn("the new signing key is not in view yet", "error", err)
	}
	return key, nil
}

func (k *Keys) generate() (SigningKey, error) {
	public, private, err := generateKey(k.algorithm)
	if err != nil {
		return SigningKey{}, Wrap(CodeInternal, err, "no signing key can be made")
	}
	parsed, err := x509.ParsePKIXPublicKey(public)
	if err != nil {
		return SigningKey{}, Wrap(CodeInternal, err, "no signing key can be made")
	}
	id, now := thumbprint(parsed), k.now()
	return SigningKey{
		ID: id, Algorithm: k.algorithm, Public: public, CreatedAt: now, ActiveFrom: now.Add(keyLead),
		Sealed: k.ring.Seal("signing_keys", "private", id, private),
	}, nil
}

// sign makes an access token of c.
func (k *Keys) sign(c claims) (string, error) {
	members := jwt.MapClaims{
		"iss": c.Issuer, "sub": c.Subject, "aud": c.Audience[0], "client_id": c.ClientID, "jti": rand.Text(),
		"iat": c.IssuedAt, "nbf": c.NotBefore, "exp": c.ExpiresAt, "auth_time": c.AuthTime, "otp_time": c.OTPTime,
		"amr": c.AMR, "sid": c.Session, "dev": c.Device, "tenant": c.Tenant, "ep": c.Epochs,
	}
	if c.Client != "" {
		members["cdev"] = c.Client
	}
	return k.signAs(tokenType, members)
}

// signAs makes a token of a type.
func (k *Keys) signAs(typ string, members jwt.MapClaims) (string, error) {
	key, ok := k.live.View.signingKeys().signing(k.now())
	if !ok {
		return "", Unavailable(errKey)
	}
	signer, err := k.open(key.SigningKey)
	if err != nil {
		return "", err
	}
	t := jwt.NewWithClaims(jwt.GetSigningMethod(key.Algorithm), members)
	t.Header["typ"], t.Header["kid"] = typ, key.ID
	text, err := t.SignedString(signer)
	if err != nil {
		return "", Wrap(CodeInternal, err, "signing failed")
	}
	return text, nil
}

// open unseals a private key once.
func (k *Keys) open(key SigningKey) (crypto.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.opened[key.ID]; s != nil {
		return s, nil
	}
	der, err := k.ring.Open("signing_keys", "private", key.ID, key.Sealed)
	if err != nil {
		return nil, Wrap(CodeInternal, err, "the signing key can't be unsealed")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	signer, ok := parsed.(crypto.Signer)
	if err != nil || !ok {
		return nil, Wrap(CodeInternal, err, "the signing key can't be read")
	}
	if k.opened == nil {
		k.opened = map[string]crypto.Signer{}
	}
	k.opened[key.ID] = signer
	return signer, nil
}

// JWKS is the set of public keys that are accepted now (RFC 7517 section 5).
func (k *Keys) JWKS() ([]byte, error) {
	if err := k.fresh(); err != nil {
		return nil, err
	}
	now := k.now()
	list := []map[string]string{}
	for _, key := range k.live.View.signingKeys() {
		if !key.retireAt.IsZero() && !now.Before(key.retireAt) {
			continue
		}
		j := jwk(key.public)
		j["kid"], j["alg"], j["use"] = key.ID, key.Algorithm, "sig"
		list = append(list, j)
	}
	return json.Marshal(map[string]any{"keys": list})
}

// JWKSMaxAge is how long the JWKS may be cached: as long as a key is published
// before it signs.
const JWKSMaxAge = keyLead
