package oidc

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

const metadata = "/.well-known/openid-configuration"

// A provider that does not answer as it should is away, whatever it says
// instead, and no proof is wrong for that.
func TestProviderAnswersNonsense(t *testing.T) {
	status := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	answers := map[string]http.HandlerFunc{
		"500":          status(500, "{}"),
		"404":          status(404, "{}"),
		"503":          status(503, ""),
		"429":          status(429, `{"error":"slow_down"}`),
		"no JSON":      status(200, "<html>"),
		"wrong shape":  status(200, `[]`),
		"huge":         status(200, "{}"+strings.Repeat(" ", maxAnswer)), // the beginning would do
		"huge header":  func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) },
		"redirect 302": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"redirect 307": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/?code=x", http.StatusTemporaryRedirect)
		},
		"cut off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, answer := range answers {
		for path, proof := range map[string]func(*openID, *clock) authcore.Proof{
			metadata:      func(p *openID, c *clock) authcore.Proof { return token(p.signed(p.claims(c.now(), nil))) },
			"/keys":       func(p *openID, c *clock) authcore.Proof { return token(p.signed(p.claims(c.now(), nil))) },
			"/token":      func(*openID, *clock) authcore.Proof { return authcore.Proof{Code: "a-code"} },
			"/introspect": func(*openID, *clock) authcore.Proof { return token("a-token") },
		} {
			t.Run(name+path, func(t *testing.T) {
				p := newOpenID(t)
				o, c := newSource(t, p, nil)
				p.codes["a-code"] = p.claims(c.now(), nil)
				p.tokens["a-token"] = p.claims(c.now(), map[string]any{"active": true})
				p.answer(path, answer)
				fails(t, o, proof(p, c), unavailable)
				p.answer(path, nil)
				c.turn(spacing)
				proves(t, o, proof(p, c))
			})
		}
	}
	t.Run("a proof that the provider can't even read", func(t *testing.T) {
		p := newOpenID(t)
		o, _ := newSource(t, p, nil)
		for _, n := range []int{400, 413, 414, 415, 422, 431} {
			p.answer("/token", status(n, ""))
			p.answer("/introspect", status(n, "{}"))
			fails(t, o, authcore.Proof{Code: "c0de"}, unauthenticated)
			fails(t, o, token("opaque"), unauthenticated)
		}
		for _, n := range []int{401, 403, 404, 405, 408, 429, 500, 204} {
			p.answer("/token", status(n, ""))
			fails(t, o, authcore.Proof{Code: "c0de"}, unavailable)
		}
	})
	t.Run("our client is refused", func(t *testing.T) {
		p := newOpenID(t)
		o, c := newSource(t, p, func(o *OIDC) { o.ClientSecret = "another" })
		p.codes["c0de"] = p.claims(c.now(), nil)
		fails(t, o, authcore.Proof{Code: "c0de"}, unavailable)
		fails(t, o, token("opaque"), unavailable)
		p.answer("/token", status(400, `{"error":"unauthorized_client"}`))
		fails(t, o, authcore.Proof{Code: "c0de"}, unavailable)
	})
}

// Metadata that would send our secret in clear, or make another issuer ours.
func TestMetadataAreHeldAgainstTheIssuer(t *testing.T) {
	for name, changes := range map[string]map[string]any{
		"another issuer":      {"issuer": "https://accounts.example.com"},
		"no keys":             {"jwks_uri": ""},
		"keys in clear":       {"jwks_uri": "http://accounts.example.com/keys"},
		"token in clear":      {"token_endpoint": "http://accounts.example.com/token"},
		"introspect in clear": {"introspection_endpoint": "http://192.0.2.1/introspect"},
		"no address":          {"token_endpoint": "/token"},
		"a password in it":    {"token_endpoint": "https://a:b@accounts.example.com/token"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newOpenID(t)
			p.meta = changes
			o, c := newSource(t, p, nil)
			fails(t, o, token(p.signed(p.claims(c.now(), nil))), unavailable)
			if p.times("/keys") != 0 {
				t.Error("the keys were asked for all the same")
			}
		})
	}
	if plain("http://127.0.0.1/token", false) || !plain("http://127.0.0.1/token", true) {
		t.Error("an https provider must not send us to this machine")
	}
}

// A provider that is frozen holds nobody longer than askTime, is asked once for
// all who wait, and then left alone for a while.
func TestFrozenProvider(t *testing.T) {
	p := newOpenID(t)
	o, c := newSource(t, p, nil)
	thaw := make(chan struct{})
	p.answer(metadata, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-thaw:
		case <-r.Context().Done():
		}
	})
	defer close(thaw)
	proof := token(p.signed(p.claims(c.now(), nil)))
	started := time.Now()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { fails(t, o, proof, unavailable) })
	}
	t.Run("a caller who goes away does not wait", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := o.Verify(ctx, proof); authcore.CodeOf(err) != unavailable {
			t.Errorf("error %v", err)
		}
	})
	all.Wait()
	if took := time.Since(started); took > askTime+time.Second {
		t.Errorf("it took %s", took)
	}
	if n := p.times(metadata); n != 1 {
		t.Errorf("a frozen provider was asked %d times, want 1", n)
	}
	p.answer(metadata, nil)
	asked := p.times(metadata)
	fails(t, o, proof, unavailable) // not yet asked again
	if p.times(metadata) != asked {
		t.Error("it was asked again at once")
	}
	c.turn(firstGap)
	proves(t, o, token(p.signed(p.claims(c.now(), nil))))
}

// The gaps grow, up to a bound, and are forgotten after an answer.
func TestBackOff(t *testing.T) {
	p := newOpenID(t)
	o, c := newSource(t, p, nil)
	p.answer("/keys", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	proof := func() authcore.Proof { return token(p.signed(p.claims(c.now(), nil))) }
	asked := 0
	for _, gap := range []int{1, 2, 4, 8, 16, 30, 30} {
		fails(t, o, proof(), unavailable)
		asked++
		c.turn(time.Duration(gap)*time.Second - time.Millisecond)
		fails(t, o, proof(), unavailable)
		if n := p.times("/keys"); n != asked {
			t.Fatalf("before the gap of %ds is over it was asked %d times, want %d", gap, n, asked)
		}
		c.turn(time.Millisecond)
	}
	p.answer("/keys", nil)
	proves(t, o, proof())
}

// Anybody may bring a code: a handful of questions at once is all that the
// provider gets.
func TestQuestionsAreAHandfulAtOnce(t *testing.T) {
	p := newOpenID(t)
	o, c := newSource(t, p, nil)
	proves(t, o, token(p.signed(p.claims(c.now(), nil)))) // metadata and keys are known
	came, release := make(chan struct{}), make(chan struct{})
	p.answer("/introspect", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // or the end of the caller would not be seen
		select {
		case came <- struct{}{}:
			<-release
		case <-r.Context().Done(): // one too many: nobody waits for it
		}
		p.write(w, 200, map[string]bool{"active": false})
	})
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() { fails(t, o, token("opaque"), unauthenticated) })
		<-came
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := o.Verify(ctx, token("one more")); authcore.CodeOf(err) != unavailable || p.times("/introspect") != atOnce {
		t.Errorf("error %v, and %d questions at once, want %d", err, p.times("/introspect"), atOnce)
	}
	proves(t, o, token(p.signed(p.claims(c.now(), nil)))) // needs no question
	close(release)
	all.Wait()
}

// Nobody else would catch a panic beside the request.
func TestPanicWhileAskingIsAnError(t *testing.T) {
	k := kept[int]{now: time.Now, ask: func(context.Context) (int, error) { panic("odd") }}
	if _, err := k.get(t.Context(), false); authcore.CodeOf(err) != unavailable || strings.Contains(err.Error(), "odd") {
		t.Errorf("error %v", err)
	}
}
