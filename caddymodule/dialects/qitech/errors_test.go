package qitech

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// Section 3: every code and every reason of the core has a row, every row its texts, and no
// failure reads as a success.
func TestTableIsComplete(t *testing.T) {
	if missing := table.Missing(); len(missing) > 0 {
		t.Errorf("no row for %q", missing)
	}
	if len(authcore.Reasons()) != len(rows) {
		t.Errorf("the core has %d reasons, the table %d", len(authcore.Reasons()), len(rows))
	}
	for _, reason := range authcore.Reasons() {
		row, known := rows[reason]
		if !known {
			t.Errorf("no row for the reason %s", reason)
		}
		w := httptest.NewRecorder()
		new(QITech).WriteError(w, &authcore.Error{Code: authcore.CodeConflict, Message: "why", Reason: reason})
		wantError(t, w, row.Status, row.Code)
	}
	for _, code := range authcore.Codes() {
		w := httptest.NewRecorder()
		new(QITech).WriteError(w, authcore.Errorf(code, "why"))
		wantError(t, w, table[code].Status, table[code].Code)
	}
}

func wantError(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	var e struct{ Title, Description, Translation, Code string }
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != status || w.Code < 400 || e.Code != code || e.Title == "" || e.Description == "" || e.Translation == "" {
		t.Errorf("%d %s, want %d %s", w.Code, w.Body, status, code)
	}
	if w.Header().Get("Content-Type") != "application/json; charset=utf-8" || (w.Header().Get("WWW-Authenticate") != "") != (status == http.StatusUnauthorized) {
		t.Errorf("%s: %v", code, w.Header())
	}
}

// Every code is written as errors.txt has it, which the transcripts hold the answers against.
func TestTexts(t *testing.T) {
	all, err := os.ReadFile("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for line := range strings.Lines(string(all)) {
		_, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		wanted[body] = true
	}
	for code, text := range texts {
		e := wireError{words: text, Code: code}
		if details[code] {
			e.ExtraFields.Detail = "{detail}"
		}
		body, err := json.Marshal(e)
		if err != nil || !wanted[string(body)] {
			t.Errorf("%s is not in errors.txt: %v", body, err)
		}
	}
	if len(wanted) != len(texts) {
		t.Errorf("%d codes, and errors.txt has %d", len(texts), len(wanted))
	}
	for code := range details {
		if _, known := texts[code]; !known || strings.HasPrefix(code, "OBD") {
			t.Errorf("%s has a detail", code)
		}
	}
}

// What HTTP refuses keeps its status; what a store says of itself stays here.
func TestWriteError(t *testing.T) {
	late := &authcore.Error{Code: authcore.CodeThrottled, Message: "too many", Reason: authcore.ReasonPaused, RetryAfter: 90 * time.Second}
	for want, err := range map[string]error{
		"413 QIT000001 the body is too large":        dialect.Refuse(http.StatusRequestEntityTooLarge, "the body is too large"),
		"415 QIT000001 send JSON":                    dialect.Refuse(http.StatusUnsupportedMediaType, "send JSON"),
		"408 QIT000001 slow":                         dialect.Refuse(http.StatusRequestTimeout, "slow"),
		"404 not_found nothing":                      dialect.Refuse(http.StatusNotFound, "nothing"),
		"405 method_not_allowed PUT":                 dialect.Refuse(http.StatusMethodNotAllowed, "PUT"),
		"403 forbidden over HTTPS only":              &dialect.StatusError{Status: http.StatusForbidden, Err: authcore.Errorf(authcore.CodeForbidden, "over HTTPS only")},
		"503 unavailable ":                           authcore.Unavailable(errors.New("dial tcp 192.0.2.1")),
		"500 internal ":                              errors.New("secret"),
		"401 unauthorized ":                          authcore.Errorf(authcore.CodeUnauthenticated, "the key is wrong"),
		"400 OBD000097 ":                             late,
		"400 OBD000091 ":                             noTFA,
		"403 OBD000094 ":                             &failure{notCreator, &authcore.Error{Code: authcore.CodeForbidden, Reason: authcore.ReasonOperation}},
		"403 forbidden log in again":                 authcore.Errorf(authcore.CodeStepUp, "log in again"),
		"409 conflict he has 20 already":             authcore.Errorf(authcore.CodeConflict, "he has 20 already"),
		"404 OBD000100 ":                             &authcore.Error{Code: authcore.CodeNotFound, Message: "no such device", Reason: authcore.ReasonNoDevice},
		"400 OBD0000100 ":                            &authcore.Error{Code: authcore.CodeInvalid, Message: "wrong", Reason: authcore.ReasonWrongCode},
		"429 too_many_requests integrator: too many": &authcore.Error{Code: authcore.CodeThrottled, Message: "integrator: too many", Reason: authcore.ReasonRate},
		"400 QIT000001 'token' is missing":           invalid("'token' is missing"),
	} {
		w := httptest.NewRecorder()
		new(QITech).WriteError(w, err)
		var e struct {
			Code  string
			Extra struct{ Detail string } `json:"extra_fields"`
		}
		if bad := json.Unmarshal(w.Body.Bytes(), &e); bad != nil {
			t.Error(bad)
		}
		if got := strconv.Itoa(w.Code) + " " + e.Code + " " + e.Extra.Detail; got != want || (w.Header().Get("Retry-After") == "90") != errors.Is(err, late) {
			t.Errorf("%s, want %s; %v", got, want, w.Header())
		}
	}
}
