package qitech

import (
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// maxBody is how many bytes a body may have.
const maxBody = 64 << 10

// route is what a path names beside the operation.
type route struct {
	account string // as sent
	device  string // as sent; empty: all of the account's
}

// handler answers one request of somebody who is known, or returns what is shown of an
// error.
type handler func(x *exchange) (status int, answer any, err error)

// An operation is one thing to ask for.
type operation struct {
	name  string // of Operations; empty: it is for users alone
	body  bool   // it has one, which may be empty
	serve handler
}

// operations are what is below /account/{account_key}, by path and method.
var operations = map[string]map[string]operation{
	"device": {
		http.MethodPost: {createDevice, true, create},
		http.MethodGet:  {listDevices, false, list},
	},
	"device/{device_key}": {
		http.MethodGet: {showDevice, false, show},
	},
	"device/{device_key}/validate": {
		http.MethodPut: {validateDevice, true, validate},
	},
	"device/{device_key}/resend_token": {
		http.MethodPatch: {resendToken, true, resend},
	},
	"device/{device_key}/disable": {
		http.MethodDelete: {disableDevice, false, disable},
	},
	"device_challenge": {
		http.MethodPost: {"", true, challenge},
	},
	"device_session": {
		http.MethodPost: {"", true, bind},
	},
}

// Route knows what is below /account/{account_key}/device, served or not: who missed by
// a letter has sent a token that no app may get. Any other path is the app's, and
// /account itself above all.
func (q *QITech) Route(method, path string) (dialect.Route, bool) {
	rest, ok := strings.CutPrefix(path, q.Prefix+"/account/")
	account, rest, below := strings.Cut(rest, "/")
	if !ok || !below || account == "" {
		return dialect.Route{}, false
	}
	first, more, deeper := strings.Cut(rest, "/")
	name, at := first, route{account: account}
	if first == "device" && deeper {
		name, at.device = "device/{device_key}", more
		if key, verb, found := strings.Cut(more, "/"); found {
			name, at.device = name+"/"+verb, key
		}
	} else if deeper {
		name = first + "/"
	}
	byMethod, served := operations[name]
	switch {
	case first != "device" && !served && !(deeper && operations[first] != nil):
		return dialect.Route{}, false
	case !served || strings.HasPrefix(name, "device/") && at.device == "":
		return q.route("device/…", nothingHere), true
	}
	op, ok := byMethod[method]
	if !ok {
		return q.route(name, wrongMethod(byMethod)), true
	}
	return q.route(name, q.serve(op, at)), true
}

func (q *QITech) route(name string, serve func(http.ResponseWriter, *dialect.Call) error) dialect.Route {
	return dialect.Route{Name: dialectName + "/account/{account_key}/" + name, MaxBody: maxBody, Serve: serve}
}

func nothingHere(http.ResponseWriter, *dialect.Call) error {
	return dialect.Refuse(http.StatusNotFound, "there is nothing here")
}

func wrongMethod(served map[string]operation) func(http.ResponseWriter, *dialect.Call) error {
	var allow []string
	for method := range served {
		allow = append(allow, method)
	}
	slices.Sort(allow)
	return func(http.ResponseWriter, *dialect.Call) error {
		refusal := dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method "+strings.Join(allow, " or "))
		refusal.Allow = strings.Join(allow, ", ")
		return refusal
	}
}
