package http_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	guest "github.com/doorward/doorward/caddymodule/verifiers/http"
)

// trusted is a certificate for this machine that the system trusts in this
// process.
var trusted tls.Certificate

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "http")
	if err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(dir, "ca.pem")
	var root []byte
	trusted, root = certificate()
	if err := os.WriteFile(file, root, 0o600); err != nil {
		log.Fatal(err)
	}
	os.Setenv("SSL_CERT_FILE", file)
	os.Setenv("SSL_CERT_DIR", dir)
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func certificate() (tls.Certificate, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// service is a verifier elsewhere that remembers what it was asked.
type service struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

type request struct {
	*http.Request
	body string
}

func serve(t *testing.T, certificate *tls.Certificate, answer http.HandlerFunc) *service {
	t.Helper()
	s := new(service)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, request{req, string(body)})
		s.mu.Unlock()
		answer(w, req)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if certificate != nil {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// says is a service that gives the same answer to all.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func (s *service) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// verifier is the guest as a Caddyfile sets it up.
func verifier(t *testing.T, url, block string) authcore.Verifier {
	t.Helper()
	var h guest.HTTP
	if err := h.UnmarshalCaddyfile(caddyfile.NewTestDispenser("http " + url + " {\n" + block + "\n}")); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(&h)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	module, err := ctx.LoadModuleByID("doorward.verifiers.http", raw)
	if err != nil {
		t.Fatal(err)
	}
	return module.(authcore.Verifier)
}

func liveness() authcore.Liveness {
	return authcore.Liveness{
		ID: "8c4d3c3e-0000-4000-8000-000000000001", Picture: `picture-"7&\`, Face: "face-9", Document: "98765432100",
		Account: "60d3a1a5-0000-4000-8000-000000000002", Device: "B6804F32-101E-4702-8FBC-C2DBC4C2CAEC",
	}
}

func ask(t *testing.T, v authcore.Verifier) (authcore.Verdict, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), authcore.ChannelTime)
	defer cancel()
	return v.Verify(ctx, liveness())
}

// checkError also sees that nothing of the person, of a key and of the path is in the
// error, and that no verdict stands beside it.
func checkError(t *testing.T, v authcore.Verifier, words string) {
	t.Helper()
	verdict, err := ask(t, v)
	if err == nil || verdict != "" || !strings.HasPrefix(err.Error(), "verifier http: ") || !strings.Contains(err.Error(), words) {
		t.Errorf("%q and %v, want an error: %s", verdict, err, words)
		return
	}
	l := liveness()
	for _, secret := range []string{l.Picture, l.Face, l.Document, l.Account, l.Device, l.ID, "sesame", "98765"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%v holds %q", err, secret)
		}
	}
}
