package qitech

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxJWS is how many characters a signed call may have.
const maxJWS = 4096

// jws is a JWS in its compact form (RFC 7515 section 3.1) with the one header that the
// vendor writes.
type jws struct {
	signed    string // what the signature is over
	signature []byte // r and s, each of coordinate bytes (RFC 7518 section 3.4)
	claims    map[string]json.RawMessage
}

// coordinate is how many bytes a number of P-521 has.
const coordinate = 66

// readJWS reads one, or says that it can't be read in one way alone. It verifies nothing.
func readJWS(text string) (j jws, ok bool) {
	parts := strings.Split(text, ".")
	if len(text) > maxJWS || len(parts) != 3 {
		return jws{}, false
	}
	header, ok := readPart(parts[0])
	if !ok || len(header) != 2 || textOf(header, "alg") != "ES512" || textOf(header, "typ") != "JWT" {
		return jws{}, false // crit, jwk and kid among them: none is written, and none obeyed
	}
	if j.claims, ok = readPart(parts[1]); !ok {
		return jws{}, false
	}
	if j.signature, ok = fromBase64URL(parts[2]); !ok || len(j.signature) != 2*coordinate {
		return jws{}, false
	}
	j.signed = text[:len(parts[0])+1+len(parts[1])]
	return j, true
}

// readPart reads an object of JSON in which no member stands twice (RFC 7515 section 4).
func readPart(part string) (map[string]json.RawMessage, bool) {
	text, ok := fromBase64URL(part)
	if !ok || !utf8.Valid(text) || !json.Valid(text) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		key, _ := name.(string) // no other token is the name of a member
		var value json.RawMessage
		if _, twice := members[key]; twice || d.Decode(&value) != nil {
			return nil, false
		}
		members[key] = value
	}
	return members, true
}

// textOf gives a member that is a text; empty: it is none.
func textOf(members map[string]json.RawMessage, name string) string {
	var text string
	if json.Unmarshal(members[name], &text) != nil {
		return ""
	}
	return text
}

// fromBase64URL reads what has one spelling alone (RFC 7515 section 2): no padding, no
// white space, no bits that nothing counts.
func fromBase64URL(text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") { // which the decoder passes over
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return raw, err == nil
}
