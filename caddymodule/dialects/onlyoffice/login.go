package onlyoffice

import (
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// primary answers POST authentication: who is right learns which code is needed,
// and that it is on its way.
func primary(x *exchange) (any, error) {
	v, fields, err := x.verified()
	if err != nil {
		return nil, err
	}
	step, err := x.Core.Logins.Next(x.Context(), v)
	if err != nil {
		return nil, told(err, authcore.CodeThrottled, tooManyTexts)
	}
	data, link := x.o.missing(step)
	if x.o.linksTo(link) {
		ticket, err := x.Core.Logins.Ticket(v)
		if err != nil {
			return nil, err
		}
		data.ConfirmURL = x.confirmURL(link, ticket, fields.Get("userName"))
	}
	return x.o.token(data), nil
}

// withCode answers POST authentication/{code}.
func withCode(x *exchange) (any, error) {
	v, fields, err := x.verified()
	if err != nil {
		return nil, err
	}
	login, err := x.Core.Logins.Second(x.Context(), v, x.codeOf(fields))
	if err != nil {
		return nil, err
	}
	return x.o.finished(login, x.loggedIn(login, fields)), nil
}

// codeOf is the code: a workspace reads the address, DocSpace the body.
func (x *exchange) codeOf(fields dialect.Fields) string {
	if code := fields.Get("code"); code != "" && x.o.Flavour == docspace {
		return code
	}
	return x.code
}

// verified is who has shown the first factor, or a ticket of one of the types for
// it, and the fields of the body.
func (x *exchange) verified(tickets ...string) (*authcore.Verified, dialect.Fields, error) {
	fields, err := x.fields()
	if err != nil {
		return nil, nil, err
	}
	if len(tickets) > 0 {
		if v, _, err := x.confirmed(tickets...); v != nil || err != nil {
			return v, fields, err
		}
	}
	v, err := x.firstFactor(fields)
	return v, fields, err
}

// firstFactor is shown anew with every call, as the API has no session between
// the steps.
func (x *exchange) firstFactor(fields dialect.Fields) (*authcore.Verified, error) {
	a := x.attempt()
	a.Name = fields.Get("userName")
	switch provider := strings.ToLower(fields.Get("provider")); provider {
	case "", "email", "null":
		a.Password = fields.Get("password")
		return x.Core.Logins.Primary(x.Context(), a)
	default:
		return x.Core.Logins.External(x.Context(), a, provider, proof(fields))
	}
}

// proof prefers the token. A portal overlooks the code when the token is null,
// which its own Android client sends.
func proof(fields dialect.Fields) authcore.Proof {
	if token := fields.Get("accessToken"); token != "" {
		return authcore.Proof{Token: token}
	}
	return authcore.Proof{Code: fields.Get("codeOAuth")}
}

func (x *exchange) attempt() authcore.Attempt {
	return authcore.Attempt{
		Audience: x.Audience, ClientID: "onlyoffice", From: x.Origin, Language: x.Header.Get("Accept-Language"),
		Device: x.Device,
	}
}
