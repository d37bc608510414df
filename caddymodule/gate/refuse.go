package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

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

// refuse answers instead of the app, in the form the client reads: a page for a
// person, a status for gRPC, problem details (RFC 9457) for all others.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	row := table.Find(w, err)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if row.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(err))
	}
	switch {
	case isGRPC(r):
		h.Set("Content-Type", "application/grpc")
		h.Set("Grpc-Status", row.Code)
		h.Set("Grpc-Message", row.Text)
		w.WriteHeader(http.StatusOK)
	case isNavigation(r):
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		w.WriteHeader(row.Status)
		_, _ = w.Write(page(row.Status, row.Text, nextStep(err)))
	default:
		h.Set("Content-Type", "application/problem+json")
		w.WriteHeader(row.Status)
		_, _ = w.Write(problem(row.Status, row.Text, nextStep(err)))
	}
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
		return "Ask whoever runs this site if you should be allowed."
	case authcore.CodeUnavailable, authcore.CodeThrottled:
		return "Try again in a moment."
	default:
		return "Tell whoever runs this site if it happens again."
	}
}

func problem(status int, text, next string) []byte {
	body, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, sentence(text) + " " + next})
	if err != nil {
		return []byte("{}")
	}
	return append(body, '\n')
}

func page(status int, text, next string) []byte {
	title := html.EscapeString(http.StatusText(status))
	return []byte("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">" +
		"<title>" + title + "</title></head>\n<body><h1>" + title + "</h1>\n<p>" + html.EscapeString(sentence(text)) + "</p>\n<p>" + html.EscapeString(next) + "</p></body>\n</html>\n")
}

// sentence makes a sentence of an error text.
func sentence(text string) string {
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func isGRPC(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// isNavigation is a person who looks at a page: by Fetch Metadata where the
// browser sends it, else by what he accepts.
func isNavigation(r *http.Request) bool {
	if r.Header.Get("Upgrade") != "" || credentials.ExtendedConnect(r) {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
}
