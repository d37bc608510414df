package portal

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// MOB-01: a call is one object of texts, with each member that it needs, once.
func TestReadObject(t *testing.T) {
	for _, c := range []struct {
		body string
		want map[string]string // nil: it is refused
	}{
		{`{"a":"1","b":"2"}`, map[string]string{"a": "1", "b": "2"}},
		{` {"b":"2","a":"1","c":""} `, map[string]string{"a": "1", "b": "2", "c": ""}},
		{`{"a":"1"}`, nil},
		{`{"a":"1","b":""}`, nil},
		{`{"a":"1","b":"2","b":"2"}`, nil},
		{`{"a":"1","b":"2","d":"3"}`, nil},
		{`{"a":"1","b":"2","B":"2"}`, nil},
		{`{"a":"1","b":2}`, nil},
		{`{"a":"1","b":"2","c":null}`, nil},
		{`{"a":"1","b":"2","c":{"d":"1"}}`, nil},
		{`{"a":"1","b":"2"}{}`, nil},
		{`{"a":"1","b":"2"`, nil},
		{`["a","1","b","2"]`, nil},
		{"{\"a\":\"1\",\"b\":\"\xff\"}", nil},
		{``, nil},
	} {
		got, ok := readObject([]byte(c.body), []string{"a", "b"}, []string{"c"})
		if ok != (c.want != nil) || cmp.Diff(c.want, got) != "" {
			t.Errorf("%s gives %v %v, want %v", c.body, got, ok, c.want)
		}
	}
}

// MOB-01: no form of another site can be a call, and none is longer than 8 KiB.
func TestReadCall(t *testing.T) {
	for _, c := range []struct {
		kind string
		size int
		want int // 0: it is read
	}{
		{"application/json", maxForm, 0},
		{"application/json; charset=utf-8", 2, 0},
		{"application/json", maxForm + 1, http.StatusRequestEntityTooLarge},
		{"application/x-www-form-urlencoded", 2, http.StatusUnsupportedMediaType},
		{"text/plain", 2, http.StatusUnsupportedMediaType},
		{"", 2, http.StatusUnsupportedMediaType},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat(" ", c.size)))
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		body, err := readCall(httptest.NewRecorder(), r)
		refused := refusal{}
		_ = errors.As(err, &refused)
		if refused.status != c.want || (err == nil) != (len(body) == c.size && c.want == 0) {
			t.Errorf("%q, %d bytes: %v, want %d", c.kind, c.size, err, c.want)
		}
	}
}
