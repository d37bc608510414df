package qitech

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/tailscale/hujson"

	"github.com/doorward/doorward/authcore"
)

// sample is the request of the vendor's page, byte for byte.
func sample(t testing.TB) []byte {
	t.Helper()
	page, err := os.ReadFile("testdata/seed.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), "Request Body: ")
	begin, end := strings.IndexByte(after, '{'), strings.Index(after, "\n}\n")
	if begin < 0 || end < 0 {
		t.Fatal("the sample is not in the page")
	}
	return []byte(after[begin : end+2])
}

// The story of create has the sample too, as the page has it.
func TestSampleOfThePage(t *testing.T) {
	body := sample(t)
	if !strings.Contains(string(body), "\"sms\",\n},\n}") {
		t.Fatalf("%s", body)
	}
	x := exchange{place: place{account: "9d5ea4ee-7a2c-4f07-8b66-0a4cbe1df0d5"}, QITech: new(QITech)}
	for name, text := range map[string]string{"verbatim": string(body), "with CRLF": strings.ReplaceAll(string(body), "\n", "\r\n"), "in one line": strings.ReplaceAll(string(body), "\n", "")} {
		c := *callWith(text)
		x.Call = &c
		r, err := x.readRequest()
		if err != nil || r.Key != "b6804f32-101e-4702-8fbc-c2dbc4c2caec" || r.Session != "fae3cb6c-9012-4b1c-9d61-7e8b2a6a5ed2" ||
			r.Document != "98765432100" || r.Way != authcore.WayPhone || r.Account != x.account || r.Sandbox {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	text, err := os.ReadFile("testdata/stories/create.txt")
	if err != nil || !strings.Contains(string(text), "> "+strings.ReplaceAll(string(body), "\n", "\n> ")) {
		t.Errorf("no story sends the sample: %v", err)
	}
}

// What is read, and what is not: commas too many and comments are, and nothing else.
func TestDecode(t *testing.T) {
	for body, want := range map[string]string{
		`{"token":"a"}`:                                   "a",
		`{"token":"a",}`:                                  "a",
		"// b\n{/* c */\"token\":\"a\"// d\n}":            "a",
		`{"to\u006ben":"\u0061"}`:                         "a",
		`{"x":1,"x":2,"token":"a","Token":"b","x":[{,}]}`: "the body is not JSON, see line 1 near column 44",
		`{"x":1,"x":2,"token":"a","Token":"b"}`:           "a",
		`{"token":"a" "x":1}`:                             "the body is not JSON, see line 1 near column 14",
		`{"token":"a","token":"a"}`:                       "'token' stands in the body twice",
		`{"token":null,"token":"a"}`:                      "'token' stands in the body twice",
		`{"token":"a","\u0074oken":null}`:                 "'token' stands in the body twice",
		`{"token":null}`:                                  "'token' is missing",
		`{"token":["a"]}`:                                 "'token' must be a text",
		`{"token":true}`:                                  "'token' must be a text",
		`{"token":"a"}{}`:                                 "the body is not JSON, see line 1 near column 14",
		`"token"`:                                         "the body is not a JSON object, which begins with {",
		"{\"token\":\"\xff\"}":                            "the body is not valid UTF-8",
		"\ufeff{\"token\":\"a\"}":                         "the body is not JSON, see line 1 near column 1",
		``:                                                "send a body, a JSON object",
		`{"token":"SECRET`:                                "the body is not JSON, see line 1 near column 17",
		`{"token":"a","x":` + strings.Repeat("[", 15) + strings.Repeat("]", 15) + `}`:                                                      "a",
		`{"token":"a","x":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`:                                                      "the body is nested deeper than 16",
		`{"token":"a","x":` + strings.Repeat(`{"y":`, 16) + `1` + strings.Repeat("}", 16) + `}`:                                            "the body is nested deeper than 16",
		`{"token":"a","x":"` + strings.Repeat("[", 99) + `\"[[["/*` + strings.Repeat("{", 99) + "\"*/}//" + strings.Repeat("{", 99) + "\n": "a",
		strings.Repeat("[", maxBody): "the body is nested deeper than 16",
	} {
		o, err := decode([]byte(body))
		got := ""
		if err == nil {
			got, err = o.text("token")
		}
		if err != nil {
			got = authcore.MessageOf(err)
		}
		if got != want || err != nil && authcore.CodeOf(err) != authcore.CodeInvalid || strings.Contains(got, "SECRET") {
			t.Errorf("%.80s: %s, want %s", body, got, want)
		}
	}
}

// Whatever decides who gets which device stands once, whatever stands there.
func TestTwice(t *testing.T) {
	for _, name := range []string{"device_key", "session_id", "tfa_info", "token", "contact_type", "approver_document_number", "image_key", "public_key", "challenge", "signature"} {
		for _, values := range [][2]string{{`"a"`, `"b"`}, {"null", `"b"`}, {`{}`, "null"}} {
			body := `{"` + name + `":` + values[0] + `,"x":1,"` + name + `":` + values[1] + `}`
			if o, err := decode([]byte(body)); o != nil || err == nil || err.Error() != "'"+name+"' stands in the body twice" {
				t.Errorf("%s: %v, %v", body, o, err)
			}
			nested := `{"tfa_info":` + body + `}`
			o, err := decode([]byte(nested))
			if err == nil {
				_, err = tfaInfo(o)
			}
			if err == nil || err.Error() != "'"+name+"' stands in the body twice" {
				t.Errorf("%s: %v", nested, err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sample(f))
	for _, body := range []string{`{"a":1,}`, "{\"token\":\"a\"//\n}", `{"a":/* [ */[1,{"b":2}]}`, `{"token":1,"token":2}`, `{"a":"\ud800"}`, `{"a":"\"[["}`, "{}//[", "[[[[[[[[[[[[[[[[[["} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body)
		if (got == nil) != (err != nil) || err != nil && authcore.CodeOf(err) != authcore.CodeInvalid {
			t.Fatalf("%v with %v", got, err)
		}
		value, parsed := hujson.Parse(append([]byte(nil), body...))
		if parsed != nil {
			if err == nil {
				t.Fatalf("%q is taken", body)
			}
			return
		}
		value.Standardize()
		var plain map[string]json.RawMessage
		if err == nil && json.Unmarshal(value.Pack(), &plain) != nil {
			t.Fatalf("%q is taken", body)
		}
		for name := range got {
			if _, there := plain[name]; !there {
				t.Fatalf("%q has no %q", body, name)
			}
		}
	})
}
