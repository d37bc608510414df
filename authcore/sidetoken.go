package authcore

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The types of tokens that open nothing at the gate. Each has members of its own, and none
// passes for another (RFC 8725 sections 3.11 and 3.12).
const (
	appTokenType = "app+jwt"
	mfaTokenType = "mfa+jwt"
)

// sideToken is where and how long a token of one of these types is good.
type sideToken struct {
	typ, audience, door string
	until               time.Time
	longest             time.Duration // that one lives, whoever signed it
}

// signSide makes one. more are the members that only its type has.
func (c *Core) signSide(t sideToken, more map[string]any) (string, error) {
	members := jwt.MapClaims{
		"iss": c.issuer, "aud": t.audience, "client_id": t.door, "jti": rand.Text(),
		"iat": c.now().Unix(), "exp": t.until.Unix(),
	}
	maps.Copy(members, more)
	return c.Keys.signAs(t.typ, members)
}

// readSide reads one: it has the members of its type, each once, and no others. until of t
// does not count.
func (c *Core) readSide(t sideToken, text string, more map[string]*string) error {
	if err := c.fresh(); err != nil {
		return err
	}
	now := c.now()
	payload, err := signedPayload(c.live.View.signingKeys(), t.typ, text, now)
	if err != nil {
		return err
	}
	members, err := parseObject(payload)
	if err != nil {
		return err
	}
	var issuer, audience, door, id string
	var issued, expires int64
	into := map[string]any{"iss": &issuer, "aud": &audience, "client_id": &door, "jti": &id, "iat": &issued, "exp": &expires}
	for name, text := range more {
		into[name] = text
	}
	if len(members) != len(into) {
		return errClaims
	}
	for name, value := range into {
		raw, present := members[name]
		if !present || string(raw) == "null" || json.Unmarshal(raw, value) != nil {
			return errClaims
		}
	}
	unix := now.Unix()
	switch {
	case issuer != c.issuer, audience == "", audience != t.audience, door == "", door != t.door, id == "":
		return errors.New("issuer, audience or door is another")
	case expires <= unix, issued <= 0, issued > unix+int64(leeway/time.Second), expires-issued > int64(t.longest/time.Second):
		return errors.New("it is not its time")
	}
	return nil
}
