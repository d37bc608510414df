package surepassid

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailscale/hujson"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// sample is the request of the vendor's page, byte for byte: comments whose lines
// have no end, a name with a space, a comma too few and one too many.
func sample(t testing.TB) []byte {
	t.Helper()
	page, err := os.ReadFile("testdata/seed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, `{ "username": "Mandy"`) {
			return []byte(line[:strings.LastIndexByte(line, '}')+1]) // a sign of the page's table follows
		}
	}
	t.Fatal("the sample is not in the page")
	return nil
}

var mandy = dialect.Fields{
	"username": "Mandy", "spaccountloginname": "accountLogin", "spaccountloginkey": "accountKey", "type": "add_oath_device",
	"devicetype": "1", "otptype": "1", "otplength": "6", "windowsize": "30", "otppin": "", "psn": "OATH_12345678",
	"secretkeyhex": "3132333435363738383031323334353637383830", "notificationmethod": "0", "mobileauth": "0", "mobileusage": "1",
	"softtokenalias": "Jims test token",
}

// The sample of the page, as it stands there, with the line ends that it had once,
// and as people copy it.
func TestSampleOfThePage(t *testing.T) {
	line := string(sample(t))
	lines := strings.NewReplacer(`, "`, ",\n\"", ` "mobileUsage`, "\n\"mobileUsage", ` "OtpType`, "\n \"OtpType", ` "OtpL`, "\n\"OtpL", ` "w`, "\n\"w", ` "O`, "\n\"O",
		` "p`, "\n\"p", ` "s`, "\n\"s", ` "mobileA`, "\n\"mobileA", " }", "\n}").Replace(line)
	for name, body := range map[string]string{
		"verbatim": line, "with its lines": lines, "with CRLF": strings.ReplaceAll(lines, "\n", "\r\n"), "from a file": line + "\r\n",
		"with no-break spaces": strings.ReplaceAll(line, `: `, ":\u00a0"), "with a byte order mark": "\ufeff" + line,
		"with no-break spaces for all": strings.ReplaceAll(strings.ReplaceAll(line, " ", "\u00a0"), "Jims\u00a0test\u00a0token", "Jims test token"),
	} {
		if got, err := decode([]byte(body)); err != nil || !maps.Equal(got, mandy) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// The other habits of the vendor's samples.
func TestHabits(t *testing.T) {
	for body, want := range map[string]dialect.Fields{
		`{"type":"find_device","psn":"A",}`:                          {"type": "find_device", "psn": "A"},
		"{\"type\":\"validate_user\"\n \"noAuth\": 1}":               {"type": "validate_user", "noauth": "1"},
		"{\"type\":\"x\"\n\"deviceId\":\"d\"\n}":                     {"type": "x", "deviceid": "d"},
		`{"a":"x""b":1}`:                                             {"a": "x", "b": "1"},
		`{"a":1"b":true"c":null"g":"h"}`:                             {"a": "1", "b": "true", "g": "h"},
		`{"a":1 /* "b":2 */ "c":3}`:                                  {"a": "1", "c": "3"},
		`{"a":1 /* x */"c":3}`:                                       {"a": "1", "c": "3"},
		"{\"otp1\": 79286, \"otp1\": 1, }":                           {"otp1": "79286"},
		`{"otp1":null,"OTP1":"1"}`:                                   {"otp1": "1"},
		"{\"\u00a0 psn \":\"A\",\u00a0\"\\u00a0deviceType\":\"30\"}": {"psn": "A", "devicetype": "30"},
		`{"\u0074ype":"x"}`:                                          {"type": "x"},
		`{"a":"// \" no } comment","b":"/* nor this","c":"*/ \\"}`:   {"a": `// " no } comment`, "b": "/* nor this", "c": `*/ \`},
		"{\"a\":1, // of 6\" or \"so\"\n\"b\":2}":                    {"a": "1", "b": "2"},
		`{"a":1, // of 6" or "so" "b" :2 // and "why not" }`:         {"a": "1", "b": "2"},
		`{"a":1 // in the end, { and } and so }`:                     {"a": "1"},
		"{\"a\":1 // x\n} // \"b\":2 }":                              {"a": "1"},
		"{\"a\":1} // x \"b\":2\n// }":                               {"a": "1"},
		`{"a":[{"type":"y"} {"type":"z"}`:                            nil,
		"{\"noAuth: 1,\n\"type\":\"x\"}":                             nil, // whose quote is it?
		`{"type":"x", "noAuth: 1, "psn":"A"}`:                        nil,
		`{"a" "b"}`:                                                  nil,
		`{"a":1`:                                                     nil,
		`{"a":1}}`:                                                   nil,
		`{"a":1}{"b":2}`:                                             nil,
		`["a"]`:                                                      nil,
		`"a"`:                                                        nil,
		``:                                                           nil,
		`{'a':1}`:                                                    nil,
		"{\"a\":\"line\nend\"}":                                      nil,
		"{\"a\":\"\xff\"}":                                           nil,
	} {
		got, err := decode([]byte(body))
		if !maps.Equal(got, want) || (err != nil) != (want == nil) || err != nil && authcore.CodeOf(err) != authcore.CodeInvalid {
			t.Errorf("%s\ngives %v, %v", body, got, err)
		}
	}
}

// What is commented out is no field, wherever the end of its line is.
func TestCommentedOut(t *testing.T) {
	for body, want := range map[string]dialect.Fields{
		"{\"a\":1, // \"type\":\"x\",\n\"b\":2}":                {"a": "1", "b": "2"},
		"{\"a\":1 // \"type\":\"x\"\r\n\"b\":2}":                {"a": "1", "b": "2"},
		"{\"a\":1, // one\n// \"type\":\"x\", // two\n\"b\":2}": {"a": "1", "b": "2"},
		"{\"a\":1, // old: \"type\":\"x\", // two\n // last }":  {"a": "1"},
		"{\"a\":1, /* \"type\":\"x\", // */ \"b\":2}":           {"a": "1", "b": "2"},
		"{// \"type\":\"x\"\n}":                                 {},
		"{\"a\":1\n// \"type\":\"x\" }":                         nil,
		`{"a":1, // "type":"x", "b":2}`:                         nil,
		"{\"a\":1, ////\u00a0// \"type\" : \"x\", \"b\":2}":     nil,
	} {
		got, err := decode([]byte(body))
		if !maps.Equal(got, want) || (err != nil) != (want == nil) {
			t.Errorf("%s\ngives %v, %v", body, got, err)
		}
	}
}

// Who asks, for what and about whom stands once, however it is spelled.
func TestTwice(t *testing.T) {
	for _, name := range []string{"type", "username", "spAccountLoginName", "spAccountLoginKey"} {
		escaped := `\u00` + map[byte]string{'t': "74", 'u': "75", 's': "73"}[name[0]] + name[1:]
		for _, other := range []string{name, strings.ToUpper(name), " " + name, name + "\u00a0", escaped, strings.Replace(name, "s", "ſ", 1), `\u00a0` + name, name + "\u200b", `\ufeff` + name, name[:2] + `\u0000` + name[2:]} {
			for _, value := range []string{`"x"`, "null"} {
				for _, body := range []string{`{"` + name + `":` + value + `,"` + other + `":"y"}`, `{"` + name + `":"y" "` + other + `":` + value + `}`} {
					got, err := decode([]byte(body))
					if got != nil || err == nil || !strings.Contains(err.Error(), "'"+strings.ToLower(name)+"' stands in it twice") {
						t.Errorf("%s: %v, %v", body, got, err)
					}
				}
			}
		}
	}
}

// What holds others is no absent field: an absent psn is another device.
func TestNested(t *testing.T) {
	for body, want := range map[string]string{
		`{"psn":["K6"]}`:                         "'psn' must be a text or a number",
		`{" \u0050SN" : {"psn":"K6"}}`:           "'psn' must be a text or a number",
		`{"type":"x" "psn":[]}`:                  "'psn' must be a text or a number",
		`{"psn":"A","psn":["K6"]}`:               "'psn' must be a text or a number",
		`{"unknown_1":{}, "psn":"A"}`:            "'unknown_1' must be a text or a number",
		`{"type":["x" "v", {"y":1 "z":2}]}`:      "'type' must be a text or a number",
		`{"SEC RET":[]}`:                         "a field of it must be a text or a number",
		`{"` + strings.Repeat("x", 65) + `":[]}`: "a field of it must be a text or a number",
		`{"":{}}`:                                "'' must be a text or a number",
		`{"a":` + strings.Repeat("[", 15) + strings.Repeat("]", 15) + `}`: "'a' must be a text or a number",
		`{"a":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`: "it is nested too deeply",
	} {
		if got, err := decode([]byte(body)); got != nil || authcore.CodeOf(err) != authcore.CodeInvalid || err.Error() != "The body can't be read: "+want {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

// LOG-01: an error has nothing of a body, which has the key in it.
func TestErrorsQuoteNothing(t *testing.T) {
	for _, body := range []string{`{"spAccountLoginKey":"SECRET" SECRET}`, `{"k":"SECRET\q"}`, `{"k":SECRET}`, `{"k":"SECRET`, `SECRET`} {
		if _, err := decode([]byte(body)); err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "see line 1 near column") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A body costs what it is long: a look ahead from each sign of these would take
// minutes.
func TestDecodeIsLinear(t *testing.T) {
	for _, piece := range []string{"//", `//"`, `// "a`, `"a"`, "/*", `\"`, "\u00a0", `"a":1 // b "c" `, "//\n", "}", `"      `, `{}// `, `{}"a"//`} {
		body := []byte(`{"x":1 ` + strings.Repeat(piece, 1<<21/len(piece)))
		began := time.Now()
		if out, err := tidy(body); err == nil && len(out) < len(bytes.TrimRight(body, blanks)) {
			t.Errorf("%q: %d of %d bytes are left", piece, len(out), len(body))
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q took %s", piece, took)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sample(f))
	for _, body := range []string{
		`{"a":1,}`, `{"a":1"b":2}`, "{\"a\":1 // x\n\"b\":2}", `{"a":1 // x "b":2}`, `{"a":"\u0074//"}`, "\ufeff{}", "{\u00a0}", `{"a":/* x */[1,{"b":2}]}`, `{"type":1,"Type":2}`, `{" a ":null,"a":true}`, "//\n{}//",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body)
		if err != nil && (got != nil || authcore.CodeOf(err) != authcore.CodeInvalid) || err == nil && got == nil {
			t.Fatalf("%v with %v", got, err)
		}
		if err == nil {
			wantSame(t, body, got)
		}
		// Whatever a comment says, if its line ends it says nothing.
		comment := strings.ToValidUTF8(strings.ReplaceAll(string(body), "\n", " "), "?")
		for _, comma := range []string{"", ",", " "} {
			got, err := decode([]byte(`{"a":1` + comma + "//" + comment + "\n" + `"b":2}`))
			if err != nil || !maps.Equal(got, dialect.Fields{"a": "1", "b": "2"}) {
				t.Fatalf("%q says %v, %v", comment, got, err)
			}
		}
	})
}

// wantSame holds that what others can read of a body is what was read.
func wantSame(t *testing.T, body []byte, got dialect.Fields) {
	value, err := hujson.Parse(slices.Clone(body))
	if err != nil {
		return
	}
	if object, ok := value.Value.(*hujson.Object); ok {
		for _, member := range object.Members {
			if _, scalar := member.Value.Value.(hujson.Literal); !scalar {
				t.Fatalf("%q is taken", body)
			}
		}
	}
	value.Standardize()
	plain := value.Pack()
	if !json.Valid(plain) {
		t.Fatalf("%q is taken", body)
	}
	want, err := dialect.DecodeJSON(plain)
	if err != nil {
		t.Fatalf("%q is taken: %v", body, err)
	}
	for name := range want {
		if strings.TrimSpace(name) != name || strings.ContainsAny(name, "ſ") {
			return // there it is ours that decides
		}
	}
	if !maps.Equal(got, want) {
		t.Fatalf("%q says %v, want %v", body, got, want)
	}
}
