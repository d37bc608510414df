package oidc

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
)

// exchange gives an authorization code back for an ID token, which came from the
// provider to us and is verified all the same. What else comes is dropped.
func (o *OIDC) exchange(ctx context.Context, p *provider, code string) (string, error) {
	if o.RedirectURL == "" || p.TokenURL == "" {
		return "", refused("codes need a redirect_url here and a token endpoint at the provider")
	}
	var answer struct {
		IDToken string `json:"id_token"`
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {o.RedirectURL}}
	if err := o.post(ctx, p.TokenURL, p.TokenAuth, form, &answer); err != nil {
		return "", err
	}
	head, ok := readHeader(answer.IDToken)
	if !ok {
		return "", refused("there is no ID token for this code: the client must ask for the scope openid")
	}
	return o.verifyJWT(ctx, p, answer.IDToken, head)
}

// introspect asks the provider about a token that only it can read (RFC 7662).
// userinfo would not do: it tells whose the token is, and not whom it was meant
// for, so any other client of the provider could log in with what its users
// gave it.
func (o *OIDC) introspect(ctx context.Context, p *provider, token string) (string, error) {
	if p.IntrospectionURL == "" {
		return "", refused("the provider has no introspection endpoint")
	}
	var answer struct {
		jwt.Claims
		Active       bool            `json:"active"`
		ClientID     string          `json:"client_id"`
		Confirmation json.RawMessage `json:"cnf"`
	}
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	if err := o.post(ctx, p.IntrospectionURL, p.IntrospectionAuth, form, &answer); err != nil {
		return "", err
	}
	// Who was the audience may bring it; whom it was issued to only when there
	// is none: an API that it was meant for must not use it here.
	ours := answer.Audience.Contains(o.ClientID) || len(answer.Audience) == 0 && answer.ClientID == o.ClientID
	switch {
	case !answer.Active:
		return "", refused("the provider says that the token is not active")
	case !ours:
		return "", refused("the token was not meant for us")
	case answer.Issuer != "" && answer.Issuer != o.Issuer:
		return "", refused("the token has another issuer")
	case past(answer.Expiry, o.now()) || answer.NotBefore != nil && o.now().Add(maxSkew).Before(answer.NotBefore.Time()):
		return "", refused("it is not the time of the token")
	case len(answer.Confirmation) > 0:
		return "", refused("the token is bound to a key that we can't ask for (RFC 7800)")
	}
	return answer.Subject, nil
}

func past(expiry *jwt.NumericDate, now time.Time) bool {
	return expiry != nil && !now.Before(expiry.Time())
}
