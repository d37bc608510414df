package integration

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	parser "github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() {
	caddy.RegisterModule(whoami{})
	caddy.RegisterModule(greedy{})
}

// whoami is a dialect that answers /whoami with what it was told of the request.
// Its clients keep the token in a cookie of their own.
type whoami struct{}

func (whoami) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects.whoami", New: func() caddy.Module { return new(whoami) }}
}

func (whoami) UnmarshalCaddyfile(*parser.Dispenser) error { return nil }

func (whoami) CookieNames() []string { return []string{"whoami_key"} }

func (whoami) Route(_, path string) (dialect.Route, bool) {
	return dialect.Route{Name: "whoami", Serve: answerWho}, path == "/whoami"
}

type told struct {
	Name, Again, Method, URL, PublicURL string
	Encrypted                           bool
}

func answerWho(w http.ResponseWriter, c *dialect.Call) error {
	p, err := c.Principal()
	if err != nil {
		return err
	}
	again, err := c.Principal()
	if err != nil {
		return err
	}
	dialect.WriteJSON(w, http.StatusOK, told{p.Name, again.Name, c.Method, c.URL.RequestURI(), c.PublicURL, c.Encrypted})
	return nil
}

func (whoami) WriteError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if authcore.CodeOf(err) == authcore.CodeUnauthenticated {
		status = http.StatusUnauthorized
	}
	http.Error(w, authcore.MessageOf(err), status)
}

// greedy is a dialect that would take Doorward's own cookie as its own.
type greedy struct{ whoami }

func (greedy) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects.greedy", New: func() caddy.Module { return new(greedy) }}
}

func (greedy) CookieNames() []string { return []string{"doorward"} }

var (
	_ dialect.Dialect     = whoami{}
	_ dialect.CookieNamer = whoami{}
)
