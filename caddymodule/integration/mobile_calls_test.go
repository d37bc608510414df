package integration

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// What devices call takes POSTs of one strict JSON object, and tells nothing of what is
// wrong with who calls (MOB-01, MOB-02).
func TestCallsOfDevices(t *testing.T) {
	d := open(t, "factors totp\npublic_url https://app.example.com", "")
	const answer = "/.doorward/device/answer"
	for _, c := range []struct {
		name, method, path, kind, body string
		want                           int
	}{
		{"a GET", "GET", answer, "", "", 405},
		{"a GET of waiting", "GET", "/.doorward/device/waiting", "", "", 405},
		{"a PUT", "PUT", "/.doorward/device/enrol", "application/json", "{}", 405},
		{"no type", "POST", answer, "", `{"answer":"x"}`, 415},
		{"a form", "POST", answer, "application/x-www-form-urlencoded", "answer=x", 415},
		{"text", "POST", answer, "text/plain", `{"answer":"x"}`, 415},
		{"nothing", "POST", answer, "application/json", "", 400},
		{"no object", "POST", answer, "application/json", `["answer","x"]`, 400},
		{"no member", "POST", answer, "application/json", `{}`, 400},
		{"an empty one", "POST", answer, "application/json", `{"answer":""}`, 400},
		{"a number", "POST", answer, "application/json", `{"answer":7}`, 400},
		{"nested", "POST", answer, "application/json", `{"answer":{"answer":"x"}}`, 400},
		{"null", "POST", answer, "application/json", `{"answer":null}`, 400},
		{"twice", "POST", answer, "application/json", `{"answer":"x","answer":"x"}`, 400},
		{"another case", "POST", answer, "application/json", `{"Answer":"x"}`, 400},
		{"one more", "POST", answer, "application/json", `{"answer":"x","other":"x"}`, 400},
		{"an address with an answer", "POST", answer, "application/json", `{"answer":"x","address":"x"}`, 400},
		{"more after it", "POST", answer, "application/json", `{"answer":"x"} {}`, 400},
		{"cut off", "POST", answer, "application/json", `{"answer":"x"`, 400},
		{"no UTF-8", "POST", answer, "application/json", "{\"answer\":\"\xff\"}", 400},
		{"too long", "POST", answer, "application/json", `{"answer":"` + strings.Repeat("x", 8<<10) + `"}`, 413},
		{"no signature", "POST", answer, "application/json; charset=utf-8", `{"answer":"x"}`, 401},
		{"no fetch", "POST", "/.doorward/device/waiting", "application/json", `{"fetch":"a.b.c"}`, 401},
		{"no token", "POST", "/.doorward/device/enrol", "application/json", `{"token":"ABC","public_key":"AAAA","proof":"a.b.c"}`, 401},
		{"no token, and an address", "POST", "/.doorward/device/enrol", "application/json", `{"token":"ABC","public_key":"AAAA","proof":"a.b.c","address":"x"}`, 401},
		{"an address that is a number", "POST", "/.doorward/device/enrol", "application/json", `{"token":"ABC","public_key":"AAAA","proof":"a.b.c","address":7}`, 400},
		{"no key", "POST", "/.doorward/device/enrol", "application/json", `{"token":"ABC","public_key":"?","proof":"a.b.c"}`, 400},
		{"half of it", "POST", "/.doorward/device/enrol", "application/json", `{"token":"ABC","public_key":"AAAA"}`, 400},
		{"a name of ours alone", "POST", "/.doorward/device/answer/", "application/json", `{"answer":"x"}`, 404},
	} {
		headers := []string{}
		if c.kind != "" {
			headers = []string{"Content-Type", c.kind}
		}
		status, text, header := d.do(c.method, c.path, c.body, headers...)
		if status != c.want || header.Get("Set-Cookie") != "" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v %s, want %d", c.name, status, header, text, c.want)
		}
		if c.want == http.StatusNotFound { // a page says so
			continue
		}
		var problem struct {
			Type, Title, Detail string
			Status              int
		}
		if err := json.Unmarshal([]byte(text), &problem); err != nil || problem.Status != c.want || problem.Detail == "" || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v %v %s", c.name, err, header, text)
		}
		if (c.want == 405) != (header.Get("Allow") == "POST") || (c.want == 401) != (header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: %v", c.name, header)
		}
		if c.want == 401 && !strings.Contains(text, "No device that counts here") {
			t.Errorf("%s tells more: %s", c.name, text)
		}
	}
}

// Devices call at every site that has the portal, without a session, below its prefix, and
// over TLS or on this machine alone.
func TestWhereDevicesCall(t *testing.T) {
	app := newBackend(t, nil)
	port := freePort(t)
	globals := "public_url https://app.example.com\nfactors mobile_application totp\nchannel mobile_application log {\ninsecure\n}\nportal {\nprefix /door/\n}"
	config := caddyfile(globals, "", "reverse_proxy "+app.Listener.Addr().String()) + `
	http://other.example:` + port + ` {
		bind 127.0.0.1
		route {
			doorward_portal
			respond "the app" 418
		}
	}`
	config = strings.Replace(config, "{\n", "{\nservers {\ntrusted_proxies static 127.0.0.0/8\n}\n", 1)
	d := openPrefixed(t, app, config)
	if status, text := d.post("/door/device/answer", `{"answer":"x"}`); status != http.StatusUnauthorized {
		t.Errorf("%d %s", status, text)
	}
	if app.hits.Load() > 0 {
		t.Error("the app is asked")
	}
	for scheme, want := range map[string]int{"https": 401, "http": 403} { // from a proxy that is trusted
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:"+port+"/door/device/answer", strings.NewReader(`{"answer":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "other.example:" + port
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Forwarded-Proto", scheme)
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("over %s: %d, want %d", scheme, resp.StatusCode, want)
		}
	}
	var made admin.DeviceWithSecret
	d.call("device/add", admin.AddDevice{User: d.name, Kind: "mobile_application", Address: "PUSH"}, &made)
	if !strings.HasPrefix(made.URI, "doorward://enrol?url=https%3A%2F%2Fapp.example.com%2Fdoor%2Fdevice&token="+made.Secret+"&") || made.Status != "pending" {
		t.Errorf("the app is told %s", made.URI)
	}
}

// openPrefixed is a gateway with a user and no device, whose routes stand below /door/.
func openPrefixed(t *testing.T, app *backend, config string) *door {
	t.Helper()
	c := caddytestkit.Start(t, config)
	d := &door{Caddy: c, app: app, client: c.Client("gate"), name: "alice", t: t}
	for range 100 {
		if status, _ := d.get("/door/ready"); status == http.StatusOK {
			break
		}
	}
	d.call("user/add", admin.AddUser{Name: d.name}, &admin.UserWithPassword{})
	return d
}

// LOG-01: neither Caddy's logs nor ours have the token of an app, or what it signs.
func TestLogsHoldNothingOfDevices(t *testing.T) {
	h := openLogged(t)
	uri := h.scanned()
	if _, err := h.app("enrol", uri); err != nil {
		t.Fatal(err)
	}
	page := h.showPassword(h.browser(), "/x").want(http.StatusOK)
	h.says(page.number())
	page.again().want(http.StatusOK)
	token := strings.SplitN(strings.SplitN(uri, "token=", 2)[1], "&", 2)[0]
	var log strings.Builder
	for _, name := range []string{"caddy.log", "access.log"} {
		text, err := os.ReadFile(filepath.Join(h.Dir, name))
		if err != nil || len(text) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(text), err)
		}
		log.Write(text)
	}
	for _, want := range []string{`"call":"device/enrol"`, `"call":"device/waiting"`, `"call":"device/answer"`, `"uri":"/x"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s: it proves nothing", want)
		}
	}
	for _, secret := range []string{token, h.password, "doorward-answer", "eyJ", "/.doorward/device/", "flow="} {
		if at := strings.Index(log.String(), secret); at >= 0 {
			t.Errorf("%q is in the log: %.300s", secret, log.String()[max(0, at-100):])
		}
	}
}

// openLogged is openHandset with logs at DEBUG, before its app is enrolled.
func openLogged(t *testing.T) *handset {
	t.Helper()
	app, post := newBackend(t, nil), newPostbox(t)
	site := "http://localhost:" + freePort(t)
	const access = "log {\nlevel DEBUG\noutput file \"{$KIT_DIR}/access.log\"\n}\n"
	config := caddyfile("public_url "+site+"\nfactors mobile_application totp hotp\nchannel mobile_application http "+post.URL+"/", "",
		access+"reverse_proxy "+app.Listener.Addr().String()) + "\n" + site + " {\nbind 127.0.0.1\n" + access + "doorward\n}"
	config = strings.Replace(config, "doorward {", "log {\nlevel DEBUG\noutput file \"{$KIT_DIR}/caddy.log\"\n}\ndoorward {", 1)
	return &handset{openBefore(t, app, config), post, "PUSH-1", filepath.Join(t.TempDir(), "app.json")}
}
