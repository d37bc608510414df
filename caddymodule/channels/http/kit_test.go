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
	"fmt"
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
	guest "github.com/doorward/doorward/caddymodule/channels/http"
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

// receiver is a gateway that remembers what it was asked, and how many
// connections came.
type receiver struct {
	*httptest.Server
	mu          sync.Mutex
	requests    []request
	connections int
}

type request struct {
	*http.Request
	body string
}

func receive(t *testing.T, secure bool, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := new(receiver)
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.requests = append(r.requests, request{req, string(body)})
		r.mu.Unlock()
		if answer != nil {
			answer(w, req)
		}
	}))
	r.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			r.mu.Lock()
			r.connections++
			r.mu.Unlock()
		}
	}
	r.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		r.TLS = &tls.Config{Certificates: []tls.Certificate{trusted}}
		r.StartTLS()
	} else {
		r.Start()
	}
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) seen() (requests []request, connections int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests, r.connections
}

// channel is the guest as a Caddyfile sets it up.
func channel(t *testing.T, url, block string) authcore.Channel {
	t.Helper()
	c, err := provision(t, url, block)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func provision(t *testing.T, url, block string) (authcore.Channel, error) {
	t.Helper()
	var h guest.HTTP
	if err := h.UnmarshalCaddyfile(caddyfile.NewTestDispenser("http " + url + " {\n" + block + "\n}")); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(&h)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	module, err := ctx.LoadModuleByID("doorward.channels.http", raw)
	if err != nil {
		return nil, err
	}
	return module.(authcore.Channel), nil
}

func message() authcore.Message {
	return authcore.Message{
		ID: "8c4d3c3e-0000-4000-8000-000000000001", To: "+79001234567", Language: "ru", Code: "123456",
		Text: "123456 — \"код\" & <ещё>", ExpiresAt: time.Now().Add(10 * time.Minute),
	}
}

func send(t *testing.T, c authcore.Channel) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), authcore.ChannelTime)
	defer cancel()
	return c.Send(ctx, message())
}

func checkError(t *testing.T, err error, code authcore.Code, words string) {
	t.Helper()
	if err == nil || authcore.CodeOf(err) != code || !strings.Contains(err.Error(), words) {
		t.Errorf("%v (%s), want %s: %s", err, authcore.CodeOf(err), code, words)
	}
	for _, secret := range []string{"7900", "123456", "key=", "sesame"} {
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%v holds %q", err, secret)
		}
	}
}
