package authcore

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"time"
)

// bindTime is how long a challenge may take to be signed.
const bindTime = 2 * time.Minute

// bindChallenge is sealed for the session and the site: it needs no row, and whoever has it
// can do nothing with it elsewhere. It is good once, for it goes with the session.
type bindChallenge struct {
	Device  string // ID
	Expires int64  // Unix milliseconds
}

// BindChallenge gives a text for the app to sign, good for the session that actor asks
// through, for two minutes. It is sealed: nothing is stored. CodeUnauthenticated: the session
// has ended. CodeForbidden with ReasonClientDevice: ref names no active device of the user's,
// or one without a key.
func (l *Logins) BindChallenge(ctx context.Context, actor Actor, ref DeviceRef) (text string, until time.Time, err error) {
	if actor.kind != actorUser || actor.userID == "" || actor.sessionID == "" {
		return "", until, loginRefused()
	}
	if err := l.inTime(); err != nil {
		return "", until, err
	}
	var b bond
	var c Client
	err = l.store.Read(ctx, func(tx Tx) (err error) {
		if err = actor.stands(tx); err != nil {
			return err
		}
		if c, err = clientOfKey(tx, ref.Account, ref.Key); err != nil {
			return err
		}
		b, err = bondOf(tx, c.DeviceID)
		return err
	})
	if CodeOf(err) == CodeNotFound || err == nil && (!b.holds(actor.userID) || len(c.PublicKey) == 0) {
		return "", until, notProven()
	}
	if err != nil {
		return "", until, err
	}
	until = l.now().Add(bindTime).Truncate(time.Millisecond)
	plain, err := json.Marshal(bindChallenge{c.DeviceID, until.UnixMilli()})
	if err != nil {
		return "", until, Wrap(CodeInternal, err, "no challenge can be made")
	}
	return base64.RawURLEncoding.EncodeToString(l.ring.Seal("bindings", actor.sessionID, actor.audience, plain)), until, nil
}

// maxChallenge bounds what is decoded.
const maxChallenge = 512

// answers says whether text is a challenge for v's session and site, for this device, and
// in time.
func (l *Logins) answers(v *Verified, text, device string, now time.Time) bool {
	if len(text) > maxChallenge {
		return false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return false
	}
	plain, err := l.ring.Open("bindings", v.session, v.attempt.Audience, sealed)
	if err != nil {
		return false
	}
	var c bindChallenge
	return json.Unmarshal(plain, &c) == nil && c.Device == device && now.UnixMilli() < c.Expires
}

// signed finds the device whose key has signed b's challenge.
func (l *Logins) signed(tx Tx, v *Verified, b Binding, now time.Time) (of bond, wrong string, err error) {
	c, err := clientOfKey(tx, b.Account, b.Key)
	if err != nil {
		return bond{}, "", err
	}
	if of, err = bondOf(tx, c.DeviceID); err != nil {
		return bond{}, "", err
	}
	switch {
	case of.device.UserID != v.user.ID:
		return bond{}, wrongDevice, nil
	case !l.answers(v, b.Challenge, c.DeviceID, now):
		wrong = wrongChallenge
	case !signedBy(c.PublicKey, b.Challenge, b.Signature):
		wrong = wrongSignature
	}
	return of, wrong, nil
}

// signedBy says whether signature is over text with a key that a device was registered with
// (SubjectPublicKeyInfo): Ed25519, or ECDSA P-256 with r and s as 64 bytes, never as DER,
// which has many forms for one signature.
func signedBy(key []byte, text string, signature []byte) bool {
	parsed, err := x509.ParsePKIXPublicKey(key)
	if err != nil {
		return false
	}
	switch key := parsed.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, []byte(text), signature)
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() || len(signature) != 64 {
			return false
		}
		digest := sha256.Sum256([]byte(text))
		return ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	}
	return false
}
