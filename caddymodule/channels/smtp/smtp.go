// Package smtp is the guest doorward.channels.smtp: codes by e-mail, through a
// mail server that takes them for others (RFC 5321, RFC 6409).
package smtp

import (
	"net/mail"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(new(SMTP)) }

// SMTP hands each message to a mail server, over a connection of its own.
type SMTP struct {
	// The mail server, host:port.
	Server string `json:"server,omitempty"`

	// The sender, like "Doorward <door@example.com>".
	From string `json:"from,omitempty"`

	// How the connection is encrypted: "starttls" (required, never left out
	// because the server does not offer it), "implicit", or "none", which is
	// refused unless the server is this machine. Default: implicit on port 465,
	// starttls on any other.
	TLS string `json:"tls,omitempty"`

	// Who we are to the mail server, best as placeholders like {env.SMTP_USER}
	// and {file./run/secrets/smtp}. Never sent without TLS. Default: nobody.
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`

	// How long the delivery of one message may take, 100ms to 10s. Default: 5s.
	Timeout caddy.Duration `json:"timeout,omitempty"`

	host               string
	port               int
	from               *mail.Address
	tls                string
	username, password string
	timeout            time.Duration
}

// CaddyModule returns the module's ID.
func (*SMTP) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.smtp", New: func() caddy.Module { return new(SMTP) }}
}

// UnmarshalCaddyfile sets up the channel from Caddyfile tokens:
//
//	channel email smtp {
//		server <host:port>
//		from <address>
//		tls starttls|implicit|none
//		username <name>
//		password <password>
//		timeout <duration>
//	}
func (s *SMTP) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the guest's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': channel smtp takes a block with server and from", d.Val())
	}
	words := map[string]*string{
		"server": &s.Server, "from": &s.From, "tls": &s.TLS, "username": &s.Username, "password": &s.Password,
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		value, known := words[word]
		switch {
		case word == "timeout":
			if err := s.parseTimeout(d); err != nil {
				return err
			}
		case !known:
			return d.Errf("unrecognized option '%s' of channel smtp: server, from, tls, username, password, timeout", word)
		default:
			if err := oneArgument(d, value); err != nil {
				return err
			}
		}
		if err := s.checkWords(); err != nil { // judged here, where file and line are known
			return d.WrapErr(err)
		}
	}
	if err := s.checkWhole(); err != nil {
		return d.WrapErr(err)
	}
	return nil
}

func (s *SMTP) parseTimeout(d *caddyfile.Dispenser) error {
	if s.Timeout != 0 {
		return d.Err("'timeout' is already specified")
	}
	var text string
	if err := oneArgument(d, &text); err != nil {
		return err
	}
	timeout, err := caddy.ParseDuration(text)
	if err != nil || timeout == 0 { // the other bounds are checkWords'
		return d.Errf("invalid timeout '%s': a duration like 5s, from 100ms to 10s", text)
	}
	s.Timeout = caddy.Duration(timeout)
	return nil
}

// oneArgument does not quote a second one: it may be the rest of a password.
func oneArgument(d *caddyfile.Dispenser, value *string) error {
	word := d.Val()
	if *value != "" {
		return d.Errf("'%s' is already specified", word)
	}
	if !d.NextArg() || d.Val() == "" {
		return d.Errf("'%s' needs a value", word)
	}
	*value = d.Val()
	if d.NextArg() {
		return d.Errf("'%s' takes one value: quote it if it has spaces", word)
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*SMTP)(nil)
	_ caddyfile.Unmarshaler = (*SMTP)(nil)
	_ authcore.Channel      = (*SMTP)(nil)
)
