package gate

import (
	"io"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/caddymodule/credentials"
)

// renewing is an answer that gives the browser new tokens. They come when the
// headers are sent, so that nothing that makes them loses one, and no cache may
// keep that answer, whatever the app allows: it would give the session to others.
type renewing struct {
	*caddyhttp.ResponseWriterWrapper
	cookies []*http.Cookie
}

// WriteHeader leaves an informational answer alone: it is not the last.
func (w *renewing) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.give()
	}
	w.ResponseWriterWrapper.WriteHeader(status)
}

func (w *renewing) Write(p []byte) (int, error) {
	w.give()
	return w.ResponseWriterWrapper.Write(p)
}

// ReadFrom is what sends files.
func (w *renewing) ReadFrom(r io.Reader) (int64, error) {
	w.give()
	return w.ResponseWriterWrapper.ReadFrom(r)
}

// FlushError is what http.ResponseController calls.
func (w *renewing) FlushError() error {
	w.give()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Flush is for those that look for http.Flusher.
func (w *renewing) Flush() { _ = w.FlushError() }

// give adds the cookies, once.
func (w *renewing) give() {
	for _, c := range w.cookies {
		http.SetCookie(w, c)
	}
	if w.cookies != nil {
		uncache(w.Header())
	}
	w.cookies = nil
}

// uncache forbids every cache to keep an answer (RFC 9111, RFC 9213).
func uncache(h http.Header) {
	h.Set("Cache-Control", "private, no-store")
	for name := range h {
		if strings.HasSuffix(name, "Cdn-Cache-Control") || name == "Surrogate-Control" || name == "Expires" || name == "X-Accel-Expires" {
			delete(h, name)
		}
	}
}

// renews says whether the answer to r can carry a cookie: that to an upgrade
// belongs to another protocol.
func renews(r *http.Request) bool {
	return r.Header.Get("Upgrade") == "" && !credentials.ExtendedConnect(r)
}
