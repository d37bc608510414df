package onlyoffice_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

const sevenDigits = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}`

// grammars are the values that differ from run to run. {NAME} in an expectation
// is one of them and keeps it as NAME; {OTHER=NAME} keeps it as OTHER.
var grammars = map[string]*regexp.Regexp{
	"token":  regexp.MustCompile(`^[\w-]+\.[\w-]+\.[\w-]+`),
	"date":   regexp.MustCompile("^" + sevenDigits + "Z"),
	"soon":   regexp.MustCompile("^" + sevenDigits + "Z"), // the end of a code: in ten minutes
	"moscow": regexp.MustCompile("^" + sevenDigits + `\+03:00`),
	"key":    regexp.MustCompile(`^[A-Z2-7]{26,64}`), // Base32 of 16 bytes and more
	"id":     regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`),
	"backup": regexp.MustCompile(`^[A-Za-z0-9_-]{6,}`),
	"masked": regexp.MustCompile(`^[^"<@*]?\*+[^"<@]*@[^"<@]+`), // an e-mail address
	"number": regexp.MustCompile(`^-?\d+`),
	"url":    regexp.MustCompile(`^https:(\\/|/){2}portal\.example\.com(\\/|/)[^"<]+`),
	"query":  regexp.MustCompile(`^[\w=%.~&\\+-]+`),
	"text":   regexp.MustCompile(`^[^"<]+`),
	"any":    regexp.MustCompile(`(?s)^.*`),
}

var (
	placeholder = regexp.MustCompile(`\{(?:(\w+)=)?([a-z]+)\}`)
	reference   = regexp.MustCompile(`\{\{(\w+)\}\}`)
	// unescape makes a captured text what a client reads of it.
	unescape = strings.NewReplacer(`\/`, `/`, `\u0026`, `&`, `&amp;`, `&`)
)

// values are what a story has kept so far.
type values map[string]string

// fill puts values in place of {{NAME}}.
func (v values) fill(text string) (string, error) {
	var err error
	text = reference.ReplaceAllStringFunc(text, func(r string) string {
		value, known := v[r[2:len(r)-2]]
		if !known {
			err = fmt.Errorf("%s was never seen", r)
		}
		return value
	})
	return text, err
}

// match compares got with an expectation byte for byte, but for its values, and
// keeps those. The error shows the place of the first difference.
func (v values) match(want, got string) error {
	filled, err := v.fill(want)
	if err != nil {
		return err
	}
	rest := got
	for filled != "" {
		literal, name, kind := filled, "", ""
		if m := placeholder.FindStringSubmatchIndex(filled); m != nil {
			literal, kind = filled[:m[0]], filled[m[4]:m[5]]
			name = kind
			if m[2] >= 0 {
				name = filled[m[2]:m[3]]
			}
			filled = filled[m[1]:]
		} else {
			filled = ""
		}
		if !strings.HasPrefix(rest, literal) {
			n := 0
			for n < len(literal) && n < len(rest) && literal[n] == rest[n] {
				n++
			}
			return differs(got, rest[n:], literal[n:])
		}
		if rest = rest[len(literal):]; kind == "" {
			break
		}
		value, err := take(kind, rest, filled)
		if err != nil {
			return fmt.Errorf("%w\n%w", err, differs(got, rest, "{"+kind+"}"))
		}
		rest, v[name] = rest[len(value):], unescape.Replace(value)
	}
	if rest != "" {
		return differs(got, rest, "nothing more")
	}
	return nil
}

// take reads a value from the start of rest; what follows it in the
// expectation ends an {any}.
func take(kind, rest, after string) (string, error) {
	grammar := grammars[kind]
	if grammar == nil {
		return "", fmt.Errorf("{%s} is no value of a transcript", kind)
	}
	value := grammar.FindString(rest)
	if kind == "any" {
		m := placeholder.FindStringIndex(after)
		if m == nil {
			return strings.TrimSuffix(value, after), nil
		}
		value, _, _ = strings.Cut(value, after[:m[0]])
		return value, nil
	}
	if value == "" {
		return "", fmt.Errorf("here is no {%s}", kind)
	}
	if kind == "soon" {
		end, err := time.Parse(time.RFC3339, value)
		if left := time.Until(end); err != nil || left < 9*time.Minute || left > 10*time.Minute+time.Second {
			return "", fmt.Errorf("a code that ends at %s ends in %s, not in ten minutes", value, left)
		}
	}
	return value, nil
}

func differs(got, rest, want string) error {
	return fmt.Errorf("the same until: %s\n  then got: %s\n  and want: %s", short(got[:len(got)-len(rest)]), short(rest), want)
}

var signed = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)

// short shows a text without the length of its tokens.
func short(text string) string { return signed.ReplaceAllString(text, "TOKEN") }

// A matcher that is too kind would prove nothing.
func TestMatch(t *testing.T) {
	v := values{"a": "x{date}"}
	if err := v.match(`{"e":"{date}","f":"{first=number}"{any}}`, `{"e":"2022-10-02T14:03:03.7135419Z","f":"-7","g":{}}`); err != nil {
		t.Error(err)
	}
	if v["date"] != "2022-10-02T14:03:03.7135419Z" || v["first"] != "-7" || v["any"] != `,"g":{}` {
		t.Errorf("%q", v)
	}
	if err := v.match(`"{url}"`, `"https:\/\/portal.example.com\/a?b\u0026c"`); err != nil || v["url"] != "https://portal.example.com/a?b&c" {
		t.Error(err, v["url"])
	}
	for want, got := range map[string]string{
		"abc": "abd", "ab": "abc", "abcd": "abc", "{date}": "2022-10-02T14:03:03Z", "{token}": "a.b", "{nothing}": "x", "{{b}}": "",
		"{soon}": "2022-10-02T14:03:03.7135419Z", "{key}": "ABC", "{any}x": "abc", `{"a":{}}`: `{"a":{} }`,
	} {
		if err := (values{}).match(want, got); err == nil {
			t.Errorf("%s takes %s", want, got)
		}
	}
	err := values{}.match(`{"status":0,"statusCode":201}`, `{"status":0,"statusCode":200}`)
	if want := "the same until: {\"status\":0,\"statusCode\":20\n  then got: 0}\n  and want: 1}"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
