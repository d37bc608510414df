package integration

import (
	"net/http"
	"strings"
	"testing"
)

const foreignJWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln"

// Issue 4: a token opens the app raw, as Bearer and from the cookie in which the
// clients of a dialect keep it, and the app sees none of them.
func TestTokenFromADialectsCookie(t *testing.T) {
	d := open(t, "", "api whoami")
	token := d.mustLogin()
	for name, headers := range map[string][]string{
		"raw":                      {"Authorization", token},
		"Bearer":                   {"Authorization", "Bearer " + token},
		"cookie":                   {"Cookie", "asc_auth_key=" + token},
		"another dialect's cookie": {"Cookie", "whoami_key=" + token},
		"among others":             {"Cookie", "theme=dark; asc_auth_key=" + token + "; lang=en"},
		"quoted":                   {"Cookie", `asc_auth_key="` + token + `"`},
		"twice the same":           {"Cookie", "asc_auth_key=" + token + "; asc_auth_key=" + token},
		"everywhere the same":      {"Cookie", "__Host-doorward=" + token + "; doorward=" + token + "; asc_auth_key=" + token, "Authorization", token},
		"beside an empty one":      {"Cookie", "asc_auth_key=; asc_auth_key=" + token},
		"beside a bad own one":     {"Cookie", "__Host-doorward=x; asc_auth_key=" + token},
		"beside a malformed one":   {"Cookie", "asc_auth_key=\"; asc_auth_key=" + token},
	} {
		t.Run(name, func(t *testing.T) {
			if status, body := d.get("/", headers...); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			h := d.app.last.Load().Header
			if h.Get("Remote-User") != "alice" || h["Authorization"] != nil {
				t.Errorf("the app got %v", h)
			}
			wantWithout(t, h, token)
		})
	}
}

// A portal behind us has a cookie of the same name: what is not ours is its own,
// and no session here.
func TestForeignCookieOfADialectIsTheApps(t *testing.T) {
	d := open(t, "", "open /open")
	token := d.mustLogin()
	for _, value := range []string{"x3bC/9u+opaque==", foreignJWT, "", "a.b", strings.Repeat("x", 5000)} {
		cookie := "asc_auth_key=" + value
		for name, headers := range map[string][]string{
			"Authorization": {"Authorization", token},
			"our cookie":    {"Cookie", "doorward=" + token},
			"the same name": {"Cookie", "asc_auth_key=" + token},
		} {
			status, body := d.get("/", append(headers, "Cookie", cookie)...)
			if h := d.app.last.Load().Header; status != http.StatusOK || h.Get("Remote-User") != "alice" || h.Get("Cookie") != cookie {
				t.Errorf("%.20q beside %s: %d %.100s, and the app got %.100v", value, name, status, body, h)
			}
		}
		if status, _ := d.get("/open", "Cookie", cookie); status != http.StatusOK || d.app.last.Load().Header.Get("Cookie") != cookie {
			t.Errorf("%.20q to an open path: %d, and the app got %.100v", value, status, d.app.last.Load().Header)
		}
		d.mustRefuse(t, "/", "Cookie", cookie)
		if _, _, h := d.do(http.MethodGet, "/", "", "Cookie", cookie); h.Get("WWW-Authenticate") != `Bearer realm="doorward"` {
			t.Errorf("%.20q is a bad token: %q", value, h.Get("WWW-Authenticate"))
		}
	}
	bad := token[:len(token)-9] + "AAAAAAAAA"
	if _, _, h := d.do(http.MethodGet, "/", "", "Cookie", "asc_auth_key="+bad); h.Get("WWW-Authenticate") != `Bearer realm="doorward", error="invalid_token"` {
		t.Errorf("a bad token of ours: %q", h.Get("WWW-Authenticate"))
	}
}

// HDR-07: a token of ours does not reach the app in a dialect's cookie, however
// that is spelled, valid or not, asked for or not.
func TestDialectsCookieStaysHere(t *testing.T) {
	d := open(t, "", "open /open")
	token := d.mustLogin()
	bad := token[:len(token)-9] + "AAAAAAAAA"
	for _, cookies := range [][]string{
		{"asc_auth_key=" + token},
		{"asc_auth_key =" + token},
		{`asc_auth_key="` + token + `"`},
		{"asc_auth_key=\"" + token},
		{"asc_auth_key=" + token + " x"},
		{"asc_auth_key=" + token + "\x80"},
		{"ASC_AUTH_KEY=" + token},
		{"asc_auth_key=" + token + "; asc_auth_key=" + token},
		{"asc_auth_key=" + token, "asc_auth_key=" + bad},
		{"asc_auth_key=" + bad},
		{";;=;" + "asc_auth_key=" + token + ";"},
	} {
		for path, headers := range map[string][]string{"/": {"Authorization", token}, "/open": nil} {
			for _, cookie := range cookies {
				headers = append(headers, "Cookie", cookie)
			}
			status, body := d.get(path, append(headers, "Cookie", "kept=1")...)
			h := d.app.last.Load().Header
			if status != http.StatusOK || strings.Contains(h.Get("Cookie"), token[:40]) || !strings.Contains(h.Get("Cookie"), "kept=1") {
				t.Errorf("%.40q to %s: %d %.100s, and the app got %.200v", cookies, path, status, body, h)
			}
		}
	}
	t.Run("unless it may", func(t *testing.T) {
		d := open(t, "", "pass_token")
		token := d.mustLogin()
		status, _ := d.get("/", "Cookie", "asc_auth_key="+token)
		if got := d.app.last.Load().Header.Get("Cookie"); status != http.StatusOK || got != "asc_auth_key="+token {
			t.Errorf("%d, and the app got %q", status, got)
		}
	})
}

// SES-08, TOK-09: whatever else is in the cookie, it is no session, and two
// different tokens of ours are none either: a neighbouring host could have set one.
func TestRefusedCookiesOfADialect(t *testing.T) {
	d := open(t, "", "")
	good, other := d.mustLogin(), d.mustLogin()
	hits := d.app.hits.Load()
	for name, headers := range map[string][]string{
		"another gateway's key":  {"Cookie", "asc_auth_key=" + resigned(t, good)},
		"cut short":              {"Cookie", "asc_auth_key=" + good[:len(good)-1]},
		"oversized":              {"Cookie", "asc_auth_key=" + good + strings.Repeat("A", 5000)},
		"dots":                   {"Cookie", "asc_auth_key=" + strings.Repeat(".", 5000)},
		"Bearer in it":           {"Cookie", "asc_auth_key=Bearer " + good},
		"percent-encoded":        {"Cookie", "asc_auth_key=" + strings.ReplaceAll(good, ".", "%2E")},
		"half quoted":            {"Cookie", `asc_auth_key="` + good},
		"hundreds":               {"Cookie", strings.Repeat("asc_auth_key=a.b.c; ", 400)},
		"hundreds of lines":      many("asc_auth_key=x", 400),
		"another case":           {"Cookie", "Asc_Auth_Key=" + good},
		"its name at the end":    {"Cookie", "x_asc_auth_key=" + good},
		"its name as value":      {"Cookie", "a=asc_auth_key; b=" + good},
		"two of them":            {"Cookie", "asc_auth_key=" + good + "; asc_auth_key=" + other},
		"two lines":              {"Cookie", "asc_auth_key=" + good, "Cookie", "asc_auth_key=" + other},
		"beside ours":            {"Cookie", "__Host-doorward=" + good + "; asc_auth_key=" + other},
		"beside the bare":        {"Cookie", "asc_auth_key=" + other + "; doorward=" + good},
		"beside Authorization":   {"Cookie", "asc_auth_key=" + other, "Authorization", good},
		"beside Proxy":           {"Cookie", "asc_auth_key=" + other, "Proxy-Authorization", "Bearer " + good},
		"beside a bad of ours":   {"Cookie", "asc_auth_key=" + good, "Authorization", other[:len(other)-1]},
		"beside two of Authoriz": {"Cookie", "asc_auth_key=" + good, "Authorization", good, "Authorization", good},
	} {
		t.Run(name, func(t *testing.T) { d.mustRefuse(t, "/", headers...) })
	}
	if d.app.hits.Load() != hits {
		t.Error("the app was asked")
	}
}

func many(cookie string, n int) (headers []string) {
	for range n {
		headers = append(headers, "Cookie", cookie)
	}
	return headers
}

// A gate alone knows no dialect, and so no cookie of one; nor has a site the
// cookies of another's, nor a token made for another.
func TestDialectsCookieIsOfItsSite(t *testing.T) {
	app := newBackend(t, nil)
	site := func(name, gate string) string {
		return `http:// {
			bind "unix/{$KIT_DIR}/` + name + `.sock"
			` + gate + `
			reverse_proxy ` + app.Listener.Addr().String() + `
		}
		`
	}
	d := openBefore(t, app, caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())+"\n"+
		site("alone", "doorward_gate")+site("none", "doorward")+site("apart", "doorward_api {\napi onlyoffice\n}\ndoorward_gate")+
		site("other", "doorward {\napi whoami\n}")+site("audience", "doorward {\napi onlyoffice\napi whoami\naudience b\n}"))
	token := d.mustLogin()
	for _, name := range []string{"alone", "none", "apart", "other", "audience"} {
		t.Run(name, func(t *testing.T) {
			d.client = d.Client(name)
			d.mustRefuse(t, "/", "Cookie", "asc_auth_key="+token)
			status, _ := d.get("/", "Cookie", "asc_auth_key="+token, "Authorization", token)
			if want := name != "audience"; (status == http.StatusOK) != want {
				t.Errorf("in Authorization it gives %d", status)
			}
			wantWithout(t, app.last.Load().Header, token)
		})
	}
	if status, body := d.get("/whoami", "Authorization", token); status != http.StatusUnauthorized {
		t.Errorf("a dialect of another audience: %d %s", status, body)
	}
}

// SES-11: the cookie of a dialect opens no WebSocket for a page of another origin.
func TestUpgradesWithADialectsCookie(t *testing.T) {
	d := open(t, "", "")
	token := d.mustLogin()
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg=="}
	for origin, want := range map[string]int{"http://gate": http.StatusOK, "https://evil.example": http.StatusUnauthorized, "null": http.StatusUnauthorized} {
		headers := append([]string{"Cookie", "asc_auth_key=" + token, "Origin", origin}, upgrade...)
		if status, _, _ := d.do(http.MethodGet, "/", "", headers...); status != want {
			t.Errorf("from %s it gives %d, want %d", origin, status, want)
		}
	}
}
