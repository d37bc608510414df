package integration

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// Law 14, for the verifier: the block's options begin at line 3.
func TestVerifierErrors(t *testing.T) {
	faces := func(block string) string { return "verifier http https://faces.example.com {\n" + block + "\n}" }
	for _, c := range []struct{ block, want string }{
		{"verifier", "'verifier' needs the name of a module, like: verifier http https://faces.example.com/verify, at Caddyfile:3"},
		{"verifier oracle", "unknown module 'oracle': http, notverifier, at Caddyfile:3"},
		{faces("timeout 1s") + "\n" + faces("timeout 1s"), "'verifier' is already specified, at Caddyfile:6"},

		{"verifier http", "verifier http needs a URL, like https://faces.example.com/verify, at Caddyfile:3"},
		{"verifier http https://a https://b", "unexpected argument 'https://b': verifier http takes one URL, at Caddyfile:3"},
		{"verifier http faces.example.com", "the URL of verifier http can't be read: write one like https://faces.example.com/verify, at Caddyfile:3"},
		{"verifier http http://faces.example.com", "the URL of verifier http, 'http://faces.example.com', is not https (http only for this machine), at Caddyfile:3"},
		{"verifier http http://10.0.0.1/", "is not https"},
		{"verifier http ftp://localhost/", "is not https"},
		{"verifier http https://u:p@faces.example.com/", "the URL of verifier http has a user name in it"},
		{faces("method PUT"), "unrecognized option 'method' of verifier http: header, sign, timeout, at Caddyfile:4"},
		{faces("header Authorization"), "'header' takes a name and a value, not 1 words: quote a value that has spaces, at Caddyfile:4"},
		{faces("header Authorization Bearer x"), "'header' takes a name and a value, not 3 words"},
		{faces("header \"X Y\" z"), "header 'X Y' is not a name of letters, digits and -, at Caddyfile:4"},
		{faces("header host x"), "header 'host' can't be set: it is made for each request, at Caddyfile:4"},
		{faces("header content-type text/plain"), "header 'content-type' can't be set"},
		{faces("sign"), "'sign' needs a value, at Caddyfile:4"},
		{faces("sign a b"), "'sign' takes one value: quote it if it has spaces, at Caddyfile:4"},
		{faces("sign short"), "sign: the key has 5 bytes, and needs 16 or more, as from 'openssl rand -base64 32', at Caddyfile:4"},
		{faces("timeout never"), "invalid timeout 'never': a duration like 5s, from 100ms to 10s, at Caddyfile:4"},
		{faces("timeout 0"), "invalid timeout '0'"},
		{faces("timeout 11s"), "timeout '11s' is out of range: 100ms to 10s, at Caddyfile:4"},
		{faces("timeout 5s\ntimeout 5s"), "'timeout' is already specified, at Caddyfile:5"},
	} {
		t.Run(c.want, func(t *testing.T) {
			config, err := caddytestkit.Adapt(globals(c.block))
			if err == nil {
				t.Fatalf("%s\nis taken as %s", c.block, config)
			}
			if text := err.Error(); !strings.Contains(text, c.want) || !strings.Contains(text, ", at Caddyfile:") {
				t.Errorf("%s\ngives %s", c.block, text)
			}
		})
	}
}

// What is known only where the server runs, and what JSON can say besides, is refused
// when the configuration is validated.
func TestVerifierIsValidated(t *testing.T) {
	t.Setenv("DOOR_SHORT", "short")
	t.Setenv("DOOR_INSIDE", "http://10.0.0.1/")
	http := func(more string) string {
		return `"verifier": {"via": "http", "url": "https://faces.example.com"` + more + `}`
	}
	for _, c := range []struct{ settings, want string }{
		{`"verifier": {"url": "https://faces.example.com"}`, "via"},
		{`"verifier": {"via": "notverifier"}`, "module *integration.notVerifier is not a verifier: it does not implement authcore.Verifier"},
		{`"verifier": {"via": "http"}`, "verifier http needs a URL"},
		{`"verifier": {"via": "http", "url": "{env.DOOR_NONE}"}`, "the URL: a placeholder in it is empty or not known"},
		{`"verifier": {"via": "http", "url": "{env.DOOR_INSIDE}"}`, "is not https"},
		{http(`, "hedaers": {}`), "unknown field"},
		{http(`, "sign": "{env.DOOR_SHORT}"`), "sign: the key has 5 bytes"},
		{http(`, "headers": {"Authorization": ["Bearer {env.DOOR_NONE}"]}`), "header 'Authorization': a placeholder in it is empty or not known"},
		{http(`, "headers": {"X": ["a\r\nY: b"]}`), "header 'X' has a control character in its value"},
		{http(`, "headers": {"doorward-signature": ["t=1,v1=0"]}`), "header 'doorward-signature' can't be set"},
		{http(`, "timeout": -1`), "timeout '-1ns' is out of range"},
	} {
		t.Run(c.want, func(t *testing.T) {
			err := validate(t, c.settings)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s\ngives %v", c.settings, err)
			}
		})
	}
}

// Law 14: validating asks nobody.
func TestValidatingTheVerifierAsksNobody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := validate(t, `"verifier": {"via": "http", "url": "http://`+listener.Addr().String()+`"}`); err != nil {
		t.Fatal(err)
	}
	if err := listener.(*net.TCPListener).SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if conn, err := listener.Accept(); err == nil {
		t.Errorf("a connection from %s", conn.RemoteAddr())
	}
}

// notVerifier is a guest in the right namespace that looks at nothing.
type notVerifier struct{}

func (*notVerifier) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.verifiers.notverifier", New: func() caddy.Module { return new(notVerifier) }}
}

func init() { caddy.RegisterModule(new(notVerifier)) }
