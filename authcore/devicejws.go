package authcore

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
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
