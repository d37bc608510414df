package qitech

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// maxBody is how many bytes a body may have.
const maxBody = 64 << 10

// place is what a path names.
type place struct {
	account string // as sent
	device  string // as sent; empty: all of the account's
}

// handler answers somebody who is known.
type handler func(x *exchange) (status int, answer any, err error)

// handlers are what is served below /account/{account_key}, by path and method.
var handlers = map[string]map[string]handler{
	"device":                           {http.MethodPost: create, http.MethodGet: list},
	"device/{device_key}":              {http.MethodGet: show},
	"device/{device_key}/validate":     {http.MethodPut: validate},
	"device/{device_key}/resend_token": {http.MethodPatch: resend},
	"device/{device_key}/disable":      {http.MethodDelete: disable},
	"device_challenge":                 {http.MethodPost: challenge},
	"device_session":                   {http.MethodPost: bind},
}

// Route knows what is below /account/{account_key}/device and beside it, served or not: who
// missed by a slash may have sent a token, which no app may get. Any other path is the app's.
func (q *QITech) Route(method, path string) (dialect.Route, bool) {
	rest, ok := strings.CutPrefix(path, q.Prefix+"/account/")
	account, below, _ := strings.Cut(rest, "/")
	first, more, _ := strings.Cut(below, "/")
	if !ok || account == "" || handlers[first] == nil {
		return dialect.Route{}, false
	}
	name, at := below, place{account: account}
	if key, verb, deeper := strings.Cut(more, "/"); first == "device" && key != "" {
		at.device, name = key, "device/{device_key}"
		if deeper {
			name += "/" + verb
		}
	}
	route := dialect.Route{Name: dialectName + "/" + name, MaxBody: maxBody}
	byMethod := handlers[name]
	switch handle := byMethod[method]; {
	case byMethod == nil:
		route.Name, route.Serve = dialectName+"/"+first+"/…", nothingHere
	case handle == nil:
		route.Serve = wrongMethod(slices.Sorted(maps.Keys(byMethod)))
	default:
		route.Serve = q.serve(handle, at)
	}
	return route, true
}

func nothingHere(http.ResponseWriter, *dialect.Call) error {
	return dialect.Refuse(http.StatusNotFound, "there is nothing here")
}

func wrongMethod(served []string) func(http.ResponseWriter, *dialect.Call) error {
	return func(http.ResponseWriter, *dialect.Call) error {
		refusal := dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method "+strings.Join(served, " or "))
		refusal.Allow = strings.Join(served, ", ")
		return refusal
	}
}
