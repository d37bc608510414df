package gate

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/caddymodule/pages"
	"github.com/doorward/doorward/storage/sqlite"
)

func init() { authtest.CheapHashes() }

// guarded is a gate over a real core, whose clock is turned by hand, before an
// app that counts.
type guarded struct {
	*Gate
	core  *authcore.Core
	live  *authcore.Live
	store authcore.Store
	clock *authtest.Clock
	token string
	hits  int
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func guard(t *testing.T, g *Gate) *guarded {
	t.Helper()
	return guardWith(t, g, func(*authcore.Options) {})
}

func guardWith(t *testing.T, g *Gate, change func(*authcore.Options)) *guarded {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "a.db")})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	ring, err := seal.NewRing(seal.NewKey())
	must(t, err)
	o := &guarded{Gate: g, store: store, live: authcore.NewLive(), clock: authtest.NewClock()}
	options := authcore.Options{
		Store: store, Live: o.live, Ring: ring, Clock: o.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Issuer: "doorward", TokenLifetime: time.Hour,
	}
	change(&options)
	o.core = authcore.New(options)
	must(t, o.core.Prepare(t.Context()))
	g.setUp(t, o.core)
	o.token = o.login(t)
	return o
}

// setUp does what Provision would do.
func (g *Gate) setUp(t *testing.T, core *authcore.Core) {
	t.Helper()
	must(t, g.Headers.provision())
	g.Audience, g.owned, g.log = "doorward", g.Headers.owned(), zap.NewNop()
	var err error
	g.pages, err = pages.New(pages.Settings{})
	must(t, err)
	g.core = func(context.Context) (*authcore.Core, error) { return core, nil }
	for _, r := range g.Require {
		r.demand = authcore.Demand{OTPMaxAge: time.Duration(r.OTPMaxAge), Groups: r.Groups, Device: r.Device}
	}
}

func (o *guarded) login(t *testing.T) string { return o.signIn(t, "alice", "test") }

// signIn makes a user and gives him a token through a door.
func (o *guarded) signIn(t *testing.T, name, door string) string {
	t.Helper()
	const password = "mossy lantern kettle vowel"
	_, err := o.core.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: name, Password: password})
	must(t, err)
	d, err := o.core.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: name, Kind: authcore.KindHOTP})
	must(t, err)
	v, err := o.core.Logins.Primary(t.Context(), authcore.Attempt{Name: name, Password: password, Audience: "doorward", ClientID: door})
	must(t, err)
	login, err := o.core.Logins.Second(t.Context(), v, authtest.HOTP(t, d.Secret, 0))
	must(t, err)
	return login.Token
}

func (o *guarded) serve(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{})
	must(t, o.ServeHTTP(w, r.WithContext(ctx), caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
		o.hits++
		return nil
	})))
	return w
}

// get asks with the token, a minute after the view was last read at most.
func (o *guarded) get(t *testing.T) *httptest.ResponseRecorder {
	t.Helper()
	must(t, o.live.Refresh(t.Context(), o.store, o.clock.Now()))
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("Authorization", "Bearer "+o.token)
	return o.serve(t, r)
}

// Section 4: a token ends at its exp to the second, with the one answer that
// every bad token gets.
func TestExpired(t *testing.T) {
	o := guard(t, new(Gate))
	o.clock.Turn(time.Hour - time.Second)
	if w := o.get(t); w.Code != 200 || o.hits != 1 {
		t.Fatalf("a second before: %d", w.Code)
	}
	o.clock.Turn(time.Second)
	if w := o.get(t); w.Code != 401 || w.Header().Get("WWW-Authenticate") != `Bearer realm="doorward", error="invalid_token"` || o.hits != 1 {
		t.Errorf("at its end: %d %v", w.Code, w.Header())
	}
}

// RFC 9470: when the code is too old the challenge says so, and how old it may be.
func TestStepUp(t *testing.T) {
	o := guard(t, &Gate{Require: []*Require{{OTPMaxAge: caddy.Duration(5 * time.Minute)}}})
	o.clock.Turn(5 * time.Minute)
	if w := o.get(t); w.Code != 200 || o.hits != 1 {
		t.Fatalf("after five minutes: %d", w.Code)
	}
	o.clock.Turn(time.Second)
	w := o.get(t)
	const want = `Bearer realm="doorward", error="insufficient_user_authentication", error_description="a newer one-time password is required", max_age=300`
	if w.Code != 401 || w.Header().Get("WWW-Authenticate") != want || o.hits != 1 {
		t.Errorf("a second later: %d %v", w.Code, w.Header())
	}
}

// REL-02: a view that is too old proves nothing: 503, and when to try again.
func TestStaleView(t *testing.T) {
	o := guard(t, new(Gate))
	o.clock.Turn(authcore.StaleAfter + time.Second)
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("Authorization", o.token)
	if w := o.serve(t, r); w.Code != 503 || w.Header().Get("Retry-After") != "1" || o.hits != 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// RFC 8725 section 3.12: a token that goes on with a login, or that an integrator shows in place
// of its secret, opens nothing, also where nothing else would be asked for.
func TestOtherTokensOpenNothing(t *testing.T) {
	o := guard(t, new(Gate))
	v, err := o.core.Logins.Primary(t.Context(), authcore.Attempt{Name: "alice", Password: "mossy lantern kettle vowel", Audience: "doorward", ClientID: "test"})
	must(t, err)
	mfa, _, err := o.core.Logins.MFAToken(v)
	must(t, err)
	_, secret, err := o.core.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: "acme", Dialect: "test", Shares: true})
	must(t, err)
	app, err := o.core.Integrators.Token(t.Context(), authcore.Knock{Dialect: "test", Name: "acme", Key: secret}, "doorward", nil)
	must(t, err)
	if w := o.get(t); w.Code != 200 || o.hits != 1 {
		t.Fatalf("an access token: %d", w.Code)
	}
	for _, token := range []string{mfa, app.Token} {
		o.token = token
		if w := o.get(t); w.Code != 401 || o.hits != 1 {
			t.Errorf("%d, and %d calls at the app", w.Code, o.hits)
		}
	}
}
