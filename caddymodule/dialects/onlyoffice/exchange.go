package onlyoffice

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// route is where a request goes.
type route struct {
	o      *OnlyOffice
	method string
	name   string // for the log: no part of the path but words of ours
	code   string // the last part of authentication/{code}
	xml    bool   // the path asks for XML
	handle handler
}

func (r route) route() dialect.Route {
	return dialect.Route{Name: r.name, Serve: r.serve, Fail: r.fail}
}

// exchange is one request on its route.
type exchange struct {
	*dialect.Call
	route
	answer http.Header
}

func (r route) serve(w http.ResponseWriter, c *dialect.Call) error {
	if err := refuseSecrets(c.URL.RawQuery); err != nil {
		return err
	}
	response, err := r.handle(&exchange{c, r, w.Header()})
	if err != nil {
		return err
	}
	r.write(w, c.Request, r.o.status(r.method), r.o.success(r, c.PublicURL, response))
	return nil
}

// secrets are fields that a portal takes from the query, too.
var secrets = map[string]bool{
	"username": true, "password": true, "passwordhash": true, "provider": true, "accesstoken": true, "codeoauth": true,
	"mobilephone": true, "code": true, cookieName: true,
}

// refuseSecrets refuses a query with what must be in no log: a client learns of
// it by its first request, and not by an incident.
func refuseSecrets(query string) error {
	for pair := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if name = strings.ToLower(name); secrets[name] {
			return authcore.Errorf(authcore.CodeInvalid, "%s does not belong in the address, which is logged: send it in the body", name)
		}
	}
	return nil
}

// isXML: a portal answers XML if the path says so, unless the body is JSON. It
// does not look at Accept.
func (r route) isXML(req *http.Request) bool {
	media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	return r.xml && r.o.Flavour != docspace && media != "application/json"
}

func (r route) write(w http.ResponseWriter, req *http.Request, status int, envelope any) {
	body := encode(envelope)
	switch {
	case r.isXML(req):
		dialect.Write(w, status, "text/xml; charset=UTF-8", toXML(body))
	case r.o.Flavour != docspace:
		dialect.Write(w, status, "application/json; charset=UTF-8", escapeSlashes(body))
	default:
		dialect.Write(w, status, "application/json; charset=UTF-8", body)
	}
}

// fields are those of the body.
func (x *exchange) fields() (dialect.Fields, error) {
	if x.o.Flavour == docspace {
		return dialect.JSONBody(x.Call)
	}
	return dialect.Body(x.Call)
}
