package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range authcore.Codes() {
		if statuses[code] < 400 {
			t.Errorf("code %s: status %d", code, statuses[code])
		}
	}
	if len(statuses) != len(authcore.Codes()) {
		t.Errorf("%d statuses for %d codes", len(statuses), len(authcore.Codes()))
	}
}

func TestErrorsShowTheMessageAndKeepTheCause(t *testing.T) {
	cause := errors.New("disk on fire")
	var api caddy.APIError
	if !errors.As(apiError(authcore.Unavailable(cause)), &api) {
		t.Fatal("not a caddy.APIError")
	}
	if api.HTTPStatus != 503 || strings.Contains(api.Message, "fire") || !errors.Is(api.Err, cause) {
		t.Errorf("got %d %q %v", api.HTTPStatus, api.Message, api.Err)
	}
	if errors.As(apiError(cause), &api); api.HTTPStatus != 500 || api.Message != "internal error" {
		t.Errorf("a foreign error gives %d %q", api.HTTPStatus, api.Message)
	}
}

func TestOperationsDecodeStrictly(t *testing.T) {
	const secret = "open-sesame"
	for name, operate := range operations {
		for _, c := range []struct{ body, message string }{
			{`{"no_such_word":"` + secret + `"}`, `unknown field "no_such_word"`},
			{`[]`, "not a JSON object"},
			{`"` + secret + `"`, "not a JSON object"},
			{`{} {}`, "more than one JSON value"},
			{`{} ` + secret, "more than one JSON value"},
			{`{`, "ends before"},
			{``, "ends before"},
			{`{"` + secret + `}`, "ends before"},
			{secret, "not JSON, see byte 1"},
		} {
			// There is no core: whoever decodes too late crashes here.
			_, err := operate(t.Context(), nil, []byte(c.body))
			text := authcore.MessageOf(err)
			if authcore.CodeOf(err) != authcore.CodeInvalid || !strings.Contains(text, c.message) || strings.Contains(text, secret) {
				t.Errorf("%s with %s: %v", name, c.body, err)
			}
		}
	}
}

func TestWrongTypesAreNamedAndNotRepeated(t *testing.T) {
	for _, c := range []struct{ operation, body, message string }{
		{"user/add", `{"password":12345678}`, `the field "password" of the body has the wrong type: it must be string`},
		{"user/add", `{"groups":"admins"}`, `the field "groups" of the body has the wrong type: it must be []string`},
		{"device/add", `{"digits":"12345678"}`, `the field "digits" of the body has the wrong type: it must be int`},
		{"device/add", `{"digits":1e99}`, `the field "digits" of the body has the wrong type: it must be int`},
		{"device/resync", `{"first":123456}`, `the field "first" of the body has the wrong type: it must be string`},
		{"session/revoke", `{"session":{"id":1}}`, `the field "session" of the body has the wrong type: it must be string`},
	} {
		_, err := operations[c.operation](t.Context(), nil, []byte(c.body))
		if got := authcore.MessageOf(err); got != c.message {
			t.Errorf("%s %s: %q, want %q", c.operation, c.body, got, c.message)
		}
	}
}

func TestBadSecretIsNotRepeated(t *testing.T) {
	_, err := addDevice(t.Context(), nil, AddDevice{User: "alice", Kind: "totp", Secret: "GEZDGNBV!"})
	if text := authcore.MessageOf(err); authcore.CodeOf(err) != authcore.CodeInvalid || strings.Contains(text, "GEZ") {
		t.Errorf("got %v", err)
	}
}

func TestBadSecretOfAnImportIsNotRepeated(t *testing.T) {
	batch := ImportBatch{Rows: []ImportRow{{Line: 7, Serial: "S", Kind: "totp", Secret: "GEZDGNBV!"}}}
	for name, bring := range map[string]func(context.Context, *authcore.Core, ImportBatch) ([]ImportResult, error){"stage": stageImport, "check": checkImport} {
		_, err := bring(t.Context(), nil, batch)
		if text := authcore.MessageOf(err); authcore.CodeOf(err) != authcore.CodeInvalid || !strings.HasPrefix(text, "line 7: ") || strings.Contains(text, "GEZ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRotatingTakesLonger(t *testing.T) {
	for name := range operations {
		if slow := timeFor(name) > timeFor("user/list"); slow != slices.Contains([]string{"key/rotate", "seal/rotate", "store/restored"}, name) {
			t.Errorf("%s may take %s", name, timeFor(name))
		}
	}
}
