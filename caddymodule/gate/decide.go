package gate

import (
	"net/http"
	"runtime/debug"
	"strings"

	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// decision lets a request through.
type decision struct {
	principal  *authcore.Principal // nil: on an open path nobody needs to be one
	gatekeeper *authcore.Gatekeeper
	cookies    []*http.Cookie // that go on with a browser's session
}

// decide gives a decision or an error. Whatever goes wrong in it is a refusal (law 1).
func (g *Gate) decide(r *http.Request) (d decision, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			g.log.Error("panic", zap.Any("panic", panicked), zap.ByteString("stack", debug.Stack()))
			d, err = decision{}, authcore.Errorf(authcore.CodeInternal, "internal error")
		}
	}()
	if err := refusedMethod(r); err != nil {
		return d, err
	}
	core, away := g.core(r.Context())
	var gk *authcore.Gatekeeper
	if core != nil {
		gk = core.Gatekeeper
	}
	shown := credentials.Read(r, g.dialectCookies)
	if !g.PassToken {
		defer shown.Strip(gk)
	} else {
		defer shown.StripDevice()
	}
	if g.preflight(r) {
		return d, nil
	}
	var room [1]string // a plain path has one reading
	readings := readingsOf(room[:0], r)
	demands, err := g.demands(r, readings)
	if err != nil {
		return d, err
	}
	open, p := authcore.IsOpen(g.Open, readings), g.provenBefore(r)
	if p == nil && open && len(demands) == 0 {
		return d, nil
	}
	if away != nil {
		return d, away
	}
	if p == nil {
		if p, err = shown.Principal(r.Context(), gk, g.Audience); err != nil {
			return d, err
		}
	}
	if err := gk.Decide(open, demands, p); err != nil {
		return d, err
	}
	if d = (decision{principal: p, gatekeeper: gk}); renews(r) {
		d.cookies = g.browser.Renewed(r, &shown, gk, p)
	}
	return d, nil
}

// refusedMethod refuses TRACE, and CONNECT unless it opens a WebSocket over
// HTTP/2 or 3 (RFC 8441).
func refusedMethod(r *http.Request) error {
	method := strings.ToUpper(r.Method) // an app may read it in any case
	if method == http.MethodTrace || method == http.MethodConnect && !credentials.ExtendedConnect(r) {
		return &dialect.StatusError{
			Status: http.StatusMethodNotAllowed, Allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
			Err: authcore.Errorf(authcore.CodeForbidden, "the method %s is not let through", r.Method),
		}
	}
	return nil
}
