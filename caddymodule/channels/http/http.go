// Package http is the guest doorward.channels.http: codes through an SMS
// gateway or a webhook.
package http

import (
	"net/http"
	"net/netip"
	"net/url"
	"text/template"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(new(HTTP)) }

// HTTP sends one request for each message.
type HTTP struct {
	// Where to: https, or http on this machine. Without credentials: those go
	// into a header.
	URL string `json:"url,omitempty"`

	// POST or PUT. Default: POST.
	Method string `json:"method,omitempty"`

	// Headers of the request, best with placeholders: "Authorization": ["Bearer
	// {file./run/secrets/sms}"]. Default: Content-Type application/json.
	Headers http.Header `json:"headers,omitempty"`

	// A text/template over .ID, .To, .Text, .Subject, .Language, .Code and
	// .ExpiresAt, with the functions json, urlquery, html and placeholder.
	// Default: a JSON object with id, to, text and language.
	Body string `json:"body,omitempty"`

	// The key of the header Doorward-Signature, 16 bytes or more, best as a
	// placeholder. Default: none, no signature.
	Sign string `json:"sign,omitempty"`

	// The statuses that say that the message was taken. Default: 200 to 299.
	Success []int `json:"success,omitempty"`

	// What the first 64 KiB of the answer must have in them besides.
	SuccessBody string `json:"success_body,omitempty"`

	// How long the delivery of one message may take, 100ms to 10s. Default: 5s.
	Timeout caddy.Duration `json:"timeout,omitempty"`

	// Networks that the name in the URL may lead to though they are not public,
	// like 10.1.0.0/16.
	Allow []string `json:"allow,omitempty"`

	url     *url.URL
	header  http.Header
	body    *template.Template
	key     []byte
	timeout time.Duration
	allow   []netip.Prefix
	dial    dialFunc
	client  *http.Client
}

// CaddyModule returns the module's ID.
func (*HTTP) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.http", New: func() caddy.Module { return new(HTTP) }}
}

var (
	_ caddy.Provisioner     = (*HTTP)(nil)
	_ caddyfile.Unmarshaler = (*HTTP)(nil)
	_ authcore.Channel      = (*HTTP)(nil)
)
