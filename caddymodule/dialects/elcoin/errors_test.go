package elcoin

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// wireError is what is read of an answer that is an error.
type wireError struct {
	Status string
	Text   string `json:"error_description"`
	Total  int    `json:"total_records"`
}

// Every code and every reason of the core has a row, and no failure reads as a success.
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
		new(Elcoin).WriteError(w, &authcore.Error{Code: authcore.CodeConflict, Message: "why", Reason: reason})
		wantError(t, w, row)
	}
	for _, code := range authcore.Codes() {
		w := httptest.NewRecorder()
		new(Elcoin).WriteError(w, authcore.Errorf(code, "why"))
		wantError(t, w, table[code])
	}
}

func wantError(t *testing.T, w *httptest.ResponseRecorder, row dialect.Row) {
	t.Helper()
	var e wireError
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.Status != "error" || e.Total != -2 || w.Code != row.Status || row.Code == "" || !strings.HasPrefix(e.Text, "["+row.Code) {
		t.Errorf("%d %s, want %d %s", w.Code, w.Body, row.Status, row.Code)
	}
	if w.Header().Get("Content-Type") != "application/json; charset=utf-8" || (w.Header().Get("WWW-Authenticate") != "") != (row.Status == http.StatusUnauthorized) {
		t.Errorf("%s: %v", row.Code, w.Header())
	}
}

// What HTTP refuses keeps its status; what a store says of itself stays here; always_200
// changes the status and nothing else.
func TestWriteError(t *testing.T) {
	late := &authcore.Error{Code: authcore.CodeThrottled, Message: "too many", Reason: authcore.ReasonRate, RetryAfter: 90 * time.Second}
	for want, err := range map[string]error{
		"413 [ERROR-TOO-LARGE : the body is too large]":                                  dialect.Refuse(http.StatusRequestEntityTooLarge, "the body is too large"),
		"415 [ERROR-MEDIA-TYPE : send JSON]":                                             dialect.Refuse(http.StatusUnsupportedMediaType, "send JSON"),
		"408 [ERROR-TIMEOUT : slow]":                                                     dialect.Refuse(http.StatusRequestTimeout, "slow"),
		"404 [ERROR-NOT-FOUND : nothing]":                                                dialect.Refuse(http.StatusNotFound, "nothing"),
		"405 [ERROR-METHOD : POST]":                                                      dialect.Refuse(http.StatusMethodNotAllowed, "POST"),
		"400 [ERROR-VALIDATION : cut off]":                                               dialect.Refuse(http.StatusBadRequest, "cut off"),
		"403 [ERROR-FORBIDDEN : over HTTPS only]":                                        &dialect.StatusError{Status: http.StatusForbidden, Err: authcore.Errorf(authcore.CodeForbidden, "over HTTPS only")},
		"503 [ERROR-UNAVAILABLE : the service can't answer right now, please try again]": authcore.Unavailable(errors.New("dial tcp 192.0.2.1")),
		"500 [ERROR-INTERNAL]":                                                           errors.New("secret"),
		"401 [ERROR-UNAUTHORIZED]":                                                       authcore.Errorf(authcore.CodeUnauthenticated, "the key is wrong"),
		"403 [ERROR-LOGIN-AGAIN : log in again]":                                         authcore.Errorf(authcore.CodeStepUp, "log in again"),
		"200 [ERROR-CONFLICT : he has 5 already]":                                        authcore.Errorf(authcore.CodeConflict, "he has 5 already"),
		"200 [RECORD-NOT-FOUND]":                                                         &authcore.Error{Code: authcore.CodeNotFound, Message: "no such device", Reason: authcore.ReasonNoDevice},
		"200 [CLIENT-NOT-FOUND]":                                                         &authcore.Error{Code: authcore.CodeNotFound, Message: "no such user", Reason: authcore.ReasonNoUser},
		"200 [ERROR-RECORD-CHANGED : read it again]":                                     &authcore.Error{Code: authcore.CodeConflict, Message: "read it again", Reason: authcore.ReasonStale},
		"200 [ERROR-FIELD-FIXED : x can't be changed: make another device]":              fixed("x"),
		"429 [ERROR-TOO-MANY-REQUESTS : too many]":                                       late,
		"200 [ERROR-VALIDATION : 'x' is missing]":                                        invalid("'x' is missing"),
	} {
		for _, always := range []bool{false, true} {
			w := httptest.NewRecorder()
			(&Elcoin{Always200: always}).WriteError(w, err)
			var e wireError
			if bad := json.Unmarshal(w.Body.Bytes(), &e); bad != nil {
				t.Error(bad)
			}
			status, text, _ := strings.Cut(want, " ")
			if always {
				status = "200"
			}
			if e.Text != text || strconv.Itoa(w.Code) != status || (w.Header().Get("Retry-After") == "90") != errors.Is(err, late) {
				t.Errorf("%d %s, want %s; %v", w.Code, e.Text, want, w.Header())
			}
		}
	}
}
