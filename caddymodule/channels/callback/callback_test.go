package callback_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	guest "github.com/doorward/doorward/caddymodule/channels/callback"
)

// channel is the guest as a Caddyfile sets it up.
func channel(t *testing.T, block string) authcore.Asker {
	t.Helper()
	var c guest.Callback
	if err := c.UnmarshalCaddyfile(caddyfile.NewTestDispenser("callback {\n" + block + "\n}")); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(&c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	module, err := ctx.LoadModuleByID("doorward.channels.callback", raw)
	if err != nil {
		t.Fatal(err)
	}
	return module.(authcore.Asker)
}

// device is one at a URL of its own, and says how many connections came.
func device(t *testing.T, answer http.HandlerFunc) (url, host string, connections *atomic.Int64) {
	t.Helper()
	connections = new(atomic.Int64)
	s := httptest.NewUnstartedServer(answer)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL + "/ask?key=sesame", s.Listener.Addr().String(), connections
}

func ask(t *testing.T, c authcore.Asker, to string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), authcore.ChannelTime)
	defer cancel()
	return c.Ask(ctx, authcore.Question{ID: "q", To: to, Text: "eyJ.question", ExpiresAt: time.Now().Add(5 * time.Minute)})
}

func wantError(t *testing.T, err error, code authcore.Code, words string) {
	t.Helper()
	if err == nil || authcore.CodeOf(err) != code || !strings.Contains(err.Error(), words) {
		t.Errorf("%v (%s), want %s: %s", err, authcore.CodeOf(err), code, words)
	}
	for _, secret := range []string{"sesame", "/ask", "eyJ"} {
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%v holds %q", err, secret)
		}
	}
}

// What a device says, by its status and its body.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status     int
		body, want string
		code       authcore.Code // empty: taken
		words      string
	}{
		{200, "eyJ.answer", "eyJ.answer", "", ""},
		{200, " eyJ.answer\r\n", "eyJ.answer", "", ""},
		{200, "", "", "", ""},
		{200, strings.Repeat("x", 4096), strings.Repeat("x", 4096), "", ""},
		{200, strings.Repeat("x", 4097), "", authcore.CodeInternal, "answers more than 4096 bytes"},
		{202, "later", "", "", ""},
		{204, "", "", "", ""},
		{201, "eyJ.answer", "", authcore.CodeInternal, "answers 201"},
		{302, "eyJ.answer", "", authcore.CodeUnavailable, "redirects, with 302: the device needs its last address"},
		{307, "eyJ.answer", "", authcore.CodeUnavailable, "redirects"},
		{404, "eyJ.answer", "", authcore.CodeUnavailable, "answers 404"},
		{408, "", "", authcore.CodeInternal, "answers 408"},
		{500, "eyJ.answer", "", authcore.CodeInternal, "answers 500"},
	} {
		t.Run(fmt.Sprint(c.status, len(c.body)), func(t *testing.T) {
			other, host, followed := device(t, nil)
			url, at, _ := device(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || string(body) != "eyJ.question" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/jose" {
					t.Errorf("%s %v %q, %v", r.Method, r.Header, body, err)
				}
				w.Header().Set("Location", other)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			got, err := ask(t, channel(t, "target "+at+" "+host), url)
			if got != c.want || c.code == "" && err != nil {
				t.Errorf("%.20q, %v, want %.20q", got, err, c.want)
			}
			if c.code != "" {
				wantError(t, err, c.code, c.words)
			}
			if n := followed.Load(); n != 0 {
				t.Errorf("%d connections to where it redirects", n)
			}
		})
	}
}

// A URL counts when its host is a target, by whole labels, and is reached over https.
func TestTargets(t *testing.T) {
	c := channel(t, "target bank.example.com *.shop.example.com Post.example.com:8443 127.0.0.1:8080 [::1]:8080 localhost")
	for _, good := range []string{
		"https://bank.example.com/ask?of=alice", "https://BANK.example.com", "https://bank.example.com:443/", "https://a.shop.example.com/x",
		"https://a.b.shop.example.com/x", "https://post.example.com:8443/", "http://127.0.0.1:8080/", "https://127.0.0.1:8080/", "http://[::1]:8080/",
		"http://[0:0:0::1]:8080/", "http://localhost/", "https://localhost/",
	} {
		if err := c.CheckAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	const none, form, plain = "is none of the targets of channel callback: bank.example.com, *.shop.example.com,", "is a URL like https://bank.example.com/ask", "is not https"
	for address, words := range map[string]string{
		"https://evil.example.com/":                               none,
		"https://evilbank.example.com/":                           none,
		"https://bank.example.com.evil.com/":                      none,
		"https://bank.example.com./":                              none,
		"https://a.bank.example.com/":                             none,
		"https://shop.example.com/":                               none,
		"https://evilshop.example.com/":                           none,
		"https://bank.example.com:8443/":                          none,
		"https://post.example.com/":                               none,
		"https://127.0.0.1/":                                      none,
		"https://127.1:8080/":                                     none,
		"https://10.0.0.1:8080/":                                  none,
		"https://localhost:8080/":                                 none,
		"http://bank.example.com/":                                plain,
		"ftp://localhost/":                                        plain,
		"https://bank.example.com@evil.com/":                      form,
		"https://alice:sesame@bank.example.com/":                  form,
		"https://bank.example.com/#x":                             form,
		"https://bank.example.com/#":                              form,
		"https:bank.example.com":                                  form,
		"bank.example.com":                                        form,
		"https://":                                                form,
		"":                                                        form,
		"https://bank.example.com/" + strings.Repeat("x", 2048):   form,
		"https://bank.example.com/\r\nHost: evil.com":             form,
	} {
		err := c.CheckAddress(address)
		if authcore.CodeOf(err) != authcore.CodeInvalid || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q: %v, want %s", address, err, words)
		}
		if _, err := ask(t, c, address); authcore.CodeOf(err) != authcore.CodeUnavailable {
			t.Errorf("a question to %q gives %v", address, err)
		}
	}
}

// A name that leads into the house is refused when it is dialled, unless the network is
// allowed. With a capital letter it is a name like any other; the resolver knows it.
func TestPrivateTargetIsRefused(t *testing.T) {
	url, host, connections := device(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(host)
	if err != nil {
		t.Fatal(err)
	}
	name := "https://" + strings.Replace(insideName, "PORT", port, 1)
	target := "target " + strings.Replace(insideName, "PORT", port, 1)
	_, err = ask(t, channel(t, target), name)
	wantError(t, err, authcore.CodeUnavailable, "is not public")
	_, err = ask(t, channel(t, target+"\nallow 10.0.0.0/8 fd00::/8"), name)
	wantError(t, err, authcore.CodeUnavailable, "is not public")
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
	if _, err := ask(t, channel(t, "target "+host), url); err != nil { // the operator wrote the address itself
		t.Error(err)
	}
}

// The certificate is verified, and a device that never answers is left in time.
func TestSlowAndForeignDevices(t *testing.T) {
	foreign := httptest.NewUnstartedServer(http.NotFoundHandler())
	foreign.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	foreign.Config.ErrorLog = log.New(io.Discard, "", 0)
	foreign.StartTLS()
	t.Cleanup(foreign.Close)
	_, err := ask(t, channel(t, "target "+foreign.Listener.Addr().String()), foreign.URL)
	wantError(t, err, authcore.CodeUnavailable, "certificate")

	release := make(chan struct{})
	silent, host, _ := device(t, func(http.ResponseWriter, *http.Request) { <-release })
	endless, second, _ := device(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "eyJ")
		w.(http.Flusher).Flush()
		<-release
	})
	t.Cleanup(func() { close(release) })
	c := channel(t, "target "+host+" "+second+"\ntimeout 300ms")
	begin := time.Now()
	_, err = ask(t, c, silent)
	wantError(t, err, authcore.CodeInternal, "it took too long")
	_, err = ask(t, c, endless)
	wantError(t, err, authcore.CodeInternal, "does not end its answer")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if err := c.Send(t.Context(), authcore.Message{To: silent}); authcore.CodeOf(err) != authcore.CodeUnavailable {
		t.Errorf("a message gives %v", err)
	}
	closed, at, _ := device(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = ask(t, channel(t, "target "+at+" "+gone), strings.Replace(closed, at, gone, 1))
	wantError(t, err, authcore.CodeUnavailable, gone)
}
