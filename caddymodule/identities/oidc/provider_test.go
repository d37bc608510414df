package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/go-jose/go-jose/v4"

	"github.com/doorward/doorward/authcore"
)

const (
	clientID     = "door:ward" // what Basic must encode (RFC 6749 section 2.3.1)
	clientSecret = "s3cret %&"
	redirectURL  = "https://app.example.com/callback"
)

// openID is an OpenID provider on this machine: metadata, keys, a token endpoint
// and introspection, strict about what it is asked.
type openID struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	asked    map[string]int // by path
	keys     []jose.JSONWebKey
	meta     map[string]any // changes of the metadata
	codes    map[string]map[string]any
	tokens   map[string]map[string]any
	inBody   bool
	override map[string]http.HandlerFunc
}

func newOpenID(t *testing.T) *openID {
	t.Helper()
	p := &openID{
		t: t, asked: map[string]int{}, meta: map[string]any{}, codes: map[string]map[string]any{},
		tokens: map[string]map[string]any{}, override: map[string]http.HandlerFunc{},
	}
	p.rotate("k1", jose.ES256)
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// rotate makes the key that signs from now on; older ones are gone.
func (p *openID) rotate(id string, algorithm jose.SignatureAlgorithm) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []jose.JSONWebKey{{Key: newKey(p.t, algorithm), KeyID: id, Algorithm: string(algorithm), Use: "sig"}}
}

func newKey(t *testing.T, algorithm jose.SignatureAlgorithm) crypto.PrivateKey {
	t.Helper()
	var key crypto.PrivateKey
	var err error
	switch algorithm {
	case jose.ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (p *openID) times(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// answer replaces what a path answers; nil: as before.
func (p *openID) answer(path string, with http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.override[path] = with
}

func (p *openID) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.URL.Path]++
	override := p.override[r.URL.Path]
	p.mu.Unlock()
	if override != nil {
		override(w, r)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "GET /.well-known/openid-configuration":
		meta := map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "token_endpoint": p.URL + "/token",
			"introspection_endpoint": p.URL + "/introspect", "userinfo_endpoint": p.URL + "/userinfo",
			"id_token_signing_alg_values_supported": []string{"none", "HS256", "ES256"},
		}
		if p.inBody {
			meta["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
			meta["introspection_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		}
		maps.Copy(meta, p.meta)
		p.write(w, 200, meta)
	case "GET /keys":
		set := []any{map[string]string{"kty": "of the future", "kid": "k0"}}
		for _, key := range p.keys {
			if _, shared := key.Key.([]byte); !shared {
				key = key.Public()
			}
			set = append(set, key)
		}
		p.write(w, 200, map[string]any{"keys": set})
	case "POST /token":
		p.token(w, r)
	case "POST /introspect":
		p.introspect(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (p *openID) token(w http.ResponseWriter, r *http.Request) {
	claims := p.codes[r.PostFormValue("code")]
	switch {
	case !p.client(r):
		p.write(w, 401, map[string]string{"error": "invalid_client"})
	case claims == nil, r.PostFormValue("grant_type") != "authorization_code", r.PostFormValue("redirect_uri") != redirectURL:
		p.write(w, 400, map[string]string{"error": "invalid_grant"})
	default:
		delete(p.codes, r.PostFormValue("code"))
		p.write(w, 200, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.signed(claims)})
	}
}

func (p *openID) introspect(w http.ResponseWriter, r *http.Request) {
	switch claims := p.tokens[r.PostFormValue("token")]; {
	case !p.client(r):
		p.write(w, 401, map[string]string{"error": "invalid_client"})
	case claims == nil:
		p.write(w, 200, map[string]bool{"active": false})
	default:
		p.write(w, 200, claims)
	}
}

// client says whether the request is our client's, in the one way that is
// supported, with nothing in the URL.
func (p *openID) client(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	if p.inBody {
		basic, id, secret = !basic, r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	return basic && id == clientID && secret == clientSecret && r.URL.RawQuery == ""
}

func (p *openID) write(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

// claims are those of a good ID token, with changes; nil takes one out.
func (p *openID) claims(now time.Time, changes map[string]any) map[string]any {
	c := map[string]any{"iss": p.URL, "sub": "1234", "aud": clientID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, value := range changes {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

// signed is a JWT of the provider's first key.
func (p *openID) signed(claims map[string]any) string {
	p.t.Helper()
	key := p.keys[0]
	return sign(p.t, jose.SignatureAlgorithm(key.Algorithm), key, "JWT", claims)
}

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, typ jose.ContentType, claims map[string]any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if typ != "" {
		options = options.WithType(typ)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	must(t, err)
	payload, err := json.Marshal(claims)
	must(t, err)
	signature, err := signer.Sign(payload)
	must(t, err)
	text, err := signature.CompactSerialize()
	must(t, err)
	return text
}

// newSource is a source over the provider, with a clock that is turned by hand.
func newSource(t *testing.T, p *openID, change func(*OIDC)) (*OIDC, *clock) {
	t.Helper()
	o := &OIDC{Issuer: p.URL, ClientID: clientID, ClientSecret: clientSecret, RedirectURL: redirectURL}
	if change != nil {
		change(o)
	}
	must(t, o.Provision(caddy.Context{}))
	t.Cleanup(func() { must(t, o.Cleanup()) })
	c := &clock{at: time.Now()}
	o.now = c.now
	return o, c
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// proves wants the subject 1234.
func proves(t *testing.T, o *OIDC, proof authcore.Proof) {
	t.Helper()
	if subject, err := o.Verify(t.Context(), proof); err != nil || subject != "1234" {
		t.Errorf("got %q, %v, want 1234", subject, err)
	}
}

// fails wants the code and no subject, and an error that repeats nothing secret.
func fails(t *testing.T, o *OIDC, proof authcore.Proof, code authcore.Code) {
	t.Helper()
	subject, err := o.Verify(t.Context(), proof)
	if err == nil || authcore.CodeOf(err) != code || subject != "" {
		t.Errorf("got %q, %v, want %s", subject, err, code)
	}
	for _, secret := range []string{proof.Token, proof.Code, clientSecret, url.QueryEscape(clientSecret)} {
		if secret != "" && strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("the error repeats %q: %v", secret, err)
		}
	}
}

const (
	unauthenticated = authcore.CodeUnauthenticated
	unavailable     = authcore.CodeUnavailable
)

func token(text string) authcore.Proof { return authcore.Proof{Token: text} }
