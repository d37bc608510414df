package elcoin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// loginsOf is a gateway with a user who has an authenticator app, and an app ib.
func loginsOf(t *testing.T, store database, api ...string) *loginGateway {
	t.Helper()
	g := startLogins(t, store, story{lines: map[string][]string{"api": api}})
	for _, line := range []string{
		`do user/add {"name":"bob"}`, `do user/password {"user":"bob","password":"111111-correct"}`, `device app {"user":"bob","kind":"totp"}`, `app ib`,
	} {
		verb, rest, _ := strings.Cut(line, " ")
		if err := g.play(step{verb: verb, rest: rest}); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

const loginBody = `{"response_type":"code","client_id":"ib","redirect_uri":"https://evil.example.com/x","scope":"CUSTOMER:FULL","state":"s","username":"bob","password":"111111-correct","ip":"203.0.113.9","client_timezone":"-3","source_system":"IB"}`

// begun shows the password, and gives the token to go on with.
func (g *loginGateway) begun() string {
	g.Helper()
	var out struct {
		Token string `json:"mfa_token"`
	}
	status, answer := g.request(http.MethodPost, "/oauth/v2/login", loginBody, nil)
	if err := json.Unmarshal([]byte(answer), &out); err != nil || out.Token == "" {
		g.Fatalf("%d %s", status, answer)
	}
	return out.Token
}

// Law 9: what a body or a header says of the address of a client is not believed, and where
// it wants to be sent to is not gone.
func TestLoginBelievesNoAddress(t *testing.T) {
	g := loginsOf(t, onSQLite)
	token := g.begun()
	if err := g.set(strings.Fields("code = totp app")); err != nil {
		t.Fatal(err)
	}
	resp := g.do(http.MethodPost, "/oauth/v2/token", fmt.Sprintf(`{"grant_type":"mfa_oob","mfa_token":%q,"code":%q,"ip":"203.0.113.9","redirect_uri":"https://evil.example.com/x"}`, token, g.values["code"]),
		http.Header{"X-Forwarded-For": {"203.0.113.9"}})
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Location") != "" || resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	var sessions json.RawMessage
	if err := g.operate("session/list", map[string]any{"user": "bob"}, &sessions); err != nil || strings.Contains(string(sessions), "203.0.113.9") || !strings.Contains(string(sessions), `"address"`) {
		t.Errorf("%s, %v", sessions, err)
	}
}

// One code makes one session, whoever is first: on both stores.
func TestOneOfManyTokensWins(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := loginsOf(t, store(t))
		token := g.begun()
		if err := g.set(strings.Fields("code = totp app")); err != nil {
			t.Fatal(err)
		}
		body := fmt.Sprintf(`{"grant_type":"mfa_oob","mfa_token":%q,"code":%q}`, token, g.values["code"])
		statuses := make([]int, 20)
		var all sync.WaitGroup
		for i := range statuses {
			all.Go(func() {
				resp := g.do(http.MethodPost, "/oauth/v2/token", body, nil)
				_ = resp.Body.Close()
				statuses[i] = resp.StatusCode
			})
		}
		all.Wait()
		won := 0
		for _, status := range statuses {
			if status == http.StatusOK {
				won++
			} else if status != http.StatusBadRequest && status != http.StatusTooManyRequests {
				t.Errorf("%d", status)
			}
		}
		if won != 1 {
			t.Errorf("%d of them won: %v", won, statuses)
		}
	})
}

// What goes wrong before the API has its say keeps the status of HTTP, in the short form.
func TestLoginTransport(t *testing.T) {
	g := loginsOf(t, onSQLite, "prefix /bank")
	for name, c := range map[string]struct {
		method, path, body string
		header             http.Header
		status             int
		want, allow        string
	}{
		"as documented":       {"POST", "/bank/oauth/v2/login", loginBody, http.Header{"Content-Type": {"application/json; charset=UTF-8"}}, 200, `"error":"mfa_required"`, ""},
		"called a form":       {"POST", "/bank/oauth/v2/login", "username=bob", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, 415, `{"error":"invalid_request",`, ""},
		"in another charset":  {"POST", "/bank/oauth/v2/login", loginBody, http.Header{"Content-Type": {"application/json; charset=utf-16"}}, 415, `{"error":"invalid_request",`, ""},
		"compressed":          {"POST", "/bank/oauth/v2/login", loginBody, http.Header{"Content-Encoding": {"gzip"}}, 415, `{"error":"invalid_request",`, ""},
		"too large":           {"POST", "/bank/oauth/v2/login", loginBody + strings.Repeat(" ", 8<<10), nil, 413, `{"error":"invalid_request",`, ""},
		"not in UTF-8":        {"POST", "/bank/oauth/v2/login", strings.Replace(loginBody, "bob", "\xff", 1), nil, 400, `{"error":"invalid_request",`, ""},
		"nothing":             {"POST", "/bank/oauth/v2/login", "", nil, 400, `{"error":"invalid_request","error_description":"'client_id' is missing."}`, ""},
		"another method":      {"PUT", "/bank/oauth/v2/login", loginBody, nil, 405, `{"error":"invalid_request",`, "POST"},
		"fields in the query": {"POST", "/bank/oauth/v2/login?username=bob&password=111111-correct", "{}", nil, 400, `'client_id' is missing.`, ""},
		"two slashes":         {"POST", "/bank//oauth/v2/login", loginBody, nil, 200, `"error":"mfa_required"`, ""},
		"a path of the app's": {"POST", "/oauth/v2/login", loginBody, nil, 401, `application`, ""},
		"a name in two cases": {"POST", "/bank/oauth/v2/login", strings.Replace(loginBody, "{", `{"UserName":"carol",`, 1), nil, 400, `'username' stands in the body twice.`, ""},
	} {
		resp := g.do(c.method, c.path, c.body, c.header)
		_ = resp.Body.Close()
		_, answer := g.request(c.method, c.path, c.body, c.header)
		if resp.StatusCode != c.status || resp.Header.Get("Allow") != c.allow || c.want != "application" && !strings.Contains(answer, c.want) {
			t.Errorf("%s: %d %s %v", name, resp.StatusCode, answer, resp.Header)
		}
	}
}
