package authcore

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base32"
	"net/url"
	"strings"
	"time"
)

// KeyEnrolment is what an app brings when it is enrolled.
type KeyEnrolment struct {
	Token     string // from the URI of Registered
	PublicKey []byte // SubjectPublicKeyInfo: ECDSA P-256 or Ed25519
	// Proof is a compact JWS of the type doorward-enrol+jwt with the token's SHA-256 in it,
	// signed with the key.
	Proof string
	// Address is what wakes it, as Device.Address; empty: as it was registered.
	Address string
}

// EnrolLife is how long the token of an app is good.
const EnrolLife = 24 * time.Hour

// enrolTokenBytes is how many bytes the token has: 160 bits are not guessed.
const enrolTokenBytes = 20

// EnrolKey gives a device the key of its app, and makes it count. The token is good once.
// CodeUnauthenticated for whatever is wrong with the token; CodeInvalid for the key, the proof
// or the address.
func (s *Devices) EnrolKey(ctx context.Context, e KeyEnrolment, from Origin) (Device, error) {
	if err := s.inTime(); err != nil {
		return Device{}, err
	}
	now, digest := s.now(), sha256.Sum256([]byte(e.Token))
	var d Device
	err := s.store.Read(ctx, func(tx Tx) (err error) { d, err = s.awaitingKey(tx, digest[:], now); return err })
	if err != nil {
		return Device{}, err
	}
	key, err := e.key(digest[:], s.issuer, now)
	if err != nil {
		return Device{}, err
	}
	if e.Address != "" {
		if err := s.checkAddress(d.Kind, e.Address); err != nil {
			return Device{}, err
		}
	}
	err = s.write(ctx, func(tx *journal) error {
		if err := lockUser(tx, d.UserID); err != nil {
			return err
		}
		if d, err = s.awaitingKey(tx, digest[:], now); err != nil {
			return err
		}
		given, err := tx.GiveKey(d.ID, digest[:], key, now.Add(-EnrolLife), now)
		if err != nil {
			return err
		}
		if !given {
			return wrongEnrolment()
		}
		if e.Address != "" && e.Address != d.Address {
			if err := tx.SetDeviceAddress(d.ID, e.Address); err != nil {
				return err
			}
		}
		if d, err = tx.DeviceByID(d.ID); err != nil {
			return err
		}
		return s.record(tx, s.answerEvent(d, from, "device.activate", ""))
	})
	if CodeOf(err) == CodeNotFound {
		err = wrongEnrolment()
	}
	if err != nil {
		return Device{}, err
	}
	return d, nil
}

func wrongEnrolment() *Error {
	return Errorf(CodeUnauthenticated, "no device waits for this token: it is good once and for a day")
}

// awaitingKey finds the device that waits for a token. Whatever is wrong reads alike.
func (s *Devices) awaitingKey(tx Tx, digest []byte, now time.Time) (Device, error) {
	d, err := tx.DeviceByEnrolment(digest)
	var u User
	if err == nil && d.UserID != "" {
		u, err = tx.UserByID(d.UserID)
	}
	if err != nil && CodeOf(err) != CodeNotFound {
		return Device{}, err
	}
	if err != nil || d.Kind != KindMobile || d.Status != StatusPending || d.Awaits != AwaitsKey ||
		u.ID == "" || u.Disabled || !d.CreatedAt.After(now.Add(-EnrolLife)) {
		return Device{}, wrongEnrolment()
	}
	return d, nil
}

// key reads the public key of e, and sees that whoever brings it has the private one, and
// brings it for this token (RFC 7800 section 3.1 asks for such a proof).
func (e KeyEnrolment) key(digest []byte, issuer string, now time.Time) ([]byte, error) {
	key, err := x509.ParsePKIXPublicKey(e.PublicKey)
	if err != nil {
		return nil, Errorf(CodeInvalid, "the public key can't be read: it is a SubjectPublicKeyInfo in DER (RFC 5280)")
	}
	curve, isEC := key.(*ecdsa.PublicKey)
	if _, isEd := key.(ed25519.PublicKey); !isEd && !(isEC && curve.Curve == elliptic.P256()) {
		return nil, Errorf(CodeInvalid, "the public key is one of ECDSA P-256 or Ed25519")
	}
	j, ok := parseDeviceJWS(e.Proof, enrolType)
	if !ok || !j.signedWith(key) {
		return nil, Errorf(CodeInvalid, "the proof is a compact JWS of the type %s, signed with the key", enrolType)
	}
	bound, _ := j.text("token_sha256")
	if !j.fresh(issuer, now) || subtle.ConstantTimeCompare([]byte(bound), []byte(segment.EncodeToString(digest))) != 1 {
		return nil, Errorf(CodeInvalid, "the proof is not one of now, for %s and this token: see aud, iat and token_sha256", issuer)
	}
	return x509.MarshalPKIXPublicKey(key)
}

// enrolText is a token as people and apps read it.
func enrolText(token []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(token)
}

// enrolURI is what the app of u reads: whom to ask, and with which token.
func (c *Core) enrolURI(token []byte, u User) string {
	return "doorward://enrol?url=" + inURI(c.publicURL+c.prefix+"device") + "&token=" + enrolText(token) +
		"&issuer=" + inURI(c.label) + "&user=" + inURI(u.Name)
}

// inURI escapes a value of a query; a space is %20, which every reader knows.
func inURI(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
