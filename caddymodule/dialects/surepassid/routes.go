package surepassid

import (
	"net/http"
	"strings"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// pictures is where they are, under the endpoint.
const pictures = "/qrcode/"

// Route knows the endpoint in any case and with a slash at its end, as the product's web
// server does, and the pictures below it. Whatever else is below is ours, too: who missed
// by a slash may have sent a key or a token, which no log may show and no app may get.
func (s *SurePassID) Route(method, path string) (dialect.Route, bool) {
	if len(path) < len(s.Path) || !strings.EqualFold(path[:len(s.Path)], s.Path) {
		return dialect.Route{}, false
	}
	rest := path[len(s.Path):]
	if rest == "/" { // clients that join addresses leave one
		rest = ""
	}
	switch {
	case rest == "" && method == http.MethodPost:
		return dialect.Route{Name: dialectName, Serve: s.serve}, true
	case rest == "":
		return dialect.Route{Name: dialectName, Serve: wrongMethod("POST")}, true
	case rest[0] != '/':
		return dialect.Route{}, false
	case len(rest) < len(pictures) || !strings.EqualFold(rest[:len(pictures)], pictures):
		return dialect.Route{Name: dialectName, Serve: nothingHere}, true
	}
	route := dialect.Route{Name: dialectName + pictures + "{token}", Serve: s.picture(rest[len(pictures):]), Fail: failPicture}
	if method != http.MethodGet && method != http.MethodHead {
		route.Serve = wrongMethod("GET, HEAD")
	}
	return route, true
}

func nothingHere(http.ResponseWriter, *dialect.Call) error {
	return dialect.Refuse(http.StatusNotFound, "there is nothing here: the API is one path")
}

func wrongMethod(allow string) func(http.ResponseWriter, *dialect.Call) error {
	return func(http.ResponseWriter, *dialect.Call) error {
		refusal := dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method "+strings.ReplaceAll(allow, ", ", " or "))
		refusal.Allow = allow
		return refusal
	}
}
