package onlyoffice

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// handler answers one request: with what stands in the envelope, nil for
// nothing.
type handler func(x *exchange) (response any, err error)

// routes are the literal ones, by their paths under the prefix and by method.
// They win over a code. Without a method, a path is nobody's.
var routes = map[string]map[string]handler{
	"authentication":          {http.MethodGet: isSignedIn, http.MethodPost: primary},
	"authentication/setphone": {http.MethodPost: setPhone},
	"authentication/sendsms":  {http.MethodPost: sendSMS},
	"authentication/logout":   {http.MethodPost: logout},
	"authentication/confirm":  {http.MethodPost: checkTicket},
	"authentication/login":    {}, // a portal's, for links in its own mails
	"authentication/register": {},
	"capabilities":            {http.MethodGet: capabilities},
	"people/@self":            {http.MethodGet: self},
	"settings/version/build":  {http.MethodGet: versions},
	"settings/tfaapp":         {http.MethodGet: factor, http.MethodPut: setFactor},
	"settings/tfaapp/setup":   {http.MethodGet: setUpApp},
	"settings/tfaapp/validate": {
		http.MethodPost: validate,
	},
	"settings/tfaappcodes":    {http.MethodGet: backupCodes},
	"settings/tfaappnewcodes": {http.MethodPut: newBackupCodes},
	"settings/tfaappnewapp":   {http.MethodPut: newApp},
}

// Route knows paths as a portal does: in any case, with a slash or an extension
// at the end. Whatever is below authentication or confirm is ours, as it may hold
// a code or a ticket that no log may show.
func (o *OnlyOffice) Route(method, path string) (dialect.Route, bool) {
	r := o.find(method, path)
	if r.handle == nil {
		return dialect.Route{}, false
	}
	return r.route(), true
}

// find gives the route of a path; without a handler it is nobody's.
func (o *OnlyOffice) find(method, path string) (r route) {
	if len(path) <= len(o.Prefix) || !strings.EqualFold(path[:len(o.Prefix)], o.Prefix) || path[len(o.Prefix)] != '/' {
		return route{}
	}
	rest, extension := cutExtension(strings.TrimSuffix(path[len(o.Prefix)+1:], "/"))
	word, below, deeper := strings.Cut(rest, "/")
	word, _ = cutExtension(word)
	r = route{o: o, method: method, name: strings.ToLower(word), xml: extension != "" && extension != ".json"}
	if deeper {
		r.name += "/" + strings.ToLower(below)
	}
	methods, literal := routes[r.name]
	switch {
	case strings.EqualFold(word, "confirm"):
		r.name, r.handle = "confirm", noPage
		return r
	case strings.EqualFold(word, "authentication") && strings.Contains(below, "/"):
		r.name, methods = "authentication/{code}/", nil
	case strings.EqualFold(word, "authentication") && !literal:
		r.name, r.code, methods = "authentication/{code}", below, map[string]handler{http.MethodPost: withCode}
	case !literal || o.BesidePortal && !strings.EqualFold(word, "authentication"):
		return route{}
	}
	r.handle = methods[method]
	if len(methods) == 0 {
		r.handle = nothing
	} else if r.handle == nil {
		r.handle = wrongMethod(methods)
	}
	return r
}

// cutExtension takes off what a portal takes as the form of the answer.
func cutExtension(s string) (rest, extension string) {
	for _, extension := range []string{".json", ".xml", ".tml"} {
		if n := len(s) - len(extension); n >= 0 && strings.EqualFold(s[n:], extension) {
			return s[:n], extension
		}
	}
	return s, ""
}

func wrongMethod(methods map[string]handler) handler {
	allow := slices.Sorted(maps.Keys(methods))
	return func(*exchange) (any, error) {
		refusal := dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method "+strings.Join(allow, " or "))
		refusal.Allow = strings.Join(allow, ", ")
		return nil, refusal
	}
}

func nothing(*exchange) (any, error) {
	return nil, authcore.Errorf(authcore.CodeNotFound, "there is nothing here: a code is the last part of the address")
}
