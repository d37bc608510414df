package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// algorithms are those that a provider may sign with: none that takes a shared
// secret, and not "none" (RFC 8725 section 3.1).
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// The age of a JWT. An ID token works until it expires, often an hour, and we
// have no nonce that would tie it to one login: young ones only.
const (
	maxAge  = 10 * time.Minute
	maxSkew = time.Minute
)

type header struct {
	Type string `json:"typ"`
}

// readHeader says whether a token has the shape of a signed JWT.
func readHeader(token string) (h header, jwt bool) {
	if strings.Count(token, ".") != 2 {
		return h, false
	}
	first, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	return h, err == nil && json.Unmarshal(text, &h) == nil
}

// types are those of ID tokens and of access tokens (RFC 9068 section 2.1).
// What else the provider signs with the same keys, as the word that somebody
// has logged out, is no proof of a login (RFC 8725 section 3.11).
var types = []string{"", "jwt", "at+jwt", "application/at+jwt"}

// verifyJWT takes an ID token (OpenID Connect Core section 3.1.3.7) or an access
// token (RFC 9068 section 4) that is meant for our client.
func (o *OIDC) verifyJWT(ctx context.Context, p *provider, token string, h header) (string, error) {
	if !slices.Contains(types, strings.ToLower(h.Type)) {
		return "", refused("the JWT is neither an ID token nor an access token")
	}
	keys := &keySet{of: p}
	verifier := oidc.NewVerifier(o.Issuer, keys, &oidc.Config{ClientID: o.ClientID, SupportedSigningAlgs: algorithms, Now: o.now})
	t, err := verifier.Verify(ctx, token)
	switch {
	case keys.away != nil:
		return "", keys.away
	case err != nil:
		return "", refused("the JWT does not verify")
	}
	if err := o.checkClaims(t); err != nil {
		return "", err
	}
	return t.Subject, nil
}

// checkClaims holds what go-oidc leaves to us.
func (o *OIDC) checkClaims(t *oidc.IDToken) error {
	var more struct {
		AuthorizedParty string          `json:"azp"`
		Confirmation    json.RawMessage `json:"cnf"`
		Events          json.RawMessage `json:"events"`
	}
	if t.Claims(&more) != nil {
		return refused("the claims of the JWT have a shape that they may not have")
	}
	age := o.now().Sub(t.IssuedAt)
	switch {
	case age > maxAge || age < -maxSkew: // without iat it is older than anything
		return refused("the JWT was not issued within the last ten minutes")
	case len(t.Audience) > 1 && more.AuthorizedParty != o.ClientID:
		return refused("the JWT has several audiences and was not issued to us")
	case len(more.Confirmation) > 0:
		return refused("the token is bound to a key that we can't ask for (RFC 7800)")
	case len(more.Events) > 0:
		return refused("the JWT tells of an event (RFC 8417)")
	}
	return nil
}

// keySet verifies one token. go-oidc's own would ask for keys as often as
// anybody shows a token that nobody signed, and keep a key for ever.
type keySet struct {
	of   *provider
	away error
}

// VerifySignature tries the keys that we know, then those of now.
func (s *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	var allowed []jose.SignatureAlgorithm
	for _, algorithm := range algorithms {
		allowed = append(allowed, jose.SignatureAlgorithm(algorithm))
	}
	signed, err := jose.ParseSignedCompact(token, allowed)
	if err != nil {
		return nil, err
	}
	for _, anew := range []bool{false, true} {
		keys, err := s.of.keys.get(ctx, anew)
		if err != nil {
			s.away = err
			return nil, err
		}
		if payload, ok := verifyWith(keys, signed); ok {
			return payload, nil
		}
	}
	return nil, errors.New("no key of the provider has signed this")
}

func verifyWith(keys []jose.JSONWebKey, signed *jose.JSONWebSignature) ([]byte, bool) {
	head := signed.Signatures[0].Header
	for i := range keys {
		if head.KeyID != "" && head.KeyID != keys[i].KeyID || keys[i].Algorithm != "" && keys[i].Algorithm != head.Algorithm {
			continue
		}
		if payload, err := signed.Verify(&keys[i]); err == nil {
			return payload, true
		}
	}
	return nil, false
}

var _ oidc.KeySet = (*keySet)(nil)
