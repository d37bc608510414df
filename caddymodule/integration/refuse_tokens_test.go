package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/doorward/doorward/caddymodule/admin"
)

// TOK-09, OTP-13: whatever is wrong with what is shown, it is 401, and the app
// is not asked.
func TestRefusedTokens(t *testing.T) {
	d := open(t, "", "")
	good, other := d.mustLogin(), d.mustLogin()
	header, payload, signature := split(t, good)
	for name, headers := range map[string][]string{
		"another payload":                   {"Authorization", header + "." + payload[:20] + swapped(payload[20:]) + "." + signature},
		"another signature":                 {"Authorization", header + "." + payload + "." + swapped(signature)},
		"no signature":                      {"Authorization", header + "." + payload + "."},
		"alg none":                          {"Authorization", base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + payload + "."},
		"another gateway's key":             {"Authorization", resigned(t, good)},
		"another gateway's key, as cookie":  {"Cookie", "__Host-doorward=" + resigned(t, good)},
		"another gateway's, for a proxy":    {"Proxy-Authorization", "Bearer " + resigned(t, good)},
		"cut short":                         {"Authorization", good[:len(good)-1]},
		"oversized":                         {"Authorization", good + strings.Repeat("A", 5000)},
		"much white space":                  {"Authorization", "Bearer " + good + " x"},
		"another scheme":                    {"Authorization", "Token " + good},
		"Basic for us":                      {"Proxy-Authorization", "Basic " + good},
		"Basic for the app alone":           {"Authorization", "Basic YTpi"},
		"no scheme for a proxy":             {"Proxy-Authorization", good},
		"Authorization twice":               {"Authorization", good, "Authorization", good},
		"Authorization twice, one foreign":  {"Authorization", "Basic YTpi", "Authorization", good},
		"Proxy-Authorization twice":         {"Proxy-Authorization", "Bearer " + good, "Proxy-Authorization", "Bearer " + good},
		"joined by a comma":                 {"Authorization", "Bearer " + good + ", Bearer " + good},
		"two tokens, header and cookie":     {"Authorization", good, "Cookie", "__Host-doorward=" + other},
		"two tokens, proxy and cookie":      {"Proxy-Authorization", "Bearer " + good, "Cookie", "doorward=" + other},
		"two tokens, proxy and header":      {"Proxy-Authorization", "Bearer " + good, "Authorization", other},
		"two tokens, two cookies":           {"Cookie", "__Host-doorward=" + good + "; doorward=" + other},
		"two tokens, two lines of cookies":  {"Cookie", "doorward=" + good, "Cookie", "doorward=" + other},
		"a bad token of ours beside a good": {"Authorization", good[:len(good)-1], "Cookie", "doorward=" + good},
		"a bad token for us beside a good":  {"Proxy-Authorization", "Bearer x", "Cookie", "doorward=" + good},
		"garbage in the cookie":             {"Cookie", "__Host-doorward=" + strings.Repeat(".", 5000)},
		"an empty cookie":                   {"Cookie", "__Host-doorward="},
		"a cookie of another name":          {"Cookie", "__Host-Doorward=" + good},
		"another header":                    {"X-Authorization", good},
	} {
		t.Run(name, func(t *testing.T) { d.mustRefuse(t, "/", headers...) })
	}
	t.Run("in the query", func(t *testing.T) {
		d.mustRefuse(t, "/?token="+good+"&access_token="+good+"&authorization=Bearer%20"+good)
	})
}

// Section 4: what was revoked opens nothing from the next request on.
func TestRefusedAfterRevocation(t *testing.T) {
	d := open(t, "", "")
	login := func() (token string, device hotp) {
		device = d.addHOTP()
		_, token = d.login(device.code(0))
		return token, device
	}
	ended, device := login()
	var sessions []admin.Session
	d.call("session/list", admin.ListOf{User: d.name}, &sessions)
	if len(sessions) != 1 || sessions[0].Device != device.ID {
		t.Fatalf("%+v", sessions)
	}
	blocked, device := login()
	deactivated, gone := login()
	disabled, _ := login()
	for _, step := range []struct {
		name, token, operation string
		in                     any
	}{
		{"session revoked", ended, "session/revoke", admin.SessionRef{Session: sessions[0].ID}},
		{"device blocked", blocked, "device/block", admin.DeviceRef{Device: device.Serial}},
		{"device deactivated", deactivated, "device/deactivate", admin.DeviceRef{Device: gone.Serial}},
		{"user disabled", disabled, "user/disable", admin.UserRef{User: d.name}},
	} {
		t.Run(step.name, func(t *testing.T) {
			if status, _ := d.get("/", "Authorization", step.token); status != http.StatusOK {
				t.Fatalf("before, it is %d", status)
			}
			d.call(step.operation, step.in, new(any))
			d.mustRefuse(t, "/", "Authorization", step.token)
			d.mustRefuse(t, "/", "Cookie", "doorward="+step.token)
		})
	}
}

// TOK-06, threat 20: a token for one site opens no other.
func TestRefusedAudience(t *testing.T) {
	app := newBackend(t, nil)
	site := func(name string) string {
		return `http:// {
			bind "unix/{$KIT_DIR}/` + name + `.sock"
			doorward {
				api onlyoffice
				audience ` + name + `
			}
			reverse_proxy ` + app.Listener.Addr().String() + `
		}
		`
	}
	config := caddyfile("", "api onlyoffice\naudience a", "reverse_proxy "+app.Listener.Addr().String())
	d := openBefore(t, app, config+"\n"+site("b"))
	token := d.mustLogin()
	if status, _ := d.get("/", "Authorization", token); status != http.StatusOK {
		t.Fatalf("at its own site: %d", status)
	}
	d.client = d.Client("b")
	d.mustRefuse(t, "/", "Authorization", token)
	if status, _ := d.get("/", "Authorization", d.mustLogin()); status != http.StatusOK {
		t.Errorf("b's own token: %d", status)
	}
}

// mustRefuse wants 401, a challenge that tells nothing of the reason, and an app
// that was not asked.
func (d *door) mustRefuse(t *testing.T, path string, headers ...string) {
	t.Helper()
	hits := d.app.hits.Load()
	status, body, h := d.do(http.MethodGet, path, "", headers...)
	if status != http.StatusUnauthorized || d.app.hits.Load() != hits {
		t.Errorf("%d %s", status, body)
	}
	challenge := h.Get("WWW-Authenticate")
	if challenge != `Bearer realm="doorward"` && challenge != `Bearer realm="doorward", error="invalid_token"` {
		t.Errorf("the challenge is %q", challenge)
	}
}

func split(t *testing.T, token string) (header, payload, signature string) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	return parts[0], parts[1], parts[2]
}

// swapped changes one character within, where every bit counts.
func swapped(s string) string {
	c := "A"
	if s[1] == 'A' {
		c = "B"
	}
	return s[:1] + c + s[2:]
}

// resigned is the same token, header and all, signed by another key.
func resigned(t *testing.T, token string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := token[:strings.LastIndexByte(token, '.')]
	signature, err := jwt.SigningMethodES256.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}
