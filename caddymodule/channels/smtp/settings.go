package smtp

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

const (
	defaultTimeout = 5 * time.Second
	minTimeout     = 100 * time.Millisecond
)

// Provision checks the settings and reads the placeholders. It opens no
// connection.
func (s *SMTP) Provision(caddy.Context) error {
	if err := s.checkWords(); err != nil {
		return err
	}
	if err := s.checkWhole(); err != nil {
		return err
	}
	server, err := resolve("server", s.Server)
	if err != nil {
		return err
	}
	if s.host, s.port, err = readServer(server); err != nil {
		return err
	}
	from, err := resolve("from", s.From)
	if err != nil {
		return err
	}
	if s.from, err = readFrom(from); err != nil {
		return err
	}
	if s.username, err = resolve("username", s.Username); err != nil {
		return err
	}
	if s.password, err = resolve("password", s.Password); err != nil {
		return err
	}
	s.timeout = defaultTimeout
	if s.Timeout != 0 {
		s.timeout = time.Duration(s.Timeout)
	}
	return s.chooseTLS()
}

// chooseTLS is asked when the placeholders are read: they may name the server.
func (s *SMTP) chooseTLS() error {
	switch s.tls = s.TLS; {
	case s.tls == "" && s.port == 465: // RFC 8314 section 7.3
		s.tls = "implicit"
	case s.tls == "":
		s.tls = "starttls"
	case s.tls == "none":
		return checkNone(s.host)
	}
	return nil
}

// checkWords judges each setting by itself, unless it is known only where the
// server runs.
func (s *SMTP) checkWords() error {
	if s.Server != "" && !strings.Contains(s.Server, "{") {
		if _, _, err := readServer(s.Server); err != nil {
			return err
		}
	}
	if s.From != "" && !strings.Contains(s.From, "{") {
		if _, err := readFrom(s.From); err != nil {
			return err
		}
	}
	switch s.TLS {
	case "", "starttls", "implicit", "none":
	default:
		return fmt.Errorf("tls '%s' is not known: starttls, implicit or none", s.TLS)
	}
	if timeout := time.Duration(s.Timeout); timeout != 0 && (timeout < minTimeout || timeout > authcore.ChannelTime) {
		return fmt.Errorf("timeout '%s' is out of range: %s to %s", timeout, minTimeout, authcore.ChannelTime)
	}
	return nil
}

// checkWhole holds the settings against each other.
func (s *SMTP) checkWhole() error {
	switch {
	case s.Server == "":
		return fmt.Errorf("channel smtp needs 'server', like smtp.example.com:587")
	case s.From == "":
		return fmt.Errorf("channel smtp needs 'from', like \"Doorward <door@example.com>\"")
	case (s.Username == "") != (s.Password == ""):
		return fmt.Errorf("channel smtp: 'username' and 'password' go together")
	case s.TLS == "none" && s.Username != "":
		return fmt.Errorf("tls none: a password is never sent without TLS: remove 'username' and 'password', or use starttls or implicit")
	}
	if strings.Contains(s.Server, "{") {
		return nil
	}
	host, _, err := readServer(s.Server)
	if err == nil && s.TLS == "none" {
		err = checkNone(host)
	}
	return err
}

// checkNone keeps codes from travelling readable.
func checkNone(host string) error {
	if !isLoopback(host) {
		return fmt.Errorf("tls none: the mail server '%s' is not this machine: use starttls or implicit", host)
	}
	return nil
}

func readServer(text string) (host string, port int, err error) {
	host, number, err := net.SplitHostPort(text)
	if err == nil {
		port, err = strconv.Atoi(number)
	}
	if err != nil || host == "" || port < 1 || port > 65535 || strings.ContainsAny(host, "/ \r\n@") {
		return "", 0, fmt.Errorf("server '%s' is not host:port, like smtp.example.com:587", text)
	}
	return host, port, nil
}

func readFrom(text string) (*mail.Address, error) {
	from, err := mail.ParseAddress(text)
	if err != nil || hasControl(text) {
		return nil, fmt.Errorf("from '%s' is not an address like \"Doorward <door@example.com>\"", text)
	}
	return from, nil
}

// resolve quotes the name of a setting in its error, and never what it holds.
func resolve(word, text string) (string, error) {
	value, err := caddy.NewReplacer().ReplaceOrErr(text, true, true)
	if err != nil {
		return "", fmt.Errorf("%s: a placeholder in it is empty or not known", word)
	}
	return value, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
