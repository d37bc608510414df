package gate

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

// bound makes a client device of alice's, and gives a token of a session that is bound to it.
func (o *guarded) bound(t *testing.T) (token, device string) {
	t.Helper()
	u, err := o.core.Users.Get(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	d := authcore.Device{
		ID: "11111111-1111-4111-8111-111111111111", Tenant: u.Tenant, UserID: u.ID, Serial: "BROWSER", Kind: authcore.KindClient,
		Status: authcore.StatusActive, LastCounter: -1, CreatedAt: o.clock.Now(),
	}
	sum := sha256.Sum256([]byte("secret"))
	must(t, o.store.Write(t.Context(), func(tx authcore.Tx) error {
		return errors.Join(tx.CreateDevice(d), tx.CreateClient(authcore.Client{DeviceID: d.ID, Marks: authcore.Marks{Secret: sum[:]}}))
	}))
	p, err := o.core.Gatekeeper.Authenticate(t.Context(), o.signIn(t, "bob", "test"), "doorward")
	must(t, err)
	if _, err := o.core.Logins.Bind(t.Context(), authcore.ActingUser(p), authcore.Attempt{Audience: "doorward", ClientID: "test"}, authcore.Binding{Secret: "secret"}); authcore.CodeOf(err) != authcore.CodeForbidden {
		t.Fatalf("another's device: %v", err)
	}
	p, err = o.core.Gatekeeper.Authenticate(t.Context(), o.token, "doorward")
	must(t, err)
	login, err := o.core.Logins.Bind(t.Context(), authcore.ActingUser(p), authcore.Attempt{Audience: "doorward", ClientID: "test"}, authcore.Binding{Secret: "secret"})
	must(t, err)
	return login.Token, d.ID
}

// Issue 7: where a device is required, a session that is bound to one passes and any other
// is refused in the form that its client reads, with the page where something can be done
// about it; the app is not asked.
func TestRequireDevice(t *testing.T) {
	o := led(t, &Gate{Require: []*Require{{Device: true}}})
	with := func(method string, headers ...string) *httptest.ResponseRecorder {
		return o.serve(t, asking(method, "/vault?a=b", append(headers, "Cookie", "__Host-doorward="+o.token)...))
	}
	navigates := []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest"}
	if w := with("GET", append(navigates, "document")...); w.Code != 303 || w.Header().Get("Location") != "/.doorward/browser?to=%2Fvault%3Fa%3Db" {
		t.Errorf("a page: %d %v", w.Code, w.Header())
	}
	w := with("GET", "Sec-Fetch-Mode", "cors")
	var p struct {
		Title, Detail string
		Status        int
		Device        string `json:"register_device"`
	}
	if must(t, json.Unmarshal(w.Body.Bytes(), &p)); w.Code != 403 || w.Header().Get("Content-Type") != problemType || w.Header().Get("WWW-Authenticate") != "" ||
		p.Status != 403 || p.Device != "/.doorward/browser" || !strings.HasPrefix(p.Detail, "A session on a registered device is required. Register this device") {
		t.Errorf("a script: %d %v %s", w.Code, w.Header(), w.Body)
	}
	for what, c := range map[string]struct {
		w          *httptest.ResponseRecorder
		text, link string
	}{
		"a form":  {with("POST", append(navigates, "document")...), "nothing was passed on", `href="/.doorward/browser"`},
		"a frame": {with("GET", append(navigates, "iframe")...), "in a tab of its own", `href="/.doorward/browser?to=%2fvault%3Fa%3Db"`},
	} {
		if body := c.w.Body.String(); c.w.Code != 403 || !strings.Contains(body, c.text) || !strings.Contains(strings.ToLower(body), strings.ToLower(c.link)) || strings.Contains(body, "sign-out") {
			t.Errorf("%s: %d %s", what, c.w.Code, body)
		}
	}
	if w := with("POST", "Content-Type", "application/grpc"); w.Header().Get("Grpc-Status") != "7" {
		t.Errorf("gRPC: %v", w.Header())
	}
	if w := with("GET", "Connection", "Upgrade", "Upgrade", "websocket"); w.Code != 403 {
		t.Errorf("a WebSocket: %d", w.Code)
	}
	if w := o.serve(t, asking("GET", "/vault")); w.Code != 401 {
		t.Errorf("nobody: %d", w.Code)
	}
	if o.hits != 0 {
		t.Fatalf("the app got %d requests", o.hits)
	}
	o.token, _ = o.bound(t)
	for _, w := range []*httptest.ResponseRecorder{with("GET"), with("GET", append(navigates, "document")...), with("POST")} {
		if w.Code != 200 {
			t.Errorf("bound: %d %s", w.Code, w.Body)
		}
	}
	if o.hits != 3 {
		t.Errorf("the app got %d requests", o.hits)
	}
}

// A gate alone has no page to lead to: a person reads whom to ask.
func TestRequireDeviceWithoutAPortal(t *testing.T) {
	o := guard(t, &Gate{Require: []*Require{{Device: true}}})
	w := o.serve(t, asking("GET", "/", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Cookie", "__Host-doorward="+o.token))
	if w.Code != 403 || w.Header().Get("Location") != "" || !strings.Contains(w.Body.String(), "Ask whoever runs this site how to register yours") || strings.Contains(w.Body.String(), "href=\"/.doorward/browser") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := o.get(t); strings.Contains(w.Body.String(), "register_device") || o.hits != 0 {
		t.Errorf("%s, %d hits", w.Body, o.hits)
	}
}

// Law 10: every requirement that matches applies; the device comes last, so that nobody
// registers one for what he may not see anyway.
func TestEveryRequirementApplies(t *testing.T) {
	o := guard(t, &Gate{Open: []authcore.OpenPath{"/*"}, Require: []*Require{{Device: true}, {Groups: []string{"admins"}}, {OTPMaxAge: caddy.Duration(5 * time.Minute)}}})
	if w := o.get(t); w.Code != 403 || !strings.Contains(w.Body.String(), "group") {
		t.Errorf("without the group: %d %s", w.Code, w.Body)
	}
	o.Require = []*Require{o.Require[0], o.Require[2]}
	if w := o.get(t); w.Code != 403 || !strings.Contains(w.Body.String(), "registered device") {
		t.Errorf("without the device: %d %s", w.Code, w.Body)
	}
	o.token, _ = o.bound(t)
	if w := o.get(t); w.Code != 200 {
		t.Errorf("bound: %d %s", w.Code, w.Body)
	}
	o.clock.Turn(6 * time.Minute)
	if w := o.get(t); w.Code != 401 || o.hits != 1 {
		t.Errorf("with a code that is too old: %d, %d hits", w.Code, o.hits)
	}
}

// What comes after the gate sees the device that the session is bound to.
func TestPlaceholderOfTheDevice(t *testing.T) {
	o := guard(t, new(Gate))
	free, err := o.core.Gatekeeper.Authenticate(t.Context(), o.token, "doorward")
	must(t, err)
	token, device := o.bound(t)
	bound, err := o.core.Gatekeeper.Authenticate(t.Context(), token, "doorward")
	must(t, err)
	for p, want := range map[*authcore.Principal]string{free: "", bound: device} {
		repl := caddy.NewEmptyReplacer()
		repl.Map(show(p).(*shown).placeholders)
		if got := repl.ReplaceAll("{http.auth.user.client_device}", "?"); got != want && want != "" || want == "" && got != "?" {
			t.Errorf("it is %q, want %q", got, want)
		}
	}
}
