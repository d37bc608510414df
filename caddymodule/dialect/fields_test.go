package dialect

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore"
)

// REL-05: exactly 16 levels are read, and what is in them is passed over.
func TestDepth(t *testing.T) {
	nested := func(depth int) []byte { // the object is the first level
		return []byte(`{"a":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `,"b":"c"}`)
	}
	if f, err := DecodeJSON(nested(16)); err != nil || len(f) != 1 || f.Get("B") != "c" {
		t.Errorf("16 deep: %v, %v", f, err)
	}
	if f, err := DecodeJSON(nested(17)); authcore.CodeOf(err) != authcore.CodeInvalid || f != nil {
		t.Errorf("17 deep: %v, %v", f, err)
	}
}

// A code without a row is a failure of ours, never a success; and what goes with
// an error becomes headers.
func TestFind(t *testing.T) {
	w := httptest.NewRecorder()
	if row := (Table{}).Find(w, authcore.Errorf(authcore.CodeForbidden, "no")); row.Status != 500 {
		t.Errorf("%+v", row)
	}
	if missing := (Table{}).Missing(); len(missing) != len(authcore.Codes()) {
		t.Errorf("%q", missing)
	}
	row := Table{authcore.CodeUnavailable: {Status: 503}}.Find(w, &authcore.Error{Code: authcore.CodeUnavailable, Message: "later", RetryAfter: 1500 * time.Millisecond})
	if row.Status != 503 || row.Text != "later" || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%+v %v", row, w.Header())
	}
	refusal := Refuse(405, "send a POST")
	refusal.Allow = "POST"
	if row := (Table{authcore.CodeInvalid: {Status: 400}}).Find(w, refusal); row.Status != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("%+v %v", row, w.Header())
	}
}

// Whatever the bytes: no panic, an error that is the caller's, and fields only of
// what encoding/json takes as one object.
func FuzzDecodeJSON(f *testing.F) {
	for _, body := range []string{
		`{}`, `{"userName":"alice","password":"x"}`, `{"a":1,"A":2,"b":null,"c":[{"d":1}],"e":true,"f":1e9}`, `[]`, `null`, `"x"`, ``, `{"a":1}{`, `{"a":}`,
		`{"a":1,}`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}", `{"a":` + strings.Repeat("[", 20), `{"a":[}]`, `{"a" 1}`, ` {"":""} `, "\xef\xbb\xbf{}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, err := DecodeJSON(body)
		if err != nil {
			if fields != nil || authcore.CodeOf(err) != authcore.CodeInvalid {
				t.Fatalf("%v with %v", fields, err)
			}
			return
		}
		var object map[string]any
		if json.Unmarshal(body, &object) != nil || object == nil || !utf8.Valid(body) {
			t.Fatalf("%q is taken as %v", body, fields)
		}
		for name := range fields {
			if name != strings.ToLower(name) {
				t.Fatalf("%q", name)
			}
		}
	})
}
