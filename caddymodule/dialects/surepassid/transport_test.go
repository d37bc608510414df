package surepassid_test

import (
	"net/http"
	"strings"
	"testing"
)

// What goes wrong before the API has its say keeps the status of HTTP, in the form of
// the API.
func TestTransport(t *testing.T) {
	g := start(t, database{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", ""}, story{})
	if err := g.as("acme"); err != nil {
		t.Fatal(err)
	}
	body, err := g.fill(`{@,"type":"find_users"}`)
	if err != nil {
		t.Fatal(err)
	}
	const refused = `{"errorCode":-1,"errorMessage":"`
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		answer             string
	}{
		"a call":                   {"POST", endpoint, body, nil, http.StatusOK, `{"errorCode":0,`},
		"in any case of the path":  {"POST", strings.ToLower(endpoint), body, nil, http.StatusOK, `{"errorCode":0,`},
		"with a slash at its end":  {"POST", endpoint + "/", body, nil, http.StatusOK, `{"errorCode":0,`},
		"a GET of it":              {"GET", endpoint + "/", body, nil, http.StatusMethodNotAllowed, refused + "this takes the method POST"},
		"called a form":            {"POST", endpoint, body, []string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusOK, `{"errorCode":0,`},
		"called text":              {"POST", endpoint, body, []string{"Content-Type", "text/plain; charset=UTF-8"}, http.StatusOK, `{"errorCode":0,`},
		"in another charset":       {"POST", endpoint, body, []string{"Content-Type", "application/json; charset=utf-16"}, http.StatusUnsupportedMediaType, refused},
		"compressed":               {"POST", endpoint, body, []string{"Content-Encoding", "gzip"}, http.StatusUnsupportedMediaType, refused},
		"a GET with a body":        {"GET", endpoint, body, nil, http.StatusMethodNotAllowed, refused + "this takes the method POST"},
		"another method":           {"PUT", endpoint, body, nil, http.StatusMethodNotAllowed, refused + "this takes the method POST"},
		"too large":                {"POST", endpoint, body + strings.Repeat(" ", 8<<10), nil, http.StatusRequestEntityTooLarge, refused},
		"nothing":                  {"POST", endpoint, "", nil, http.StatusOK, refused + "The body can't be read"},
		"no picture":               {"GET", endpoint + "/qrcode/ABC", "", nil, http.StatusGone, "This picture was shown before"},
		"below, where nothing is":  {"GET", endpoint + "/other", "", nil, http.StatusNotFound, refused + "there is nothing here"},
		"no picture, two slashes":  {"GET", endpoint + "//qrcode//ABC", "", nil, http.StatusNotFound, refused + "there is nothing here"},
		"no picture, escaped":      {"GET", endpoint + "%2F%71rcode%2fABC", "", nil, http.StatusGone, "This picture was shown before"},
		"no picture, by a dot":     {"GET", endpoint + "/./x/../QRcode/ABC", "", nil, http.StatusNotFound, refused + "there is nothing here"},
		"no picture, below it":     {"GET", endpoint + "/qrcode/x/ABC", "", nil, http.StatusGone, "This picture was shown before"},
		"no picture, escaped more": {"GET", endpoint + "/%2571rcode/ABC", "", nil, http.StatusNotFound, refused + "there is nothing here"},
		"no picture, after a ;":    {"GET", endpoint + ";x=1/qrcode/ABC", "", nil, http.StatusGone, "This picture was shown before"},
		"no picture, a backslash":  {"GET", endpoint + "%5Cqrcode%5CABC", "", nil, http.StatusGone, "This picture was shown before"},
		"a path that is like ours": {"POST", endpoint + "x", body, nil, http.StatusUnauthorized, ""},
	} {
		resp := g.do(c.method, c.path, c.body, c.headers...)
		_ = resp.Body.Close()
		status, answer := g.request(c.method, c.path, c.body, c.headers...)
		if status != c.status || !strings.HasPrefix(answer, c.answer) || (status == http.StatusMethodNotAllowed) != (resp.Header.Get("Allow") == "POST") {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	g.wantNoSecrets()
}
