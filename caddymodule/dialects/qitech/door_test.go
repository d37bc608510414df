package qitech_test

import (
	"crypto/elliptic"
	"encoding/base64"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	account = "9d5ea4ee-7a2c-4f07-8b66-0a4cbe1df0d5"
	nobodys = "/account/" + account + "/device/3d2c1b0a-9f8e-4d7c-8b6a-5f4e3d2c1b0a" // there is no such device
	theHead = `{"typ":"JWT","alg":"ES512"}`
)

// atTheDoor is a gateway with two integrators who sign, one with a key, and a user.
func atTheDoor(t *testing.T, store database) *gateway {
	t.Helper()
	g := start(t, store, story{lines: map[string][]string{"api": {"prefix /baas"}}})
	for _, line := range []string{
		`do user/add {"name":"bob"}`, `do account/add {"name":"main","id":"` + account + `"}`,
		`do approver/add {"account":"main","user":"bob","document":"43885804816"}`, `as other`, `as bank {"key":true}`, `as user bob`, `as acme`,
	} {
		verb, rest, _ := strings.Cut(line, " ")
		if err := g.play(step{verb: verb, rest: rest}); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// without gives claims that lack one, with gives claims with another value.
func without(claims map[string]any, name string) map[string]any {
	delete(claims, name)
	return claims
}

func with(claims map[string]any, name string, value any) map[string]any {
	claims[name] = value
	return claims
}

// A call is believed that is signed with the caller's own key, for this method, path and
// body, now, and once: on both stores.
func TestSignedAtTheDoor(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := atTheDoor(t, store(t))
		acme, other := g.known["acme"], g.known["other"]
		path := "/baas" + nobodys
		ask := func(header http.Header) int {
			t.Helper()
			status, answer := g.request(http.MethodGet, path, "", header)
			if status == http.StatusUnauthorized != (answer == strings.TrimPrefix(g.errors["unauthorized"], "401 ")) {
				t.Errorf("%d %s", status, answer)
			}
			return status
		}
		stamp := func(ago time.Duration) string { return time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05Z") }
		good := func() map[string]any { return claimsOf(http.MethodGet, path, "") }
		for name, claims := range map[string]map[string]any{
			"as documented": good(), "without the prefix": with(good(), "uri", nobodys), "no digest": without(good(), "payload_md5"),
			"in seconds": with(good(), "timestamp", stamp(0)), "four minutes ago": with(good(), "timestamp", stamp(4*time.Minute)), "in four minutes": with(good(), "timestamp", stamp(-4*time.Minute)),
		} {
			if status := ask(acme.signed(t, claims)); status != http.StatusNotFound {
				t.Errorf("%s: %d", name, status)
			}
		}
		for name, claims := range map[string]map[string]any{
			"another digest": with(good(), "payload_md5", "3a462c4474608df0aa4376a836376768"), "another path": with(good(), "uri", "/account"),
			"another method": with(good(), "method", "DELETE"), "six minutes ago": with(good(), "timestamp", stamp(6*time.Minute)), "in six minutes": with(good(), "timestamp", stamp(-6*time.Minute)),
			"no time": without(good(), "timestamp"), "no method": without(good(), "method"), "no path": without(good(), "uri"),
		} {
			if status := ask(acme.signed(t, claims)); status != http.StatusUnauthorized {
				t.Errorf("%s: %d", name, status)
			}
		}
		stolen := caller{id: acme.id, private: other.private}
		renamed := caller{id: other.id, private: acme.private}
		unknown := caller{id: account, private: acme.private}
		for name, header := range map[string]http.Header{
			"another client's key": stolen.signed(t, good()), "another client's name": renamed.signed(t, good()), "a name of nobody's": unknown.signed(t, good()),
		} {
			if status := ask(header); status != http.StatusUnauthorized {
				t.Errorf("%s: %d", name, status)
			}
		}

		once := acme.signed(t, good())
		if status := ask(once); status != http.StatusNotFound {
			t.Errorf("the first time: %d", status)
		}
		if status := ask(once); status != http.StatusUnauthorized {
			t.Errorf("sent again: %d", status)
		}
		if status := ask(turnedOver(t, once)); status != http.StatusUnauthorized {
			t.Errorf("turned over: %d", status)
		}
		upper := once.Clone()
		upper["Api-Client-Key"] = []string{strings.ToUpper(acme.id)}
		if status := ask(upper); status != http.StatusUnauthorized {
			t.Errorf("sent again by a name in capitals: %d", status)
		}
		again := good() // the same claims, signed anew
		first, second := acme.signed(t, again), acme.signed(t, again)
		if a, b := ask(first), ask(second); a != http.StatusNotFound || b != http.StatusNotFound {
			t.Errorf("signed twice: %d, %d", a, b)
		}
	})
}

// turnedOver is another signature of the same, which everybody can make.
func turnedOver(t *testing.T, header http.Header) http.Header {
	t.Helper()
	token := header.Get("Authorization")
	dot := strings.LastIndexByte(token, '.')
	raw, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		t.Fatal(err)
	}
	s := new(big.Int).SetBytes(raw[66:])
	new(big.Int).Sub(elliptic.P521().Params().N, s).FillBytes(raw[66:])
	turned := header.Clone()
	turned["Authorization"] = []string{token[:dot+1] + base64URL(raw)}
	return turned
}

// A body that was changed on its way is not believed, byte for byte.
func TestSignedBody(t *testing.T) {
	g := atTheDoor(t, sqlite)
	path, body := "/baas"+nobodys+"/validate", `{"token":"329adf",}`
	signed := func() http.Header { return g.known["acme"].signed(t, claimsOf(http.MethodPut, path, body)) }
	for sent, want := range map[string]int{
		body: http.StatusNotFound, body + " ": http.StatusUnauthorized, `{"token":"329adf"}`: http.StatusUnauthorized, `{"token":"329adg",}`: http.StatusUnauthorized, "": http.StatusUnauthorized,
	} {
		if status, answer := g.request(http.MethodPut, path, sent, signed()); status != want {
			t.Errorf("%q: %d %s", sent, status, answer)
		}
	}
}

// What shows nobody, or two, is 401 at every route: a cookie of a user who is logged in, a
// key without its owner's name, a token that is not called Bearer.
func TestWhoCalls(t *testing.T) {
	g := atTheDoor(t, sqlite)
	acme, bank, token := g.known["acme"], g.known["bank"], g.known["user bob"].token
	routes := map[string]string{
		"/device": "POST", "/device/": "GET", nobodys[len("/account/"+account):]: "GET", nobodys[len("/account/"+account):] + "/validate": "PUT",
		nobodys[len("/account/"+account):] + "/resend_token": "PATCH", nobodys[len("/account/"+account):] + "/disable": "DELETE", "/device_challenge": "POST", "/device_session": "POST",
	}
	delete(routes, "/device/")
	for rest, method := range routes {
		path := "/baas/account/" + account + rest
		sig := func() string { return acme.signed(t, claimsOf(method, path, "")).Get("Authorization") }
		for name, header := range map[string]http.Header{
			"nothing":                      nil,
			"a cookie":                     {"Cookie": {"doorward=" + token}},
			"a cookie, and a bad token":    {"Cookie": {"doorward=" + token}, "Authorization": {"Bearer x"}},
			"a cookie of the other API":    {"Cookie": {"asc_auth_key=" + token}},
			"a cookie and a name":          {"Cookie": {"doorward=" + token}, "Api-Client-Key": {acme.id}},
			"a token for a proxy":          {"Proxy-Authorization": {"Bearer " + token}},
			"a token without Bearer":       {"Authorization": {token}},
			"a token as a signature":       {"Authorization": {token}, "Api-Client-Key": {acme.id}},
			"a token as a key":             {"Authorization": {"Bearer " + token}, "Api-Client-Key": {bank.id}},
			"a token and an empty name":    {"Authorization": {"Bearer " + token}, "Api-Client-Key": {""}},
			"a token and two names":        {"Authorization": {"Bearer " + token}, "Api-Client-Key": {bank.id, acme.id}},
			"two tokens":                   {"Authorization": {"Bearer " + token, "Bearer " + token}},
			"a signature without a name":   {"Authorization": {sig()}},
			"a signature as a token":       {"Authorization": {"Bearer " + sig()}},
			"a signature as a key":         {"Authorization": {"Bearer " + sig()}, "Api-Client-Key": {acme.id}},
			"two signatures":               {"Authorization": {sig(), sig()}, "Api-Client-Key": {acme.id}},
			"a signature of another type":  {"Authorization": {"JWT " + sig()}, "Api-Client-Key": {acme.id}},
			"a signature and two names":    {"Authorization": {sig()}, "Api-Client-Key": {acme.id, acme.id}},
			"a name alone":                 {"Api-Client-Key": {acme.id}},
			"an empty key":                 {"Authorization": {"Bearer "}, "Api-Client-Key": {acme.id}},
			"an empty key of who has one":  {"Authorization": {"Bearer"}, "Api-Client-Key": {bank.id}},
			"another key":                  {"Authorization": {"Bearer " + strings.Repeat("A", 26)}, "Api-Client-Key": {bank.id}},
			"a key as a signature":         {"Authorization": {bank.key}, "Api-Client-Key": {bank.id}},
			"a key as a token":             {"Authorization": {"Bearer " + bank.key}},
			"a key of another's":           {"Authorization": {"Bearer " + bank.key}, "Api-Client-Key": {acme.id}},
			"a key in another scheme":      {"Authorization": {"Basic " + bank.key}, "Api-Client-Key": {bank.id}},
			"a token in another scheme":    {"Authorization": {"Token " + token}},
			"a name and a key in Basic":    {"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(bank.id+":"+bank.key))}, "Api-Client-Key": {bank.id}},
			"an unsigned token of its own": {"Authorization": {base64URL([]byte(`{"typ":"JWT","alg":"none"}`)) + "." + base64URL([]byte("{}")) + "."}, "Api-Client-Key": {acme.id}},
		} {
			status, answer := g.request(method, path, "", header)
			if status != http.StatusUnauthorized || "401 "+answer != g.errors["unauthorized"] {
				t.Errorf("%s %s with %s: %d %s", method, rest, name, status, answer)
			}
		}
	}
	path := "/baas" + nobodys
	for name, header := range map[string]http.Header{
		"a signature":             acme.signed(t, claimsOf(http.MethodGet, path, "")),
		"a key":                   {"Authorization": {"bearer  " + bank.key}, "Api-Client-Key": {strings.ToUpper(bank.id)}},
		"a token":                 {"Authorization": {"Bearer " + token}},
		"a token beside a cookie": {"Authorization": {"Bearer " + token}, "Cookie": {"doorward=x"}},
	} {
		if status, answer := g.request(http.MethodGet, path, "", header); status != http.StatusNotFound || "404 "+answer != g.errors["OBD000100"] {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	g.wantNoSecrets()
}

// What goes wrong before the API has its say keeps the status of HTTP, in the form of the
// API. Paths beside it are the app's.
func TestTransport(t *testing.T) {
	g := atTheDoor(t, sqlite)
	path := "/baas" + nobodys + "/validate"
	for name, c := range map[string]struct {
		method, path, body string
		header             http.Header
		status             int
		code, allow        string
	}{
		"called text":             {"PUT", path, `{"token":"a"}`, http.Header{"Content-Type": {"text/plain"}}, http.StatusNotFound, "OBD000100", ""},
		"in another charset":      {"PUT", path, `{"token":"a"}`, http.Header{"Content-Type": {"application/json; charset=utf-16"}}, http.StatusUnsupportedMediaType, "QIT000001", ""},
		"compressed":              {"PUT", path, `{"token":"a"}`, http.Header{"Content-Encoding": {"gzip"}}, http.StatusUnsupportedMediaType, "QIT000001", ""},
		"as large as it may be":   {"PUT", path, `{"token":"a"}` + strings.Repeat(" ", 64<<10-13), nil, http.StatusNotFound, "OBD000100", ""},
		"larger":                  {"PUT", path, `{"token":"a"}` + strings.Repeat(" ", 64<<10-12), nil, http.StatusRequestEntityTooLarge, "QIT000001", ""},
		"another method":          {"POST", path, "", nil, http.StatusMethodNotAllowed, "method_not_allowed", "PUT"},
		"another, of two":         {"PUT", "/baas/account/" + account + "/device", "", nil, http.StatusMethodNotAllowed, "method_not_allowed", "GET, POST"},
		"nothing":                 {"PUT", path + "/x", "", nil, http.StatusNotFound, "not_found", ""},
		"a path of the app's":     {"GET", "/baas/account/" + account, "", nil, http.StatusUnauthorized, "", ""},
		"a path without prefix":   {"GET", nobodys, "", nil, http.StatusUnauthorized, "", ""},
		"a path with two slashes": {"PUT", "/baas//account/" + account + "//device/k/validate", "", nil, http.StatusUnauthorized, "unauthorized", ""},
	} {
		header := g.known["bank"].header(t, c.method, c.path, c.body)
		if c.status == http.StatusUnauthorized {
			header = nil
		}
		for key, all := range c.header {
			header[key] = all
		}
		resp := g.do(c.method, c.path, c.body, header)
		_ = resp.Body.Close()
		_, answer := g.request(c.method, c.path, c.body, header)
		if resp.StatusCode != c.status || strings.Contains(answer, `"translation"`) != (c.code != "") || !strings.Contains(answer, `"code":"`+c.code+`"`) && c.code != "" || resp.Header.Get("Allow") != c.allow {
			t.Errorf("%s: %d %s %v", name, resp.StatusCode, answer, resp.Header)
		}
	}
}

// Law 14: a site whose tokens everybody knows says so, and how far that reaches.
func TestSandboxIsWarnedOf(t *testing.T) {
	for api, want := range map[string]bool{"sandbox_token": true, "prefix /baas": false} {
		g := start(t, sqlite, story{lines: map[string][]string{"api": {api}}})
		log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
		for _, words := range []string{"a token that everybody knows", "at every site of this store", "a store of its own"} {
			if err != nil || strings.Contains(string(log), words) != want {
				t.Errorf("%s, %q: %v\n%s", api, words, err, log)
			}
		}
	}
}
