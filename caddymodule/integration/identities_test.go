package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/go-jose/go-jose/v4"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// google is a source that nobody asks in a test.
const google = "identity google oidc {\nissuer https://accounts.example.com\nclient_id doorward\n}"

// openID is a provider with metadata, a key, and nothing else.
type openID struct {
	*httptest.Server
	asked atomic.Int64
	away  atomic.Bool
	key   jose.JSONWebKey
}

func newOpenID(t *testing.T) *openID {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &openID{key: jose.JSONWebKey{Key: key, KeyID: "k", Algorithm: "ES256", Use: "sig"}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		switch {
		case p.away.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/keys":
			json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.key.Public()}})
		default:
			json.NewEncoder(w).Encode(map[string]string{"issuer": p.URL, "jwks_uri": p.URL + "/keys"})
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *openID) config() string {
	return "identity google oidc {\nissuer " + p.URL + "\nclient_id doorward\n}"
}

// token is an ID token for alice's account.
func (p *openID) token(t *testing.T, audience string) authcore.Proof {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p.key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(map[string]any{
		"iss": p.URL, "sub": "1234", "aud": audience, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return authcore.Proof{Token: text}
}

// core is that of the configuration that runs.
func core(t *testing.T) *authcore.Core {
	t.Helper()
	module, err := caddy.ActiveContext().App("doorward")
	if err != nil {
		t.Fatal(err)
	}
	core, err := module.(*app.App).Core(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// The provider is asked when somebody logs in, and not before: it may be away
// while the gateway starts and reloads.
func TestIdentitySource(t *testing.T) {
	p := newOpenID(t)
	d := open(t, p.config(), "")
	o := d.openSession()
	d.call("user/link", admin.Link{User: d.name, Identity: "google", Subject: "1234"}, new(admin.User))
	if err := d.Load(caddyfile(p.config(), "api onlyoffice", "respond ok")); err != nil {
		t.Fatal(err)
	}
	if n := p.asked.Load(); n != 0 {
		t.Errorf("the provider was asked %d times before anybody logged in", n)
	}
	try := func(audience string) (authcore.Login, error) {
		a := authcore.Attempt{Audience: app.DefaultAudience, ClientID: "onlyoffice", From: authcore.Origin{Address: "192.0.2.1"}}
		v, err := core(t).Logins.External(t.Context(), a, "Google", p.token(t, audience))
		if err != nil {
			return authcore.Login{}, err
		}
		o.next++
		return core(t).Logins.Second(t.Context(), v, o.device.code(o.next-1))
	}
	p.away.Store(true)
	if _, err := try("doorward"); authcore.CodeOf(err) != authcore.CodeUnavailable {
		t.Errorf("a provider that is away gives %v", err)
	}
	p.away.Store(false)
	var l authcore.Login
	pollUntil(t, 10*time.Second, "a provider that is back is asked again", func() (in bool) {
		var err error
		l, err = try("doorward")
		return err == nil
	})
	if status, _ := d.get("/", "Authorization", l.Token); status != http.StatusOK {
		t.Errorf("the token gives %d", status)
	}
	if _, err := try("another"); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
		t.Errorf("a token for another audience gives %v", err)
	}
	d.call("user/unlink", admin.Link{User: d.name, Identity: "google", Subject: "1234"}, new(admin.User))
	if status, _ := d.get("/", "Authorization", l.Token); status != http.StatusUnauthorized {
		t.Errorf("after the account was unlinked the token gives %d", status)
	}
	if _, err := try("doorward"); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
		t.Errorf("an account that is not linked gives %v", err)
	}
}

// Validating asks nobody, and names are held to their form in JSON too.
func TestIdentitiesInJSON(t *testing.T) {
	p := newOpenID(t)
	t.Setenv("KIT_DIR", t.TempDir())
	adapted, err := caddytestkit.Adapt(caddyfile(p.config(), "api onlyoffice", "respond ok"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"google": "", "a-1_b": "",
		"Google": "identity 'Google': a name has", "": "identity '': a name has", "a b": "a name has", "email": "clients mean the password",
	} {
		var parsed caddy.Config
		text := strings.Replace(string(adapted), `"google":`, `"`+name+`":`, 1)
		if err := caddy.StrictUnmarshalJSON([]byte(text), &parsed); err != nil {
			t.Fatal(err)
		}
		err := caddy.Validate(&parsed)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: error %v, want %q", name, err, want)
		}
	}
	if n := p.asked.Load(); n != 0 {
		t.Errorf("validating asked the provider %d times", n)
	}
}
