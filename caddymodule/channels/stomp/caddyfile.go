package stomp

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalCaddyfile sets up the channel from Caddyfile tokens:
//
//	channel stomp stomp {
//		server tls://<host:port>
//		login <name> <passcode>
//		host <virtual host>
//		destination <prefixes...>
//		reply <destination>
//		ca <file>
//		timeout <duration>
//	}
func (s *Stomp) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the guest's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': channel stomp takes a block with server", d.Val())
	}
	seen := map[string]bool{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if seen[word] {
			return d.Errf("'%s' is already specified", word)
		}
		seen[word] = true
		if err := s.parseOption(d, word); err != nil {
			return err
		}
		if err := s.check(); err != nil { // judged here, where file and line are known
			return d.WrapErr(err)
		}
	}
	if s.Server == "" {
		return d.WrapErr(errNoServer)
	}
	return nil
}

func (s *Stomp) parseOption(d *caddyfile.Dispenser, word string) (err error) {
	switch word {
	case "server":
		s.Server, err = oneArgument(d)
	case "login":
		args := d.RemainingArgs()
		if len(args) != 2 || args[0] == "" { // not quoted: a part may be the passcode
			return d.Errf("'login' takes a name and a passcode, like {file./run/secrets/broker}, not %d words", len(args))
		}
		s.Login, s.Passcode = args[0], args[1]
	case "host":
		s.Host, err = oneArgument(d)
	case "destination":
		if s.Destinations = d.RemainingArgs(); len(s.Destinations) == 0 {
			err = d.Err("'destination' needs what the destinations of devices begin with, like /queue/")
		}
	case "reply":
		s.Reply, err = oneArgument(d)
	case "ca":
		s.CA, err = oneArgument(d)
	case "timeout":
		err = s.parseTimeout(d)
	default:
		err = d.Errf("unrecognized option '%s' of channel stomp: server, login, host, destination, reply, ca, timeout", word)
	}
	return err
}

func (s *Stomp) parseTimeout(d *caddyfile.Dispenser) error {
	text, err := oneArgument(d)
	if err != nil {
		return err
	}
	timeout, err := caddy.ParseDuration(text)
	if err != nil || timeout == 0 { // the other bounds are check's
		return d.Errf("invalid timeout '%s': a duration like 5s, from 100ms to 10s", text)
	}
	s.Timeout = caddy.Duration(timeout)
	return nil
}

func oneArgument(d *caddyfile.Dispenser) (string, error) {
	word := d.Val()
	if !d.NextArg() || d.Val() == "" {
		return "", d.Errf("'%s' needs a value", word)
	}
	value := d.Val()
	if d.NextArg() {
		return "", d.Errf("'%s' takes one value: quote it if it has spaces", word)
	}
	return value, nil
}
