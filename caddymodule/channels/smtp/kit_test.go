package smtp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/channels/smtp"
)

// trusted is a certificate for this machine by an authority that the system
// trusts in this process; foreign is one by nobody.
var trusted, foreign tls.Certificate

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "smtp")
	if err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(dir, "ca.pem")
	var root []byte
	trusted, root = certificate()
	foreign, _ = certificate()
	if err := os.WriteFile(file, root, 0o600); err != nil {
		log.Fatal(err)
	}
	os.Setenv("SSL_CERT_FILE", file)
	os.Setenv("SSL_CERT_DIR", dir)
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// certificate signs itself.
func certificate() (tls.Certificate, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// channel is the guest as the Caddyfile's block sets it up.
func channel(t *testing.T, block string) authcore.Channel {
	t.Helper()
	c, err := provision(t, block)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func provision(t *testing.T, block string) (authcore.Channel, error) {
	t.Helper()
	var s smtp.SMTP
	if err := s.UnmarshalCaddyfile(caddyfile.NewTestDispenser("smtp {\n" + block + "\n}")); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(&s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	module, err := ctx.LoadModuleByID("doorward.channels.smtp", raw)
	if err != nil {
		return nil, err
	}
	return module.(authcore.Channel), nil
}

// mailServer is a real one that keeps what it gets.
type mailServer struct {
	address string
	mu      sync.Mutex
	letters []letter
	logins  []string
	refuse  map[string]error // by the step: mail, rcpt, data
}

type letter struct {
	from, to, text string
	secure         bool
}

func startMailServer(t *testing.T, implicit bool, config *tls.Config) *mailServer {
	t.Helper()
	m := &mailServer{refuse: map[string]error{}}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) { return &session{m: m, c: c}, nil }))
	server.Domain, server.TLSConfig, server.EnableSMTPUTF8 = "localhost", config, true
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = listener.Addr().String()
	if implicit {
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return m
}

func (m *mailServer) got() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.letters
}

type session struct {
	m        *mailServer
	c        *gosmtp.Conn
	from, to string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		s.m.logins = append(s.m.logins, name+":"+password)
		if password != "open sesame" {
			return &gosmtp.SMTPError{Code: 535, Message: "wrong password for " + name}
		}
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	s.from = from
	return s.m.refuse["mail"]
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.to = to
	return s.m.refuse["rcpt"]
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil || s.m.refuse["data"] != nil {
		return s.m.refuse["data"]
	}
	_, secure := s.c.TLSConnectionState()
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.letters = append(s.m.letters, letter{s.from, s.to, string(text), secure})
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func message() authcore.Message {
	return authcore.Message{
		ID: "8c4d3c3e-0000-4000-8000-000000000001", To: "alice@example.com", Language: "ru", Code: "123456",
		Subject: "Код для входа", Text: "123456 — код для app.example.com.", ExpiresAt: time.Now().Add(10 * time.Minute),
	}
}

func send(t *testing.T, c authcore.Channel, m authcore.Message) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), authcore.ChannelTime)
	defer cancel()
	return c.Send(ctx, m)
}
