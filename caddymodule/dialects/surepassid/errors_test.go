package surepassid

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// Section 3: every code and every reason of the core has a return code, and no failure
// reads as a success.
func TestTableIsComplete(t *testing.T) {
	if missing := table.Missing(); len(missing) > 0 {
		t.Errorf("no row for %q", missing)
	}
	if len(authcore.Reasons()) != len(reasons) {
		t.Errorf("the core has %d reasons, the table %d", len(authcore.Reasons()), len(reasons))
	}
	for _, reason := range authcore.Reasons() {
		if _, known := reasons[reason]; !known {
			t.Errorf("no row for the reason %s", reason)
		}
	}
	for _, code := range authcore.Codes() {
		w := httptest.NewRecorder()
		new(SurePassID).WriteError(w, authcore.Errorf(code, "why"))
		if a := read(t, w); w.Code != http.StatusOK || a.ErrorCode == 0 || a.ErrorMessage == "OK" {
			t.Errorf("%s: %d %s", code, w.Code, w.Body)
		}
	}
	for reason := range reasons {
		w := httptest.NewRecorder()
		new(SurePassID).WriteError(w, &authcore.Error{Code: authcore.CodeConflict, Message: "why", Reason: reason})
		if a := read(t, w); a.ErrorCode != reasons[reason] || !strings.HasSuffix(a.ErrorMessage, "why") {
			t.Errorf("%s: %s", reason, w.Body)
		}
	}
}

func read(t *testing.T, w *httptest.ResponseRecorder) (a answer) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatalf("%s, %v", w.Body, err)
	}
	return a
}

// The vendor's numbers are 44, and 9024 is none of them.
func TestReturnCodes(t *testing.T) {
	if len(names) != 44 || names[9024] != "" {
		t.Errorf("%d", len(names))
	}
	seen := map[string]bool{}
	for n := 9000; n <= 9044; n++ {
		if n != 9024 && (names[n] == "" || seen[names[n]]) {
			t.Errorf("%d has the name %q", n, names[n])
		}
		seen[names[n]] = true
	}
	for reason, n := range reasons {
		if n != general && names[n] == "" {
			t.Errorf("%s is %d, which is no number of the vendor's", reason, n)
		}
	}
	for code, row := range table {
		if n, err := strconv.Atoi(row.Code); err != nil || n != general && names[n] == "" || row.Status != http.StatusOK {
			t.Errorf("%s: %+v", code, row)
		}
	}
}

// What the transport refuses keeps its status, in the form of the API; what a store
// says of itself stays here.
func TestWriteError(t *testing.T) {
	for want, err := range map[string]error{
		`413 {"errorCode":-1,"errorMessage":"the body is too large","type":""}`:                                                 dialect.Refuse(http.StatusRequestEntityTooLarge, "the body is too large"),
		`403 {"errorCode":-1,"errorMessage":"over HTTPS only","type":""}`:                                                       &dialect.StatusError{Status: http.StatusForbidden, Err: authcore.Errorf(authcore.CodeForbidden, "over HTTPS only")},
		`200 {"errorCode":9010,"errorMessage":"DatabaseError: the service can't answer right now, please try again","type":""}`: authcore.Unavailable(errors.New("dial tcp 192.0.2.1")),
		`200 {"errorCode":-1,"errorMessage":"internal error","type":""}`:                                                        errors.New("secret"),
		`200 {"errorCode":9013,"errorMessage":"InvalidDeviceConfig: no","type":""}`:                                             config(authcore.Errorf(authcore.CodeInvalid, "no")),
		`200 {"errorCode":9011,"errorMessage":"OTPTypeInvalid: no","type":""}`:                                                  config(fail(9011, "no")),
		`200 {"errorCode":9029,"errorMessage":"BogusSerialNumber: no","type":""}`:                                               config(&authcore.Error{Code: authcore.CodeInvalid, Message: "no", Reason: authcore.ReasonSerial}),
		`200 {"errorCode":9031,"errorMessage":"EmailSendError: no","type":""}`:                                                  unsent(&authcore.Error{Code: authcore.CodeUnavailable, Message: "no", Reason: authcore.ReasonUndelivered}, authcore.KindEmail, true),
		`200 {"errorCode":9010,"errorMessage":"DatabaseError: no","type":""}`:                                                   unsent(authcore.Errorf(authcore.CodeUnavailable, "no"), authcore.KindEmail, true),
		`200 {"errorCode":9028,"errorMessage":"DeviceDiabled: no","type":""}`:                                                   inState(authcore.Errorf(authcore.CodeConflict, "no"), authcore.Device{Status: authcore.StatusBlocked, Awaits: authcore.AwaitsCodes}),
		`200 {"errorCode":9015,"errorMessage":"MaximumFailedOTPRequestsExceeded: no","type":""}`:                                inState(&authcore.Error{Code: authcore.CodeConflict, Message: "no", Reason: authcore.ReasonPaused}, authcore.Device{}),
		`200 {"errorCode":-1,"errorMessage":"The session token is not valid: it has ended, or never was","type":""}`:            noSession(authcore.Errorf(authcore.CodeNotFound, "no")),
	} {
		w := httptest.NewRecorder()
		new(SurePassID).WriteError(w, err)
		if got := strconv.Itoa(w.Code) + " " + w.Body.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if noSession(nil) != nil || config(nil) != nil || unsent(nil, authcore.KindEmail, true) != nil || inState(nil, authcore.Device{}) != nil {
		t.Error("a success becomes a failure")
	}
}

// What a person's browser is told.
func TestFailPicture(t *testing.T) {
	for code, status := range map[authcore.Code]int{
		authcore.CodeNotFound: http.StatusGone, authcore.CodeUnauthenticated: http.StatusUnauthorized, authcore.CodeUnavailable: http.StatusServiceUnavailable,
		authcore.CodeInternal: http.StatusInternalServerError, authcore.CodeThrottled: http.StatusTooManyRequests, authcore.CodeForbidden: http.StatusForbidden,
		authcore.CodeInvalid: http.StatusBadRequest, authcore.CodeConflict: http.StatusConflict, authcore.CodeStepUp: http.StatusForbidden,
	} {
		w := httptest.NewRecorder()
		failPicture(w, nil, authcore.Errorf(code, "why"))
		if w.Code != status || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || (w.Header().Get("WWW-Authenticate") != "") != (status == http.StatusUnauthorized) {
			t.Errorf("%s: %d %v", code, w.Code, w.Header())
		}
	}
	w := httptest.NewRecorder()
	if failPicture(w, nil, dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method GET or HEAD")); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The fields of numbers and keys.
func TestFields(t *testing.T) {
	f := fields{"a": "7", "b": "", "c": " 8 ", "d": "x", "e": "TRUE", "g": "no"}
	for name, want := range map[string]int{"A": 7, "b": 3, "c": 8, "none": 3} {
		if n, err := f.number(name, 3, 0, 9, 9013); n != want || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	for _, name := range []string{"d", "e"} {
		if _, err := f.number(name, 3, 0, 9, 9013); err == nil || err.Error() != name+" is a number from 0 to 9" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if on, err := f.flag("E"); !on || err != nil {
		t.Error(on, err)
	}
	if _, err := f.flag("g"); err == nil {
		t.Error("no is taken")
	}
	if f.text("b", "none", "C") != " 8 " || f.given("b") == nil || f.given("none") != nil {
		t.Errorf("%v", f)
	}
	for code, want := range map[string]string{"79286": "079286", "079286": "079286", "": "", "1": "000001", "12a": "12a", "+1": "+1", "1234567": "1234567", "٣": "٣"} {
		if got := padded(code, 6); got != want {
			t.Errorf("%q: %q", code, got)
		}
	}
	for key, want := range map[string]string{
		"12345678801234567880": "12345678801234567880", "00112233445566778899aabbccddeef": "00112233445566778899aabbccddeef",
		"30313233343536373839303132333435": "0123456789012345", "3031323334353637383930313233343G": "3031323334353637383930313233343G",
	} {
		if got := string(fromHex([]byte(key))); got != want {
			t.Errorf("%q: %q", key, got)
		}
	}
}
