package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// table is how the gate shows a code over HTTP, and as a gRPC status.
var table = dialect.Table{
	authcore.CodeInternal:        {Status: 500, Code: "13"},
	authcore.CodeInvalid:         {Status: 400, Code: "3"},
	authcore.CodeUnauthenticated: {Status: 401, Code: "16"},
	authcore.CodeStepUp:          {Status: 401, Code: "16"},
	authcore.CodeForbidden:       {Status: 403, Code: "7"},
	authcore.CodeNotFound:        {Status: 404, Code: "5"},
	authcore.CodeConflict:        {Status: 409, Code: "10"},
	authcore.CodeThrottled:       {Status: 429, Code: "8"},
	authcore.CodeUnavailable:     {Status: 503, Code: "14"},
}

// refuse answers instead of the app, in the form the client reads: the way to
// sign in or a page for a person, a status for gRPC, problem details (RFC 9457) for
// all others.
func (g *Gate) refuse(w http.ResponseWriter, r *http.Request, err error) {
	row, who := table.Find(w, err), clientOf(r)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	g.nameOrigin(h, r)
	path := g.remedy(err)
	if who == person && path != "" && path != signOut {
		h.Set("Location", g.pathOf(path, r))
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if row.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(err))
	}
	switch who {
	case grpcCall:
		h.Set("Content-Type", grpcType(r))
		h.Set("Grpc-Status", row.Code)
		h.Set("Grpc-Message", row.Text)
		w.WriteHeader(http.StatusOK)
	case person, sender, framed:
		if err := g.pages.Write(w, r, row.Status, g.page(r, who, err)); err != nil {
			g.log.Error("a page can't be shown", zap.Error(err))
			http.Error(w, http.StatusText(row.Status), row.Status)
		}
	default:
		h.Set("Content-Type", "application/problem+json")
		w.WriteHeader(row.Status)
		_, _ = w.Write(g.problem(row, err))
	}
}

// grpcType is what the client reads: gRPC-Web looks for its own name.
func grpcType(r *http.Request) string {
	for _, media := range []string{"application/grpc-web-text", "application/grpc-web"} {
		if strings.HasPrefix(r.Header.Get("Content-Type"), media) {
			return media
		}
	}
	return "application/grpc"
}

// challenge is the WWW-Authenticate of RFC 6750, with the error of RFC 9470
// when a newer one-time password would help.
func challenge(err error) string {
	var e *authcore.Error
	if errors.As(err, &e) && e.Code == authcore.CodeStepUp {
		return fmt.Sprintf(`Bearer realm="doorward", error="insufficient_user_authentication", error_description="%s", max_age=%d`, e.Message, int(e.MaxAge/time.Second))
	}
	if errors.Is(err, credentials.ErrNoToken) {
		return `Bearer realm="doorward"`
	}
	return `Bearer realm="doorward", error="invalid_token"`
}

func nextStep(err error) string {
	switch authcore.CodeOf(err) {
	case authcore.CodeUnauthenticated:
		return "Log in with your password and a one-time password, and send the token as 'Authorization: Bearer TOKEN'."
	case authcore.CodeStepUp:
		return "Log in again with a new one-time password, and send the new token."
	case authcore.CodeForbidden:
		if authcore.ReasonOf(err) == authcore.ReasonClientDevice {
			return "Register this device, have it approved, and send a token of a session that is bound to it."
		}
		return "Ask whoever runs this site if you should be allowed."
	case authcore.CodeUnavailable, authcore.CodeThrottled:
		return "Try again in a moment."
	default:
		return "Tell whoever runs this site if it happens again."
	}
}

// problem tells a program what is wrong, and a script of a page where a person can
// do something about it.
func (g *Gate) problem(row dialect.Row, err error) []byte {
	p := struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		SignIn string `json:"sign_in,omitempty"`
		StepUp string `json:"step_up,omitempty"`
		Device string `json:"register_device,omitempty"`
	}{Type: "about:blank", Title: http.StatusText(row.Status), Status: row.Status, Detail: sentence(row.Text) + " " + nextStep(err)}
	switch path := g.remedy(err); path {
	case signIn:
		p.SignIn = g.prefix + path
	case stepUp:
		p.StepUp = g.prefix + path
	case browser:
		p.Device = g.prefix + path
	}
	body, failed := json.Marshal(p)
	if failed != nil {
		return []byte("{}")
	}
	return append(body, '\n')
}

// sentence makes a sentence of an error text.
func sentence(text string) string {
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
