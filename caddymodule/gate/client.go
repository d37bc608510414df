package gate

import (
	"net/http"
	"strings"

	"github.com/doorward/doorward/caddymodule/credentials"
)

// client is who waits for an answer, and so in what form it must be.
type client int

const (
	program  client = iota // or a script of a page: fetch, a WebSocket, an event stream
	person                 // who opens a page
	sender                 // a person who sends a form
	framed                 // a person who looks at a page inside another
	grpcCall               // gRPC, and gRPC-Web
)

// clientOf tells by Fetch Metadata, which no script can set, and where there is
// none, as outside of TLS, by what is accepted and sent.
func clientOf(r *http.Request) client {
	if r.Header.Get("Upgrade") != "" || credentials.ExtendedConnect(r) {
		return program
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch mode := r.Header.Get("Sec-Fetch-Mode"); {
	case mode == "navigate" && dest != "" && dest != "document":
		return framed
	case mode == "navigate" && reads, mode == "" && reads && wantsPage(r):
		return person
	case mode == "navigate", mode == "" && wantsPage(r) && sendsForm(r):
		return sender
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		return grpcCall
	}
	return program
}

// wantsPage says whether an old browser opens a page. Libraries for its scripts say
// who they are.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && r.Header.Get("X-Requested-With") == ""
}

// sendsForm says whether a page without a script could have sent r.
func sendsForm(r *http.Request) bool {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(media)) {
	case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		return r.Method == http.MethodPost
	}
	return false
}
