package gate

import (
	"io"
	"net/http"
	"strings"

	"github.com/doorward/doorward/caddymodule/app"
)

// owned are the names of headers that only the gate may set, in normal form.
type owned []string

func (h *Headers) owned() owned {
	var o owned
	for _, name := range []string{
		h.User, h.Name, h.Email, h.Groups,
		defaultHeaders.User, defaultHeaders.Name, defaultHeaders.Email, defaultHeaders.Groups,
	} {
		if !o.has(name) {
			o = append(o, strings.ToLower(name))
		}
	}
	return o
}

// has says whether name is one of o in any spelling: case, and every sign as "-",
// because CGI, WSGI and some servers make the same variable of them all.
func (o owned) has(name string) bool {
	for _, own := range o {
		if len(own) == len(name) && sameName(own, name) {
			return true
		}
	}
	return false
}

func sameName(own, name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case (c < 'a' || c > 'z') && (c < '0' || c > '9'):
			c = '-'
		}
		if c != own[i] {
			return false
		}
	}
	return true
}

// forwarded are headers with which a client could talk to the app about its
// address or its URL. Caddy rewrites X-Forwarded-For, -Host and -Proto itself.
var forwarded = []string{
	"Forwarded", "X-Real-Ip", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Method",
	"X-Forwarded-Server", "X-Forwarded-Ssl", "X-Forwarded-Scheme", "X-Forwarded-User", "X-Original-Url", "X-Original-Uri",
	"X-Rewrite-Url", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "True-Client-Ip", "X-Client-Ip",
}

// clean removes from a request what only the gate, or only a trusted proxy, may
// say. It runs on every request, open paths included (law 8).
func (o owned) clean(r *http.Request) {
	for name := range r.Header {
		if o.has(name) {
			delete(r.Header, name)
		}
	}
	if !app.TrustedProxy(r) {
		for _, name := range forwarded {
			delete(r.Header, name)
		}
	}
	o.cleanConnection(r.Header)
	o.cleanTrailer(r)
}

// cleanConnection keeps a client from naming our headers, or credentials, as
// hop-by-hop: a proxy after us would remove them. Of upgrades only that to a
// WebSocket is left: another protocol would leave the checks behind.
func (o owned) cleanConnection(h http.Header) {
	upgrade := h.Get("Upgrade")
	foreign := upgrade != "" && !strings.EqualFold(upgrade, "websocket") || len(h["Upgrade"]) > 1
	if foreign {
		delete(h, "Upgrade")
		delete(h, "Http2-Settings")
	}
	lines := h["Connection"]
	if len(lines) == 0 {
		return
	}
	var kept []string
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			drop := name == "" || o.has(name) || foreign && strings.EqualFold(name, "upgrade") ||
				strings.EqualFold(name, "authorization") || strings.EqualFold(name, "cookie")
			if !drop {
				kept = append(kept, name)
			}
		}
	}
	if len(kept) == 0 {
		delete(h, "Connection")
		return
	}
	h["Connection"] = []string{strings.Join(kept, ", ")}
}

// cleanTrailer removes our headers from the trailer, which is complete only
// when the body has been read.
func (o owned) cleanTrailer(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength >= 0 && r.Trailer == nil {
		return
	}
	if r.Trailer == nil { // the server fills this one at the end of the body
		r.Trailer = http.Header{}
	}
	o.cleanNames(r.Trailer)
	r.Body = &trailerCleaner{ReadCloser: r.Body, owned: o, trailer: r.Trailer}
}

func (o owned) cleanNames(h http.Header) {
	for name := range h {
		if o.has(name) {
			delete(h, name)
		}
	}
}

type trailerCleaner struct {
	io.ReadCloser
	owned   owned
	trailer http.Header
}

// Read cleans the trailer as soon as it is there.
func (t *trailerCleaner) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil {
		t.owned.cleanNames(t.trailer)
	}
	return n, err
}
