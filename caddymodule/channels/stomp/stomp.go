// Package stomp is the guest doorward.channels.stomp: questions to devices that listen at
// a message broker, and their answers (STOMP 1.2).
package stomp

import (
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(new(Stomp)) }

// Stomp keeps one connection to a broker, for questions and answers alike.
type Stomp struct {
	// The broker: tls://broker.example.com:61614, or tcp://127.0.0.1:61613 on this
	// machine.
	Server string `json:"server,omitempty"`

	// Who we are to the broker, best as placeholders like
	// {file./run/secrets/broker}. Default: nobody.
	Login    string `json:"login,omitempty"`
	Passcode string `json:"passcode,omitempty"`

	// The virtual host, for brokers that have several. Default: /.
	Host string `json:"host,omitempty"`

	// What the destinations of devices begin with. Default: /queue/.
	Destinations []string `json:"destinations,omitempty"`

	// Where the answers come. Default: /queue/doorward.answers.
	Reply string `json:"reply,omitempty"`

	// A file with the authorities that the broker's certificate may be of, in PEM.
	// Default: those of the system.
	CA string `json:"ca,omitempty"`

	// How long the delivery of one question may take, 100ms to 10s. Default: 5s.
	Timeout caddy.Duration `json:"timeout,omitempty"`

	scheme, address, serverName string
	login, passcode, host       string
	destinations                []string
	reply                       string
	roots                       *x509.CertPool
	timeout                     time.Duration
	beat                        time.Duration
	log                         *slog.Logger
	link                        link
}

// CaddyModule returns the module's ID.
func (*Stomp) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.stomp", New: func() caddy.Module { return new(Stomp) }}
}

var (
	_ caddy.Provisioner     = (*Stomp)(nil)
	_ caddy.CleanerUpper    = (*Stomp)(nil)
	_ caddyfile.Unmarshaler = (*Stomp)(nil)
	_ authcore.Listener     = (*Stomp)(nil)
)
