package authcore

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The types of what is signed between us and devices that answer (RFC 8725 section 3.11):
// none can be taken for another, nor for a token.
const (
	questionType = "doorward-challenge+jwt"
	answerType   = "doorward-answer+jwt"
	fetchType    = "doorward-fetch+jwt"
	enrolType    = "doorward-enrol+jwt"
)

// signedLeeway is how far a device's clock may be off.
const signedLeeway = time.Minute

// deviceJWS is a compact JWS (RFC 7515 section 3.1) of a device, of which nothing is
// believed yet.
type deviceJWS struct {
	alg       string
	input     string // what the signature is over
	signature []byte
	members   map[string]json.RawMessage // the claims
}

// parseDeviceJWS reads what has one spelling alone, of the type typ. The header has alg and
// typ, maybe kid, which says nothing here, and no other member: no crit, jwk or b64.
func parseDeviceJWS(text, typ string) (j deviceJWS, ok bool) {
	if len(text) > MaxToken || strings.Count(text, ".") != 2 || strings.ContainsFunc(text, func(r rune) bool { return !IsTokenRune(r) }) {
		return j, false
	}
	parts := strings.Split(text, ".")
	header, ok := parsePart(parts[0])
	if !ok {
		return j, false
	}
	kid, hasKID := header["kid"]
	if len(header) > 3 || len(header) == 3 && !hasKID || hasKID && !isText(kid) {
		return j, false
	}
	h := deviceJWS{members: header}
	is, _ := h.text("typ")
	if j.alg, ok = h.text("alg"); !ok || is != typ {
		return j, false
	}
	if j.members, ok = parsePart(parts[1]); !ok {
		return j, false
	}
	signature, err := segment.DecodeString(parts[2])
	j.input, j.signature = text[:len(parts[0])+1+len(parts[1])], signature
	return j, err == nil
}

func parsePart(part string) (map[string]json.RawMessage, bool) {
	raw, err := segment.DecodeString(part)
	if err != nil {
		return nil, false
	}
	members, err := parseObject(raw)
	return members, err == nil
}

func isText(raw json.RawMessage) bool {
	var text string
	return bytes.HasPrefix(raw, []byte{'"'}) && json.Unmarshal(raw, &text) == nil
}

// text gives a claim that is a text, and not the empty one.
func (j deviceJWS) text(name string) (text string, ok bool) {
	raw := j.members[name]
	return text, isText(raw) && json.Unmarshal(raw, &text) == nil && text != ""
}

// seconds gives a claim that is a whole number of seconds since 1970.
func (j deviceJWS) seconds(name string) (n int64, ok bool) {
	raw, there := j.members[name]
	return n, there && string(raw) != "null" && json.Unmarshal(raw, &n) == nil
}

// fresh says whether it was made for us, just now.
func (j deviceJWS) fresh(issuer string, now time.Time) bool {
	audience, _ := j.text("aud")
	at, ok := j.seconds("iat")
	leeway := int64(signedLeeway / time.Second)
	return ok && audience == issuer && at >= now.Unix()-leeway && at <= now.Unix()+leeway
}

// signedWith verifies the signature by the one algorithm that the key is for, whatever the
// header would like (RFC 8725 section 3.1).
func (j deviceJWS) signedWith(key any) bool {
	var method jwt.SigningMethod
	switch k := key.(type) {
	case []byte:
		if len(k) < secretBytes { // what can't be a secret of ours verifies nothing
			return false
		}
		method = jwt.SigningMethodHS256
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return false
		}
		method = jwt.SigningMethodES256
	case ed25519.PublicKey:
		method = jwt.SigningMethodEdDSA
	default:
		return false
	}
	return j.alg == method.Alg() && method.Verify(j.input, j.signature, key) == nil
}

// signsWith is the key that d signs with. Nil verifies nothing.
func (c *Core) signsWith(d Device) any {
	var key any
	var err error
	switch d.Kind {
	case KindMobile:
		key, err = x509.ParsePKIXPublicKey(d.AppKey)
	case KindHTTP, KindStomp:
		key, err = c.ring.Open("devices", "secret", d.ID, d.Sealed)
	}
	if err != nil {
		c.log.Error("a device's key can't be used: it verifies nothing", "device_id", d.ID, "error", err)
		return nil
	}
	return key
}

// signedNow says whose the text is: an active device's that has just made it for us.
// Whatever is wrong, the answer is the same.
func (s *Devices) signedNow(ctx context.Context, text, typ string, from Origin) (j deviceJWS, d Device, err error) {
	if err := s.inTime(); err != nil {
		return j, Device{}, err
	}
	now := s.now()
	j, ok := parseDeviceJWS(text, typ)
	named, _ := j.text("iss")
	id, known := canonicalID(named)
	if !ok || !known {
		return j, Device{}, notSigned()
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { d, err = s.answering(tx, id, now); return err })
	if err != nil {
		return j, Device{}, err
	}
	if !j.signedWith(s.signsWith(d)) {
		return j, Device{}, s.refuseSigned(ctx, d, from, "device.signature", "wrong_signature")
	}
	if !j.fresh(s.issuer, now) {
		return j, Device{}, s.refuseSigned(ctx, d, from, "device.signature", "not_fresh")
	}
	return j, d, nil
}

// answering finds a device whose answers count now: the second factor could be satisfied
// with it (law 6), and its user may log in.
func (c *Core) answering(tx Tx, id string, now time.Time) (Device, error) {
	d, err := tx.DeviceByID(id)
	if err == nil && (!d.Kind.Answers() || d.UserID == "" || !c.factors.Satisfied(d, now)) {
		return Device{}, notSigned()
	}
	var u User
	if err == nil {
		u, err = tx.UserByID(d.UserID)
	}
	if CodeOf(err) == CodeNotFound || err == nil && u.Disabled {
		return Device{}, notSigned()
	}
	return d, err
}

func notSigned() *Error {
	return Errorf(CodeUnauthenticated, "no active device signs like this")
}

// refuseSigned notes what was wrong, of a device that is known.
func (s *Devices) refuseSigned(ctx context.Context, d Device, from Origin, action, reason string) error {
	if s.fillsAudit(from) { // whoever knows an ID must not fill it
		s.log.Warn("what a device signs is refused, one of too many for the audit trail", "action", action, "reason", reason,
			"device_id", d.ID, "address", from.Address, "request_id", from.RequestID)
		return notSigned()
	}
	err := s.write(ctx, func(tx *journal) error { return s.record(tx, s.answerEvent(d, from, action, reason)) })
	if err != nil {
		return err
	}
	return notSigned()
}

// answerEvent is what a device did by itself.
func (c *Core) answerEvent(d Device, from Origin, action, reason string) Event {
	e := c.deviceEvent(Actor{}, d, action, reason)
	e.Actor, e.Address, e.RequestID = "device:"+d.ID, from.Address, from.RequestID
	return e
}
