package elcoin

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// Every code of the core has a word, no failure reads as a token, and who shows something
// wrong is told one thing, whatever it was (law 12).
func TestOAuthTable(t *testing.T) {
	if missing := oauthTable.Missing(); len(missing) > 0 {
		t.Errorf("no row for %q", missing)
	}
	for code, row := range oauthTable {
		if row.Code == "" || row.Status < http.StatusBadRequest {
			t.Errorf("%s: %+v", code, row)
		}
	}
	said := map[string]bool{}
	for _, reason := range append(authcore.Reasons(), "") {
		if oauthReasons[reason].Code != "" {
			continue
		}
		w := httptest.NewRecorder()
		new(Elcoin).failOAuth(w, nil, &authcore.Error{Code: authcore.CodeUnauthenticated, Message: "why " + string(reason), Reason: reason})
		said[fmt.Sprint(w.Code, w.Body)] = true
	}
	if len(said) != 1 {
		t.Errorf("%v", said)
	}
}

// The short form, with what RFC 6749 section 5.1 and RFC 9110 want in the head; what a store
// says of itself stays here.
func TestFailOAuth(t *testing.T) {
	for _, c := range []struct {
		err    error
		always bool
		want   string
		header string // that is set beside those of all
	}{
		{&authcore.Error{Code: authcore.CodeThrottled, Message: "later", RetryAfter: 90 * time.Second}, false, `429 {"error":"slow_down","error_description":"later"}`, "Retry-After: 90"},
		{&authcore.Error{Code: authcore.CodeThrottled, Message: "later", RetryAfter: 90 * time.Second}, true, `200 {"error":"slow_down","error_description":"later"}`, "Retry-After: 90"},
		{&authcore.Error{Code: authcore.CodeUnauthenticated, Message: "no", Reason: authcore.ReasonIntegrator}, false, `401 {"error":"invalid_client","error_description":"There is no such client, or its secret is wrong."}`, "Www-Authenticate: Bearer"},
		{&authcore.Error{Code: authcore.CodeUnauthenticated, Message: "no", Reason: authcore.ReasonIntegrator}, true, `200 {"error":"invalid_client","error_description":"There is no such client, or its secret is wrong."}`, ""},
		{authcore.Unavailable(errors.New("dial tcp 192.0.2.1")), false, `503 {"error":"temporarily_unavailable","error_description":"the service can't answer right now, please try again"}`, "Retry-After: 1"},
		{errors.New("secret"), false, `500 {"error":"server_error","error_description":"internal error"}`, ""},
		{dialect.Refuse(http.StatusRequestEntityTooLarge, "the body is too large"), false, `413 {"error":"invalid_request","error_description":"the body is too large"}`, ""},
		{&dialect.StatusError{Status: http.StatusForbidden, Err: authcore.Errorf(authcore.CodeForbidden, "over HTTPS only")}, false, `403 {"error":"access_denied","error_description":"over HTTPS only"}`, ""},
		{&authcore.Error{Code: authcore.CodeForbidden, Message: "no", Reason: authcore.ReasonOperation}, false, `200 {"error":"invalid_scope","error_description":"Invalid scope."}`, ""},
		{&authcore.Error{Code: authcore.CodeUnauthenticated, Message: "no", Reason: authcore.ReasonDenied}, false, `400 {"error":"access_denied","error_description":"The device said no."}`, ""},
		{&authcore.Error{Code: authcore.CodeConflict, Message: "no", Reason: authcore.ReasonUnanswered}, false, `400 {"error":"authorization_pending","error_description":"The device has not answered yet."}`, ""},
	} {
		w := httptest.NewRecorder()
		(&Elcoin{Always200: c.always}).failOAuth(w, nil, c.err)
		if got := fmt.Sprint(w.Code, " ", w.Body); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		name, value, _ := strings.Cut(c.header, ": ")
		if w.Header().Get(name) != value || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Pragma") != "no-cache" || c.header == "" && w.Header().Get("Www-Authenticate") != "" {
			t.Errorf("%s: %v", c.want, w.Header())
		}
	}
}

// Every word that a client can bring about is in a transcript.
func TestEveryOAuthWordHasATranscript(t *testing.T) {
	files, err := filepath.Glob("testdata/oauth/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	text := ""
	for _, file := range files {
		one, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text += string(one)
	}
	for _, row := range []dialect.Row{
		invalidRequest, invalidClient, invalidGrant, invalidScope, unsupportedGrantType, unsupportedResponseType, authorizationPending, denied,
		slowDown, enrolmentRequired,
		{Status: http.StatusOK, Code: mfaRequired},
		{Status: http.StatusOK, Code: mfaCodeRequired},
	} {
		found := false
		for line := range strings.Lines(text) {
			found = found || strings.HasPrefix(line, fmt.Sprintf("< %d {", row.Status)) && strings.Contains(line, `"error":"`+row.Code+`"`)
		}
		if !found {
			t.Errorf("no transcript has %d %s", row.Status, row.Code)
		}
	}
	for name := range oauthSteps {
		if !strings.Contains(text, "> POST /oauth/v2/"+name+"\n") {
			t.Errorf("no transcript has %s", name)
		}
	}
}

// Law 5: a number loses the zeros at its beginning, and nothing else is made a code.
func TestPadded(t *testing.T) {
	for code, want := range map[string]string{
		"0": "000000", "7": "000007", "12345": "012345", "123456": "123456", "000001": "000001", "1234567": "01234567", "12345678": "12345678",
		"": "", "-1": "-1", "1.5": "1.5", "1e5": "1e5", " 1": " 1", "abcd": "abcd", "١٢": "١٢", "12\n": "12\n",
	} {
		if got := padded(code); got != want {
			t.Errorf("%q becomes %q, want %q", code, got, want)
		}
	}
}

// Whatever is below /oauth/v2/ is ours, and nothing else.
func TestOAuthRoutes(t *testing.T) {
	e := &Elcoin{Prefix: "/bank"}
	for path, name := range map[string]string{
		"/bank/oauth/v2/login": "elcoin/oauth/v2/login", "/bank/oauth/v2/token": "elcoin/oauth/v2/token", "/bank/oauth/v2/sign": "elcoin/oauth/v2/…",
		"/bank/oauth/v2/": "elcoin/oauth/v2/…", "/bank/oauth/v2/login/x": "elcoin/oauth/v2/…", "/bank/oauth/v2/Login": "elcoin/oauth/v2/…",
		"/oauth/v2/login": "", "/bank/oauth/v2": "", "/bank/oauth/v1/login": "", "/bank/api/oauth/v2/login": "", "/x/bank/oauth/v2/login": "",
	} {
		if route, ok := e.Route(http.MethodPost, path); ok != (name != "") || route.Name != name || ok && (route.Fail == nil || route.Serve == nil) {
			t.Errorf("%s: %v %q", path, ok, route.Name)
		}
	}
}

// Two devices that look alike have two names, of which the first never changes.
func TestNamesOfWays(t *testing.T) {
	phone := func(n int64, address string) authcore.Device {
		return authcore.Device{Kind: authcore.KindPhone, Number: n, Address: address}
	}
	ways := waysOf([]authcore.Device{
		phone(3, "+79001234567"), phone(8, "+79007654567"), phone(9, "+79007654567"), phone(10, "+79007654568"), {Kind: authcore.KindHOTP, Serial: "S1"}, {Kind: authcore.KindTOTP, Serial: "S123"}, {ID: "1", Kind: authcore.KindTOTP},
	}, map[string]authcore.Attributes{"1": {numberAttribute: "demo"}})
	if got, want := strings.Join(namesOf(ways), " "), "oob:phone:+79*67 oob:phone:+79*67#8 oob:phone:+79*67#9 oob:phone:+79*68 oob:totp:S*3 oob:totp:d*o"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, name := range []string{"", "oob:phone:", "oob:phone:+79*67#3", "oob:phone:+79001234567", "OOB:phone:+79*67"} {
		if w, ok := choose(ways, name); ok || w.device.Number != 0 {
			t.Errorf("%q chooses %+v", name, w)
		}
	}
	if w, ok := choose(ways, "oob:phone:+79*67#9"); !ok || w.device.Number != 9 {
		t.Errorf("%+v, %v", w, ok)
	}
}
