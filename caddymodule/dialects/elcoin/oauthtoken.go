package elcoin

import (
	"strings"
	"time"

	"github.com/doorward/doorward/authcore"
)

// issued is RFC 6749 section 5.1. There is no refresh token: clients read an empty one.
type issued struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
	MFAToken     string `json:"mfa_token,omitempty"` // of a password that is being restored
	State        string `json:"state,omitempty"`
}

func (x *oauthCall) issue(token string, until time.Time, scope string) issued {
	return issued{
		AccessToken: token, TokenType: "bearer", ExpiresIn: max(0, int64(time.Until(until).Seconds())), Scope: scope, State: x.fields.Get("state"),
	}
}

// The grants that there are. Of the vendor's others a code would come from a redirect, and a
// password alone opens nothing.
const (
	grantClient = "client_credentials"
	grantMFA    = "mfa_oob"
)

// token answers POST token: what an app shows in place of its secret, or the end of a login.
func token(x *oauthCall) (any, error) {
	switch x.fields.Get("grant_type") {
	case grantClient:
		return clientToken(x)
	case grantMFA:
		return userToken(x)
	}
	return nil, refuse(unsupportedGrantType, "The grant type is %s or %s.", grantClient, grantMFA)
}

// scopeOfApp is all that an app may ask for.
const scopeOfApp = "REST:FULL"

func clientToken(x *oauthCall) (any, error) {
	if err := x.needText("client_id", "client_secret"); err != nil {
		return nil, err
	}
	scope := strings.Fields(x.fields.Get("scope"))
	if len(scope) == 1 && scope[0] == scopeOfApp {
		scope = nil
	}
	for _, word := range scope {
		if word != roleModify && word != roleView {
			return nil, errScope
		}
	}
	t, err := x.Core.Integrators.Token(x.Context(), authcore.Knock{
		Dialect: dialectName, Name: x.fields.Get("client_id"), Key: x.fields.Get("client_secret"), Later: true, From: x.Origin,
	}, x.Audience, scope)
	if err != nil {
		return nil, err
	}
	granted := strings.Join(t.Scope, " ")
	if granted == "" {
		granted = scopeOfApp
	}
	return x.issue(t.Token, t.ExpiresAt, granted), nil
}

func userToken(x *oauthCall) (any, error) {
	if err := x.needText("mfa_token"); err != nil {
		return nil, err
	}
	if err := x.checkScope(scopeCustomer); err != nil {
		return nil, err
	}
	if err := x.checkClient(); err != nil {
		return nil, err
	}
	v, err := x.Core.Logins.ResumeMFA(x.Context(), x.attempt(), x.fields.Get("mfa_token"))
	if err != nil {
		return nil, err
	}
	login, err := x.second(v)
	if err != nil {
		return nil, err
	}
	return x.issue(login.Token, login.ExpiresAt, scopeCustomer), nil
}

// second finishes v's login by a code or, without one, by the answer of the device that was
// asked. Who sends back the number that he was to show has no code either.
func (x *oauthCall) second(v *authcore.Verified) (authcore.Login, error) {
	code := x.fields.Get("code")
	answers, err := x.isNumber(v, code)
	if err != nil {
		return authcore.Login{}, err
	}
	if code != "" && !answers {
		return x.Core.Logins.Second(x.Context(), v, padded(code))
	}
	login, err := x.Core.Logins.Answered(x.Context(), v)
	if authcore.CodeOf(err) == authcore.CodeNotFound {
		return authcore.Login{}, refuse(invalidRequest, "'code' is missing, and no device is being asked.")
	}
	return login, err
}

// numberDigits is how many a number has that is shown for comparison.
const numberDigits = 2

// isNumber says whether code is the number that v was told to show.
func (x *oauthCall) isNumber(v *authcore.Verified, code string) (bool, error) {
	if len(code) != numberDigits {
		return false, nil
	}
	sent, err := x.Core.Logins.Sent(x.Context(), v)
	if authcore.CodeOf(err) == authcore.CodeNotFound {
		return false, nil
	}
	return err == nil && sent.Number == code, err
}
