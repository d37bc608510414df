package stomp

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/reach"
)

const (
	defaultTimeout = 5 * time.Second
	minTimeout     = 100 * time.Millisecond
	defaultReply   = "/queue/doorward.answers"
	defaultBeat    = 5 * time.Second // between two heart-beats
)

var errNoServer = errors.New("channel stomp needs 'server', like tls://broker.example.com:61614")

// Provision checks the settings, and reads the placeholders and the file of the
// authorities. It opens no connection.
func (s *Stomp) Provision(ctx caddy.Context) (err error) {
	s.log = ctx.Slogger()
	if s.Server == "" {
		return errNoServer
	}
	if err := s.check(); err != nil {
		return err
	}
	server, err := resolve("server", s.Server)
	if err != nil {
		return err
	}
	if s.scheme, s.address, err = readServer(server); err != nil {
		return err
	}
	s.serverName, _, _ = net.SplitHostPort(s.address) // readServer has
	for _, setting := range []struct {
		word, text string
		value      *string
	}{{"login", s.Login, &s.login}, {"the passcode of login", s.Passcode, &s.passcode}, {"host", s.Host, &s.host}} {
		if *setting.value, err = resolve(setting.word, setting.text); err != nil {
			return err
		}
		// They stand in a frame, line by line.
		if strings.ContainsFunc(*setting.value, unicode.IsControl) {
			return fmt.Errorf("%s: it has a control character in it, like the end of a line", setting.word)
		}
	}
	if s.host == "" {
		s.host = "/"
	}
	if s.destinations = s.Destinations; len(s.destinations) == 0 {
		s.destinations = []string{"/queue/"}
	}
	if s.reply = s.Reply; s.reply == "" {
		s.reply = defaultReply
	}
	s.timeout, s.beat = defaultTimeout, defaultBeat
	if s.Timeout != 0 {
		s.timeout = time.Duration(s.Timeout)
	}
	s.link.turn = make(chan struct{}, 1)
	return s.readCA()
}

func (s *Stomp) readCA() error {
	if s.CA == "" {
		return nil
	}
	text, err := os.ReadFile(s.CA)
	if err != nil {
		return fmt.Errorf("ca: %v", err)
	}
	s.roots = x509.NewCertPool()
	if !s.roots.AppendCertsFromPEM(text) {
		return fmt.Errorf("ca '%s' has no certificate in PEM", s.CA)
	}
	return nil
}

// check judges what is known without the placeholders.
func (s *Stomp) check() error {
	if s.Server != "" && !strings.Contains(s.Server, "{") {
		if _, _, err := readServer(s.Server); err != nil {
			return err
		}
	}
	if (s.Login == "") != (s.Passcode == "") {
		return fmt.Errorf("channel stomp: the name and the passcode of 'login' go together")
	}
	for _, prefix := range s.Destinations {
		if name, ends := strings.CutSuffix(prefix, "/"); !ends || !isDestination(name) {
			return fmt.Errorf("destination '%s' is not what destinations begin with, like /queue/ or /queue/doorward/", prefix)
		}
	}
	if s.Reply != "" && (!isDestination(s.Reply) || strings.Count(s.Reply, "/") < 2) {
		return fmt.Errorf("reply '%s' is not a destination like %s", s.Reply, defaultReply)
	}
	if timeout := time.Duration(s.Timeout); timeout != 0 && (timeout < minTimeout || timeout > authcore.ChannelTime) {
		return fmt.Errorf("timeout '%s' is out of range: %s to %s", timeout, minTimeout, authcore.ChannelTime)
	}
	return nil
}

// readServer quotes no server that may have a password in it.
func readServer(text string) (scheme, address string, err error) {
	scheme, address, found := strings.Cut(text, "://")
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.ParseUint(port, 10, 16)
	if !found || err != nil || bad != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@?#") {
		return "", "", fmt.Errorf("the server of channel stomp can't be read: write one like tls://broker.example.com:61614")
	}
	switch {
	case scheme != "tls" && scheme != "tcp":
		return "", "", fmt.Errorf("server '%s://%s': '%s' is not known: tls, or tcp on this machine", scheme, address, scheme)
	case scheme == "tcp" && !reach.Loopback(host):
		return "", "", fmt.Errorf("server 'tcp://%s' is not this machine: use tls", address)
	}
	return scheme, address, nil
}

// resolve quotes the name of a setting in its error, and never what it holds.
func resolve(word, text string) (string, error) {
	value, err := caddy.NewReplacer().ReplaceOrErr(text, true, true)
	if err != nil {
		return "", fmt.Errorf("%s: a placeholder in it is empty or not known", word)
	}
	return value, nil
}
