package elcoin

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// oauthFields reads a body. No parameter stands in it twice (RFC 6749 section 3.1): two
// readers of one body could take different ones.
func oauthFields(c *dialect.Call) (dialect.Fields, error) {
	if err := checkMedia(c); err != nil {
		return nil, err
	}
	if len(c.Body) == 0 {
		return dialect.Fields{}, nil
	}
	fields, err := dialect.DecodeJSON(c.Body)
	if err != nil {
		return nil, err
	}
	if name := twice(c.Body); name != "" {
		return nil, refuse(invalidRequest, "'%s' stands in the body twice.", name)
	}
	return fields, nil
}

// twice names a member that an object has twice, in whatever case; empty: there is none.
func twice(object []byte) string {
	d := json.NewDecoder(bytes.NewReader(object))
	seen := map[string]bool{}
	if _, err := d.Token(); err != nil {
		return ""
	}
	for d.More() {
		t, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return "" // it was read already
		}
		name, _ := t.(string) // no other token is the name of a member
		if name = strings.ToLower(name); seen[name] {
			return name
		}
		seen[name] = true
	}
	return ""
}

// need refuses a body without one of the fields. Null is nothing; an empty text is one, for
// clients send it for what they don't have.
func (x *oauthCall) need(names ...string) error {
	for _, name := range names {
		if _, there := x.fields[name]; !there {
			return refuse(invalidRequest, "'%s' is missing.", name)
		}
	}
	return nil
}

// needText is need for what can't be empty.
func (x *oauthCall) needText(names ...string) error {
	for _, name := range names {
		if x.fields.Get(name) == "" {
			return refuse(invalidRequest, "'%s' is missing.", name)
		}
	}
	return nil
}

// checkResponseType: what is answered does not depend on it, but a document to be signed is
// asked for by it too.
func (x *oauthCall) checkResponseType() error {
	switch x.fields.Get("response_type") {
	case "", "access_token", "code":
		return nil
	}
	return refuse(unsupportedResponseType, "The response type is access_token or code.")
}

// The scopes that the vendor has for people.
const (
	scopeCustomer = "CUSTOMER:FULL"
	scopeRestore  = "CUSTOMER:PASSWORD:RESTORE"
)

// scopeOfToken is what the vendor's second token of a login is for. It names no right.
var scopeOfToken = regexp.MustCompile(`^mfa_token:[0-9]{1,19}$`)

// checkScope takes one of the scopes, that of a token, or none. There is no smaller one: a
// token of ours opens what its user may open.
func (x *oauthCall) checkScope(scopes ...string) error {
	if scope := x.fields.Get("scope"); scope != "" && !slices.Contains(scopes, scope) && !scopeOfToken.MatchString(scope) {
		return errScope
	}
	return nil
}

var fewDigits = regexp.MustCompile(`^[0-9]{1,7}$`)

// padded gives a code the zeros that it had at the beginning: the vendor's is a number (law
// 5). No code has seven digits, so that it had eight.
func padded(code string) string {
	switch {
	case !fewDigits.MatchString(code):
		return code
	case len(code) == 7:
		return "0" + code
	}
	return strings.Repeat("0", 6-len(code)) + code
}
