package gate

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// SES-08: whatever is in the cookies, malformed, doubled, huge, of others or of
// another key, it is no session, and never an error that lets through: 10^5
// headers, the same each time, and the app is not asked once.
func TestHundredThousandCookies(t *testing.T) {
	o := guard(t, new(Gate))
	o.TakeFrom([]string{"asc_auth_key"})
	errors, logged := observer.New(zapcore.ErrorLevel)
	o.log = zap.New(errors)
	stranger := guard(t, new(Gate)).token // of another gateway
	random := rand.New(rand.NewPCG(5, 8))
	names := []string{
		"__Host-doorward", "doorward", "__Secure-doorward", "__Host-doorward-flow", "doorward-flow", "asc_auth_key",
		"__host-doorward", " __Host-doorward", "__Host-doorward ", "__Host-doorward\t", "\x00__Host-doorward", "Cookie", "", "=", "a",
	}
	values := []func() string{
		func() string { return "" },
		func() string { return stranger },
		func() string { return o.token[:random.IntN(len(o.token))] },
		func() string { return o.token[1+random.IntN(len(o.token)-1):] },
		func() string { return flipped(random, o.token) },
		func() string { return o.token + string("A.-_\"=\\ä"[random.IntN(8)]) },
		func() string { return "Bearer " + o.token },
		func() string { return strings.Replace(o.token, ".", "%2E", 1) },
		func() string { return `"` + strings.Repeat("a.", random.IntN(9)) },
		func() string { return noise(random, random.IntN(64)) },
		func() string { return strings.Repeat(noise(random, 1+random.IntN(8)), 1<<random.IntN(11)) },
	}
	plain := httptest.NewRequest(http.MethodGet, "https://gate/x", nil)
	plain = plain.WithContext(context.WithValue(plain.Context(), caddyhttp.VarsCtxKey, map[string]any{}))
	app := caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { o.hits++; return nil })
	for n := range 100_000 {
		r, w := *plain, answered{header: http.Header{}}
		if n%2 == 0 {
			r.TLS = new(tls.ConnectionState)
		}
		r.Header = http.Header{}
		for range 1 + random.IntN(2) {
			var line strings.Builder
			for range 1 + random.IntN(3) {
				line.WriteString(names[random.IntN(len(names))] + []string{"=", "=", "=", "", "==", " = "}[random.IntN(6)])
				line.WriteString(values[random.IntN(len(values))]() + []string{"; ", ";", ",", ";;", "\r\n", ""}[random.IntN(6)])
			}
			r.Header["Cookie"] = append(r.Header["Cookie"], line.String())
		}
		must(t, o.ServeHTTP(&w, &r, app))
		if w.status != http.StatusUnauthorized {
			t.Fatalf("number %d gives %d: %q", n, w.status, r.Header["Cookie"])
		}
	}
	if o.hits != 0 || logged.Len() != 0 {
		t.Errorf("the app was asked %d times; panics and errors: %v", o.hits, logged.All())
	}
	if w := o.browse(t, says("ok"), "Cookie", "__Host-doorward="+o.token); w.Code != 200 {
		t.Errorf("and the token itself gives %d", w.Code)
	}
}

// answered keeps the status of an answer.
type answered struct {
	header http.Header
	status int
}

func (a *answered) Header() http.Header         { return a.header }
func (a *answered) Write(p []byte) (int, error) { return len(p), nil }
func (a *answered) WriteHeader(status int)      { a.status = status }

func noise(random *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte(random.UintN(256))
	}
	return string(text)
}

// flipped is a token with one other letter, in the part that matters to it: the last
// one of a signature has bits that mean nothing, and is refused for that.
func flipped(random *rand.Rand, token string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	for at := random.IntN(len(token)); ; {
		if other := letters[random.IntN(len(letters))]; other != token[at] {
			return token[:at] + string(other) + token[at+1:]
		}
	}
}
