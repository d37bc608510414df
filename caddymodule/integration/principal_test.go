package integration

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// whoamiDoor is a gateway with the dialect whoami, whose request is rewritten
// before the gateway: the dialect answers what was asked.
func whoamiDoor(t *testing.T) *door {
	t.Helper()
	app := newBackend(t, nil)
	return openBefore(t, app, caddyfile("public_url https://App.Example.com/", "api whoami\napi onlyoffice",
		"@asked path /whoami\nmethod @asked GET\nrewrite @asked /elsewhere?y=2\nreverse_proxy "+app.Listener.Addr().String()))
}

// A dialect learns who asks, from wherever the token is taken, and what it needs
// for links and cookies.
func TestPrincipalOfADialect(t *testing.T) {
	d := whoamiDoor(t)
	token, other := d.mustLogin(), d.mustLogin()
	hits := d.app.hits.Load()
	for name, headers := range map[string][]string{
		"raw":        {"Authorization", token},
		"Bearer":     {"Authorization", "bearer " + token},
		"cookie":     {"Cookie", "whoami_key=" + token},
		"our cookie": {"Cookie", "__Host-doorward=" + token},
	} {
		status, body := d.post("/whoami?x=1", "{}", headers...)
		var got told
		if err := json.Unmarshal([]byte(body), &got); status != http.StatusOK || err != nil ||
			got != (told{Name: "alice", Again: "alice", Method: "POST", URL: "/whoami?x=1", PublicURL: "https://app.example.com"}) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for name, headers := range map[string][]string{
		"nothing":                  nil,
		"another dialect's cookie": {"Cookie", "asc_auth_key=" + token},
		"two tokens":               {"Cookie", "whoami_key=" + token, "Authorization", other},
		"Authorization twice":      {"Authorization", token, "Authorization", token},
		"a bad token":              {"Authorization", resigned(t, token)},
		"a foreign cookie":         {"Cookie", "whoami_key=" + foreignJWT},
		"in the query":             {"X", "whoami_key=" + token},
	} {
		if status, body := d.post("/whoami?whoami_key="+token, "{}", headers...); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if d.app.hits.Load() != hits {
		t.Error("the app was asked")
	}
}

// Threat A5: a page of another origin makes a browser send the cookie along. For
// what changes something that proves nobody. A token in a header no page can send.
func TestCookieOfAnotherOriginProvesNobody(t *testing.T) {
	d := whoamiDoor(t)
	token := d.mustLogin()
	evil := []string{"Origin", "https://evil.example"}
	for _, c := range []struct {
		name, method string
		headers      []string
		want         int
	}{
		{"a page of another site", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 401},
		{"a page of a neighbouring host", "POST", []string{"Sec-Fetch-Site", "same-site"}, 401},
		{"an older browser", "POST", evil, 401},
		{"a page without an origin", "POST", []string{"Origin", "null"}, 401},
		{"another method", "DELETE", evil, 401},
		{"a method in small letters", "get", evil, 401},
		{"our public name, another host", "POST", []string{"Origin", "https://app.example.com"}, 401},
		{"reading", "GET", evil, 200},
		{"our own page", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://gate"}, 200},
		{"our own page, an older browser", "POST", []string{"Origin", "http://gate"}, 200},
		{"no browser", "POST", nil, 200},
	} {
		for _, cookie := range []string{"whoami_key", "__Host-doorward"} {
			status, body, _ := d.do(c.method, "/whoami", "", append(c.headers, "Cookie", cookie+"="+token)...)
			if status != c.want || status == 401 && !strings.Contains(body, "another origin") {
				t.Errorf("%s with %s: %d %s, want %d", c.name, cookie, status, body, c.want)
			}
		}
		if status, body, _ := d.do(c.method, "/whoami", "", append(c.headers, "Cookie", "whoami_key="+token, "Authorization", token)...); status != 200 {
			t.Errorf("%s with Authorization: %d %s", c.name, status, body)
		}
	}
}

// A dialect can't take our own cookie for its clients': the bare one would count
// over TLS then, where a neighbouring host could have set it.
func TestDialectCanNotTakeOurCookie(t *testing.T) {
	d := open(t, "", "")
	err := d.Load(caddyfile("", "api greedy", "respond ok"))
	if err == nil || !strings.Contains(err.Error(), "'doorward'") {
		t.Errorf("%v", err)
	}
}
