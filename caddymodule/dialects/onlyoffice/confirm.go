package onlyoffice

import (
	"net/url"
	"slices"

	"github.com/doorward/doorward/authcore"
)

// The types of DocSpace's confirm links: what is to be confirmed.
const (
	phoneActivation = "PhoneActivation"
	phoneAuth       = "PhoneAuth"
	tfaActivation   = "TfaActivation"
	tfaAuth         = "TfaAuth"
)

// confirmURL is a link for clients, which take the key out of it: a path only when
// no public URL is configured. Host has no say (law 9).
func (x *exchange) confirmURL(kind, ticket, name string) string {
	return x.PublicURL + x.o.Prefix + "/confirm/" + kind + "?type=" + kind + "&key=" + url.QueryEscape(ticket) + "&email=" + url.QueryEscape(name)
}

// linksTo says whether clients get a link of a type. Beside a portal the routes of
// an app are its own: a client would send our ticket there, past the route that
// keeps it out of the log (law 11).
func (o *OnlyOffice) linksTo(kind string) bool {
	return o.Flavour == docspace && (!o.BesidePortal || kind == phoneActivation || kind == phoneAuth)
}

// confirmed gives what the header confirm proves: "type=…&key=…&email=…", of one
// of the types. Without the header v is nil.
func (x *exchange) confirmed(types ...string) (v *authcore.Verified, name string, err error) {
	header := x.Header.Get("Confirm")
	if header == "" {
		return nil, "", nil
	}
	values, err := url.ParseQuery(header)
	if err != nil {
		return nil, "", authcore.Errorf(authcore.CodeInvalid, "the header confirm is not type=…&key=…&email=…, percent-encoded")
	}
	v, err = x.resume(values.Get("type"), values.Get("key"), types)
	return v, values.Get("email"), err
}

// resume gives what a ticket of one of the types proves.
func (x *exchange) resume(kind, ticket string, types []string) (*authcore.Verified, error) {
	if !slices.Contains(types, kind) {
		return nil, authcore.Errorf(authcore.CodeUnauthenticated, "the ticket is for something else")
	}
	v, _, err := x.Core.Logins.Resume(x.Context(), x.attempt(), ticket)
	return v, err
}

// ticketState is DocSpace's answer about a link. Its numbers: 0 ok, 1 invalid.
type ticketState struct {
	Result int    `json:"result"`
	Email  string `json:"email,omitempty"`
}

// checkTicket answers POST authentication/confirm: is a link still good?
func checkTicket(x *exchange) (any, error) {
	types := []string{phoneActivation, phoneAuth, tfaActivation, tfaAuth}
	fields, err := x.fields()
	if err != nil {
		return nil, err
	}
	v, name, err := x.confirmed(types...)
	if v == nil && err == nil {
		name = fields.Get("email")
		_, err = x.resume(fields.Get("type"), fields.Get("key"), types)
	}
	if err != nil && authcore.CodeOf(err) != authcore.CodeUnauthenticated {
		return nil, err
	}
	state := ticketState{Email: name}
	if err != nil {
		state.Result = 1
	}
	return state, nil
}

// noPage answers for the links themselves, so that a key in one reaches no access
// log and no app.
func noPage(*exchange) (any, error) {
	return nil, authcore.Errorf(authcore.CodeNotFound, "there is no page for this link yet: the client that asked for it sends its query in the header confirm")
}
