package onlyoffice

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func wrongMethod(http.ResponseWriter, *dialect.Call) error {
	refusal := dialect.Refuse(http.StatusMethodNotAllowed, "send a POST")
	refusal.Allow = http.MethodPost
	return refusal
}

func nothing(http.ResponseWriter, *dialect.Call) error {
	return authcore.Errorf(authcore.CodeNotFound, "there is nothing here: a code is the last part of the address")
}

// primary answers POST authentication: the name and the password are right,
// and a code is needed. There is no token for a password alone.
func primary(w http.ResponseWriter, c *dialect.Call) error {
	if _, err := firstFactor(c); err != nil {
		return err
	}
	write(w, tokenData{TFA: true})
	return nil
}

// withSecond answers POST authentication/{code}.
func withSecond(code string) func(http.ResponseWriter, *dialect.Call) error {
	return func(w http.ResponseWriter, c *dialect.Call) error {
		verified, err := firstFactor(c)
		if err != nil {
			return err
		}
		login, err := c.Core.Logins.Second(c.Context(), verified, code)
		if err != nil {
			return err
		}
		write(w, tokenData{Token: &login.Token, Expires: expires(login.ExpiresAt)})
		return nil
	}
}

// firstFactor is shown anew with every call, as the API has no session between
// the steps. Another provider than the password has no user here: it costs and
// answers the same.
func firstFactor(c *dialect.Call) (*authcore.Verified, error) {
	fields, err := dialect.JSONBody(c)
	if err != nil {
		return nil, err
	}
	password := fields.Get("password")
	if p := fields.Get("provider"); p != "" && p != "email" {
		password = ""
	}
	return c.Core.Logins.Primary(c.Context(), authcore.Attempt{
		Name: fields.Get("userName"), Password: password,
		Audience: c.Audience, ClientID: "onlyoffice", From: c.Origin,
	})
}
