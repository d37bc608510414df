package surepassid

import (
	"net/http"
	"strings"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// pictures is where they are, under the endpoint.
const pictures = "/qrcode/"

// Route knows the endpoint in any case and with a slash at its end, as the product's web server does, and the
// pictures below it. Whatever is below them is ours: it may hold a token that no log
// may show.
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
	case len(rest) < len(pictures) || !strings.EqualFold(rest[:len(pictures)], pictures):
		return dialect.Route{}, false
	}
	route := dialect.Route{Name: dialectName + pictures + "{token}", Serve: s.picture(rest[len(pictures):]), Fail: failPicture}
	if method != http.MethodGet && method != http.MethodHead {
		route.Serve = wrongMethod("GET, HEAD")
	}
	return route, true
}

func wrongMethod(allow string) func(http.ResponseWriter, *dialect.Call) error {
	return func(http.ResponseWriter, *dialect.Call) error {
		refusal := dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method "+strings.ReplaceAll(allow, ", ", " or "))
		refusal.Allow = allow
		return refusal
	}
}
