package elcoin_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// modelDoor is a gateway with two apps and a user, whose devices have numbers.
func modelDoor(t *testing.T, store database, api ...string) (g *modelGateway, user string) {
	t.Helper()
	g = startModel(t, store, story{lines: map[string][]string{"api": api}})
	for _, line := range []string{`do user/add {"name":"alice"}`, `as other`, `as acme`, `user alice`} {
		verb, rest, _ := strings.Cut(line, " ")
		if err := g.play(step{verb: verb, rest: rest}); err != nil {
			t.Fatal(err)
		}
	}
	user, g.token = g.token, ""
	return g, user
}

const nobodysRecord = "/model/oAuthDevice/getDb/999"

// What shows nobody, or two, is 401 at every route, and reads alike: a cookie of a user who is
// logged in, a signature without a token, a token without a signature.
func TestWhoCallsTheModel(t *testing.T) {
	g, user := modelDoor(t, onSQLite)
	acme, other := g.apps["acme"], g.apps["other"]
	sig := signWith(acme.secret, "")
	for path, method := range map[string]string{
		nobodysRecord: http.MethodGet, "/model/oAuthDevice/putDb": http.MethodPost, "/api/model/oAuthDevice/prepare": http.MethodPost, "/api/oAuthDevice/validate": http.MethodPost,
		"/model/oAuthDevice/deleteItem/999": http.MethodPost, "/api/oAuthDevice/getData/oAuthDeviceSearchRequest": http.MethodPost,
	} {
		for name, header := range map[string]http.Header{
			"nothing":                    nil,
			"a signature alone":          {"X-App-Sig": {sig}},
			"a token alone":              {"Authorization": {"Bearer " + acme.token}},
			"a user's token alone":       {"Authorization": {"Bearer " + user}, "X-App-Key": {"acme"}},
			"a cookie":                   {"X-App-Sig": {sig}, "X-App-Key": {"acme"}, "Cookie": {"doorward=" + user}},
			"a cookie of the other API":  {"X-App-Sig": {sig}, "X-App-Key": {"acme"}, "Cookie": {"asc_auth_key=" + user}},
			"a token without Bearer":     {"X-App-Sig": {sig}, "Authorization": {acme.token}},
			"the secret as a token":      {"X-App-Sig": {sig}, "X-App-Key": {"acme"}, "Authorization": {"Bearer " + acme.secret}},
			"name and secret in Basic":   {"X-App-Sig": {sig}, "Authorization": {"Basic YWNtZTp4"}},
			"a token of another scheme":  {"X-App-Sig": {sig}, "Authorization": {"Token " + acme.token}},
			"a cookie, and a bad token":  {"X-App-Sig": {sig}, "X-App-Key": {"acme"}, "Cookie": {"doorward=" + user}, "Authorization": {"Bearer x"}},
			"two tokens":                 {"X-App-Sig": {sig}, "Authorization": {"Bearer " + acme.token, "Bearer " + acme.token}},
			"another app's signature":    {"X-App-Sig": {signWith(other.secret, "")}, "Authorization": {"Bearer " + acme.token}},
			"another app's token":        {"X-App-Sig": {sig}, "Authorization": {"Bearer " + other.token}},
			"a user by another app":      {"X-App-Sig": {sig}, "X-App-Key": {"other"}, "Authorization": {"Bearer " + user}},
			"a user by no app of two":    {"X-App-Sig": {sig}, "Authorization": {"Bearer " + user}},
			"a user by an unknown app":   {"X-App-Sig": {sig}, "X-App-Key": {"nobody"}, "Authorization": {"Bearer " + user}},
			"two signatures":             {"X-App-Sig": {sig, sig}, "Authorization": {"Bearer " + acme.token}},
			"the secret as a signature":  {"X-App-Sig": {acme.secret}, "Authorization": {"Bearer " + acme.token}},
			"DEV-SKIP":                   {"X-App-Sig": {"DEV-SKIP"}, "Authorization": {"Bearer " + acme.token}},
			"half of a time and a nonce": {"X-App-Sig": {sig}, "X-App-Nonce": {"0123456789"}, "Authorization": {"Bearer " + acme.token}},
			"a token, changed":           {"X-App-Sig": {sig}, "Authorization": {"Bearer " + acme.token[:len(acme.token)-4] + "AAAA"}},
		} {
			status, answer := g.request(method, path, "", header)
			if err := g.match("401 [ERROR-UNAUTHORIZED]", fmt.Sprint(status, " ", answer)); err != nil {
				t.Errorf("%s %s with %s: %v", method, path, name, err)
			}
		}
	}
	for name, header := range map[string]http.Header{
		"an app":                {"X-App-Sig": {sig}, "Authorization": {"bearer  " + acme.token}},
		"an app, named":         {"X-App-Sig": {"sha256=" + strings.ToUpper(sig)}, "X-App-Key": {"acme"}, "Authorization": {"Bearer " + acme.token}},
		"a user":                {"X-App-Sig": {sig}, "X-App-Key": {"acme"}, "Authorization": {"Bearer " + user}},
		"a user and his cookie": {"X-App-Sig": {sig}, "X-App-Key": {"acme"}, "Authorization": {"Bearer " + user}, "Cookie": {"doorward=x"}},
	} {
		status, answer := g.request(http.MethodGet, nobodysRecord, "", header)
		if err := g.match("200 [RECORD-NOT-FOUND]", fmt.Sprint(status, " ", answer)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	g.wantLogged("a call is refused: it needs one Authorization, of the scheme Bearer")
	g.wantLogged("a call is refused: it needs X-App-Sig, and X-App-Ts with X-App-Nonce or neither")
	g.wantNoSecrets()
}

// wantLogged says whether the operator is told what the caller is not.
func (g *modelGateway) wantLogged(words string) {
	g.Helper()
	if log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log")); err != nil || !strings.Contains(string(log), words) {
		g.Errorf("the log does not say %q: %v", words, err)
	}
}

// Of two calls with one nonce the second is refused, at both stores; require_nonce refuses
// what has none.
func TestNonceAtTheDoor(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g, user := modelDoor(t, store(t), "require_nonce")
		acme := g.apps["acme"]
		ts := strconv.FormatInt(time.Now().Unix(), 10)
		ask := func(path, nonce string, header http.Header) int {
			t.Helper()
			header["X-App-Ts"], header["X-App-Nonce"] = []string{ts}, []string{nonce}
			header["X-App-Sig"] = []string{signWith(acme.secret, "GET\n"+path+"\n"+ts+"\n"+nonce+"\n")}
			status, _ := g.request(http.MethodGet, path, "", header)
			return status
		}
		own := func() http.Header { return http.Header{"Authorization": {"Bearer " + acme.token}} }
		for _, c := range []struct {
			path, nonce string
			header      http.Header
			want        int
		}{
			{nobodysRecord, "first-nonce", own(), http.StatusOK},
			{nobodysRecord, "first-nonce", own(), http.StatusUnauthorized},
			{nobodysRecord + "?x=%20", "first-nonce", own(), http.StatusUnauthorized},
			{nobodysRecord + "?x=%20", "second-nonce", own(), http.StatusOK},
			{nobodysRecord, "second-nonce", http.Header{"Authorization": {"Bearer " + user}, "X-App-Key": {"acme"}}, http.StatusUnauthorized},
			{nobodysRecord, "third-nonce", http.Header{"Authorization": {"Bearer " + user}, "X-App-Key": {"acme"}}, http.StatusOK},
		} {
			if got := ask(c.path, c.nonce, c.header); got != c.want {
				t.Errorf("%s %s: %d, want %d", c.path, c.nonce, got, c.want)
			}
		}
		header := own()
		header.Set("X-App-Sig", signWith(acme.secret, ""))
		if status, _ := g.request(http.MethodGet, nobodysRecord, "", header); status != http.StatusUnauthorized {
			t.Errorf("without a nonce: %d", status)
		}
		g.wantLogged("a call is refused: it is signed, without the X-App-Nonce that require_nonce wants")
		ts = strconv.FormatInt(time.Now().Unix()-400, 10)
		if status := ask(nobodysRecord, "fourth-nonce", own()); status != http.StatusUnauthorized {
			t.Errorf("of before: %d", status)
		}
		g.wantLogged("a call is refused: it is signed, and its X-App-Ts is more than 300 seconds off")
	})
}

// What goes wrong before the model has its say keeps the status of HTTP, in the envelope.
// Paths beside it are the app's.
func TestModelTransport(t *testing.T) {
	g, _ := modelDoor(t, onSQLite)
	const put = "/model/oAuthDevice/putDb"
	for name, c := range map[string]struct {
		method, path, body string
		header             http.Header
		want, allow        string
	}{
		"another charset":       {"POST", put, `{}`, http.Header{"Content-Type": {"application/json; charset=utf-16"}}, "415 [ERROR-MEDIA-TYPE : {*}]", ""},
		"called a form":         {"POST", put, `{}`, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "415 [ERROR-MEDIA-TYPE : {*}]", ""},
		"not called anything":   {"POST", put, `{}`, http.Header{"Content-Type": {""}}, "415 [ERROR-MEDIA-TYPE : {*}]", ""},
		"compressed":            {"POST", put, `{}`, http.Header{"Content-Encoding": {"gzip"}}, "415 [ERROR-MEDIA-TYPE : {*}]", ""},
		"in UTF-8":              {"POST", put, `{}`, http.Header{"Content-Type": {"Application/JSON; charset=UTF-8"}}, "200 [ERROR-VALIDATION : {*}]", ""},
		"as large as it may be": {"POST", put, `{"id":999}` + strings.Repeat(" ", 64<<10-10), nil, "200 [RECORD-NOT-FOUND]", ""},
		"larger":                {"POST", put, `{"id":999}` + strings.Repeat(" ", 64<<10-9), nil, "413 [ERROR-TOO-LARGE : the body is too large]", ""},
		"another method":        {"PUT", put, "", nil, "405 [ERROR-METHOD : this takes the method POST]", "POST"},
		"another, of two":       {"PUT", nobodysRecord, "", nil, "405 [ERROR-METHOD : this takes the method GET or POST]", "GET, POST"},
		"two slashes":           {"POST", "/model//oAuthDevice//putDb", `{"id":999}`, nil, "200 [RECORD-NOT-FOUND]", ""},
	} {
		header := g.header(c.body)
		for key, all := range c.header {
			header[key] = all
		}
		resp := g.do(c.method, c.path, c.body, header)
		_ = resp.Body.Close()
		status, answer := g.request(c.method, c.path, c.body, header)
		if err := g.match(c.want, fmt.Sprint(status, " ", answer)); err != nil || resp.Header.Get("Allow") != c.allow || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v, %v", name, err, resp.Header)
		}
	}
	for _, path := range []string{"/model/contact/putDb", "/api/oAuthRepresentativeRole/getData/oAuthRepresentativeRoleSearchRequest", "/model/oAuthDevices/putDb"} {
		if _, answer := g.request(http.MethodPost, path, "{}", g.header("{}")); strings.Contains(answer, "total_records") {
			t.Errorf("%s is answered %s", path, answer)
		}
	}
}

// A body that does not come in time is answered as all else is. The bound is ten seconds.
func TestSlowBodyOfTheModel(t *testing.T) {
	g, _ := modelDoor(t, onSQLite)
	conn, err := g.kit.Dial(t.Context(), "gate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	head := "POST /model/oAuthDevice/putDb HTTP/1.1\r\nHost: app.example.com\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n" +
		"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{"
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.match("408 [ERROR-TIMEOUT : the body came too slowly]", fmt.Sprint(resp.StatusCode, " ", string(answer))); err != nil {
		t.Error(err)
	}
}

// Law 14: a site where no call need be signed says so at its start, and of each such call.
func TestDevSkipIsWarnedOf(t *testing.T) {
	for api, want := range map[string]bool{"allow_dev_skip 192.0.2.0/24": true, "prefix /bank": false} {
		g, _ := modelDoor(t, onSQLite, api)
		g.sig = "DEV-SKIP"
		g.request(http.MethodGet, g.prefix+nobodysRecord, "", g.header(""))
		log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
		for _, words := range []string{"allow_dev_skip: from these networks", "a call is not signed: DEV-SKIP"} {
			if err != nil || strings.Contains(string(log), words) != want {
				t.Errorf("%s, %q: %v\n%s", api, words, err, log)
			}
		}
	}
}

// What is signed with a nonce is good for nothing without: where no body is read, what was
// signed is no body either.
func TestNonceIsNotTakenOff(t *testing.T) {
	g, _ := modelDoor(t, onSQLite)
	acme := g.apps["acme"]
	ts := strconv.FormatInt(time.Now().Unix(), 10)
	signed := "GET\n" + nobodysRecord + "\n" + ts + "\nfirst-nonce\n"
	sig := signWith(acme.secret, signed) // as it was heard
	for _, path := range []string{nobodysRecord, "/model/oAuthDevice/deleteItem/999"} {
		status, answer := g.request(http.MethodPost, path, signed, http.Header{"Authorization": {"Bearer " + acme.token}, "X-App-Sig": {sig}})
		if err := g.match("200 [ERROR-VALIDATION : the body is not a JSON object]", fmt.Sprint(status, " ", answer)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A user acts through an app of his own tenant: another's operator says nothing of what may be
// asked for here.
func TestUserByAnAppOfAnotherTenant(t *testing.T) {
	g, user := modelDoor(t, onSQLite)
	if err := g.as(`stranger {"tenant":"elsewhere"}`); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"acme": "200 [RECORD-NOT-FOUND]", "stranger": "401 [ERROR-UNAUTHORIZED]"} {
		header := http.Header{"Authorization": {"Bearer " + user}, "X-App-Key": {name}, "X-App-Sig": {signWith(g.apps[name].secret, "")}}
		status, answer := g.request(http.MethodGet, nobodysRecord, "", header)
		if err := g.match(want, fmt.Sprint(status, " ", answer)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
