package authcore

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxToken is the longest token that is looked at, in bytes.
const MaxToken = 4096

var (
	errForm   = errors.New("not a compact JWS of ours")
	errHeader = errors.New("the header has what it must not have")
	errKey    = errors.New("the key is unknown or retired")
)

// segment decodes one part; Strict refuses bits that mean nothing.
var segment = base64.RawURLEncoding.Strict()

// verify is the one way from text to claims. Everything is checked before
// anything is used; any doubt refuses (RFC 8725 section 3).
func verify(keys keySet, token, issuer, audience string, now time.Time) (claims, error) {
	payload, err := signedPayload(keys, tokenType, token, now)
	if err != nil {
		return claims{}, err
	}
	c, err := parseClaims(payload)
	if err != nil {
		return claims{}, err
	}
	return c, c.check(issuer, audience, now)
}

// signedPayload gives what a key of ours has signed, of a token of this type and no other
// (RFC 8725 section 3.11).
func signedPayload(keys keySet, typ, token string, now time.Time) ([]byte, error) {
	header, err := parseHeader(token)
	if err != nil {
		return nil, err
	}
	if header.typ != typ {
		return nil, errHeader
	}
	key, ok := keys.verifying(header.kid, now)
	if !ok {
		return nil, errKey
	}
	if header.alg != key.Algorithm {
		return nil, errHeader
	}
	// The library checks the signature; the claims are ours to check, because
	// it accepts doubled members, other cases and tokens without an end.
	parser := jwt.NewParser(jwt.WithValidMethods([]string{key.Algorithm}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())
	if _, err := parser.ParseWithClaims(token, jwt.MapClaims{}, func(*jwt.Token) (any, error) { return key.public, nil }); err != nil {
		return nil, err
	}
	payload, err := segment.DecodeString(token[strings.IndexByte(token, '.')+1 : strings.LastIndexByte(token, '.')])
	if err != nil {
		return nil, errForm
	}
	return payload, nil
}

type joseHeader struct{ alg, kid, typ string }

// parseHeader reads the header of a compact JWS that has exactly alg, kid and
// typ: no crit, jku, jwk, x5c, b64 or anything else that could matter.
func parseHeader(token string) (joseHeader, error) {
	if len(token) > MaxToken || strings.Count(token, ".") != 2 {
		return joseHeader{}, errForm
	}
	for i := 0; i < len(token); i++ {
		if !isBase64URL(token[i]) && token[i] != '.' {
			return joseHeader{}, errForm
		}
	}
	text, err := segment.DecodeString(token[:strings.IndexByte(token, '.')])
	if err != nil {
		return joseHeader{}, errForm
	}
	members, err := parseObject(text)
	if err != nil || len(members) != 3 {
		return joseHeader{}, errHeader
	}
	var h joseHeader
	for name, into := range map[string]*string{"alg": &h.alg, "kid": &h.kid, "typ": &h.typ} {
		if err := json.Unmarshal(members[name], into); err != nil || *into == "" {
			return joseHeader{}, errHeader
		}
	}
	return h, nil
}

func isBase64URL(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// IsTokenRune says whether c may stand in a compact JWS.
func IsTokenRune(c rune) bool { return c == '.' || c < 0x80 && isBase64URL(byte(c)) }
