// Package http is the guest doorward.verifiers.http: a service elsewhere says whether
// a picture is of a living person, and of the approver.
package http

import (
	"net/http"
	"net/url"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(new(HTTP)) }

// HTTP makes one request for each question.
type HTTP struct {
	// Where to: https, or http on this machine. Without credentials: those go
	// into a header.
	URL string `json:"url,omitempty"`

	// Headers of the request, best with placeholders: "Authorization": ["Bearer
	// {file./run/secrets/faces}"].
	Headers http.Header `json:"headers,omitempty"`

	// The key of the header Doorward-Signature, 16 bytes or more, best as a
	// placeholder. Default: none, no signature.
	Sign string `json:"sign,omitempty"`

	// How long one question may take, 100ms to 10s. Default: 5s.
	Timeout caddy.Duration `json:"timeout,omitempty"`

	url     *url.URL
	header  http.Header
	key     []byte
	timeout time.Duration
	client  *http.Client
}

// CaddyModule returns the module's ID.
func (*HTTP) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.verifiers.http", New: func() caddy.Module { return new(HTTP) }}
}

var (
	_ caddy.Provisioner     = (*HTTP)(nil)
	_ caddyfile.Unmarshaler = (*HTTP)(nil)
	_ authcore.Verifier     = (*HTTP)(nil)
)
