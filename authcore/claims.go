package authcore

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// MaxTokenLifetime is the longest life of a token that can be configured, and
// the longest that is accepted, even if well signed.
const MaxTokenLifetime = 30 * 24 * time.Hour

// leeway forgives the clocks of other nodes, in iat and nbf; exp is exact.
const leeway = 30 * time.Second

// tokenType is the "typ" of an access token (RFC 9068 section 2.1).
const tokenType = "at+jwt"

// claims are those of an access token: RFC 9068 section 2.2, and our own.
type claims struct {
	Issuer    string
	Subject   string
	Audience  []string
	ClientID  string
	ID        string // jti
	IssuedAt  int64
	NotBefore int64
	ExpiresAt int64
	AuthTime  int64
	OTPTime   int64
	AMR       []string // RFC 8176
	Session   string   // sid
	Device    string   // dev: the device whose code was used
	Client    string   // cdev: the registered device that the session is bound to; empty: the claim is not there
	Tenant    string
	Epochs    []int64 // ep: user, device, session, and with cdev that device
}

var errClaims = errors.New("claims are not those of an access token")

// parseClaims reads a payload: exact names, each at most once, exact types.
// encoding/json alone takes "SUB" for "sub" and the last of two (security: M10).
func parseClaims(payload []byte) (claims, error) {
	members, err := parseObject(payload)
	if err != nil {
		return claims{}, err
	}
	var c claims
	if aud := members["aud"]; len(aud) > 0 && aud[0] == '"' { // one audience may stand without brackets
		members["aud"] = slices.Concat([]byte("["), aud, []byte("]"))
	}
	for name, into := range map[string]any{
		"iss": &c.Issuer, "sub": &c.Subject, "aud": &c.Audience, "client_id": &c.ClientID, "jti": &c.ID,
		"iat": &c.IssuedAt, "nbf": &c.NotBefore, "exp": &c.ExpiresAt, "auth_time": &c.AuthTime, "otp_time": &c.OTPTime,
		"amr": &c.AMR, "sid": &c.Session, "dev": &c.Device, "tenant": &c.Tenant, "ep": &c.Epochs,
	} {
		raw, present := members[name]
		if !present || string(raw) == "null" || json.Unmarshal(raw, into) != nil {
			return claims{}, errClaims
		}
	}
	if raw, present := members["cdev"]; present && (json.Unmarshal(raw, &c.Client) != nil || c.Client == "") {
		return claims{}, errClaims
	}
	return c, nil
}

// parseObject reads one JSON object whose member names differ, and nothing after it.
func parseObject(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errClaims
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, errClaims
		}
		if _, doubled := members[name]; doubled {
			return nil, errClaims
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, errClaims
		}
		members[name] = raw
	}
	if _, err := dec.Token(); err != nil || dec.InputOffset() != int64(len(data)) {
		return nil, errClaims
	}
	return members, nil
}

// check compares what verify does not know by the signature alone.
func (c claims) check(issuer, audience string, now time.Time) error {
	unix := now.Unix()
	skew := int64(leeway / time.Second)
	switch {
	case c.Issuer != issuer, len(c.Audience) != 1, c.Audience[0] != audience:
		return errors.New("issuer or audience is another")
	case c.Subject == "", c.Session == "", c.Device == "", c.ID == "", c.ClientID == "", c.Tenant == "":
		return errors.New("a claim is empty")
	case len(c.Epochs) != len(epochs{}.listed(c.Client)), c.OTPTime <= 0, c.AuthTime <= 0:
		return errors.New("a claim is not in its range")
	case c.ExpiresAt <= unix:
		return errors.New("expired")
	case c.IssuedAt > unix+skew, c.NotBefore > unix+skew, c.IssuedAt <= 0:
		return errors.New("not valid yet")
	case c.ExpiresAt-c.IssuedAt > int64(MaxTokenLifetime/time.Second):
		return errors.New("lives too long")
	}
	return nil
}

// principal is what the claims alone say of somebody.
func (c claims) principal() *Principal {
	p := &Principal{
		UserID: c.Subject, Tenant: c.Tenant, DeviceID: c.Device, ClientDevice: c.Client, SessionID: c.Session, ClientID: c.ClientID, AMR: c.AMR,
		AuthTime: time.Unix(c.AuthTime, 0), OTPTime: time.Unix(c.OTPTime, 0), ExpiresAt: time.Unix(c.ExpiresAt, 0),
		epochs: epochs{user: c.Epochs[0], device: c.Epochs[1], session: c.Epochs[2]}, audience: c.Audience[0],
	}
	if c.Client != "" {
		p.epochs.client = c.Epochs[3]
	}
	return p
}

// listed is ep: without a client device as it was before there were any.
func (e epochs) listed(client string) []int64 {
	if client == "" {
		return []int64{e.user, e.device, e.session}
	}
	return []int64{e.user, e.device, e.session, e.client}
}

// claims are those that a token for p has, but for what makes it a token.
func (p *Principal) claims(audience string) claims {
	return claims{
		Subject: p.UserID, Tenant: p.Tenant, Audience: []string{audience}, ClientID: p.ClientID, Session: p.SessionID, Device: p.DeviceID, Client: p.ClientDevice,
		AMR: p.AMR, AuthTime: p.AuthTime.Unix(), OTPTime: p.OTPTime.Unix(), Epochs: p.epochs.listed(p.ClientDevice),
	}
}
