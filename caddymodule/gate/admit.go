package gate

import (
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/authcore"
)

// admitted is all that a request needs that a gate lets through, in one
// allocation.
type admitted struct {
	principal *authcore.Principal
	audience  string
	request   http.Request // as it goes on
	values    [4]string    // of the headers: a later handler may change them
	stream    authcore.Stream
}

// admit tells whoever comes after the gate who it is, and ties the request to
// the session. The caller must end the stream.
func (g *Gate) admit(r *http.Request, gk *authcore.Gatekeeper, p *authcore.Principal) *admitted {
	a := &admitted{principal: p, audience: g.Audience}
	caddyhttp.SetVar(r.Context(), admittedVar, a)
	shown := p.Keep(show).(*shown)
	a.values = shown.values
	g.Headers.set(r.Header, &a.values)
	if repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		repl.Map(shown.placeholders)
	}
	a.request = *r.WithContext(gk.Attach(r.Context(), &a.stream, p))
	return a
}

const admittedVar = "doorward.admitted"

// provenBefore is who a gate before this one let through: that one has taken the
// token away, so that a gate in a handle block of the site would find none.
func (g *Gate) provenBefore(r *http.Request) *authcore.Principal {
	if a, ok := caddyhttp.GetVar(r.Context(), admittedVar).(*admitted); ok && a.audience == g.Audience {
		return a.principal
	}
	return nil
}

// shown is what everybody after the gate sees of a principal, made once for all
// his requests. Caddy's access log shows {http.auth.user.id} by itself.
type shown struct {
	values       [4]string // of the headers
	placeholders caddy.ReplacerFunc
}

func show(p *authcore.Principal) any {
	groups := strings.Join(p.Groups, ",")
	name := encode(p.Name)
	return &shown{[4]string{name, name, encode(p.Email), encode(groups)}, func(key string) (any, bool) {
		switch key {
		case "http.auth.user.id":
			return p.Name, true
		case "http.auth.user.uuid":
			return p.UserID, true
		case "http.auth.user.email":
			return p.Email, true
		case "http.auth.user.groups":
			return groups, true
		case "http.auth.user.tenant":
			return p.Tenant, true
		case "http.auth.user.device":
			return p.DeviceID, true
		case "http.auth.user.client_device":
			return p.ClientDevice, true
		case "http.auth.user.session":
			return p.SessionID, true
		}
		return nil, false
	}}
}
