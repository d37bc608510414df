package elcoin_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// grammars are the values that differ from run to run. {NAME} in an answer is one of them
// and keeps it as NAME; {OTHER=NAME} keeps it as OTHER.
var grammars = map[string]string{
	"n":       `\d+`,
	"id":      `[1-9]\d*`,
	"number":  `[1-9]\d`,
	"seconds": `[1-9]\d{2,4}`,
	"date":    `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000`,
	"uid":     `[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
	"key":     `[A-Z2-7]{32}(?:[A-Z2-7]{20})?`,
	"png":     `[A-Za-z0-9+/]{100,}=*`,
	"jwt":     `[\w-]+\.[\w-]+\.[\w-]+`,
	"mask":    `[^"#]*\*[^"#]*`,
	"text":    `[^"]+`,
	"*":       `.*`,
}

var (
	placeholder = regexp.MustCompile(`\{(?:(\w+)=)?(n|id|number|seconds|date|uid|key|png|jwt|mask|text|\*)\}`)
	reference   = regexp.MustCompile(`\{\{(int )?([\w.]+)\}\}`)
)

// values are what a story has kept so far.
type values map[string]string

// modelHead is how every answer begins that is one record.
const modelHead = `{"status":"ok","error_description":"","error":{},"data_type":"oAuthDevice","total_records":1,"data":`

// fill puts values in place of {{NAME}}, in capitals if the name is, and as a number in
// place of {{int NAME}}.
func (v values) fill(text string) (string, error) {
	var err error
	text = reference.ReplaceAllStringFunc(text, func(r string) string {
		of := reference.FindStringSubmatch(r)
		name := of[2]
		value, known := v[name]
		if upper, lower := strings.ToUpper(name), v[strings.ToLower(name)]; !known && name == upper && lower != "" {
			value, known = strings.ToUpper(lower), true
		}
		if name == "head" {
			value, known = modelHead, true
		}
		if !known {
			err = fmt.Errorf("%s was never seen", r)
		}
		if last := len(value) - 1; of[1] != "" && last > 0 {
			value = strings.TrimLeft(value[:last], "0") + value[last:]
		}
		return value
	})
	return text, err
}

var modelError = regexp.MustCompile(`^(\d{3}) (\[[A-Z-]+( : .*)?\])$`)

// match compares got with an answer byte for byte, but for its values, and keeps those.
func (v values) match(want, got string) error {
	filled, err := v.fill(want)
	if err != nil {
		return err
	}
	if of := modelError.FindStringSubmatch(filled); of != nil {
		filled = of[1] + ` {"status":"error","error_description":"` + of[2] + `","error":{},"data_type":"","total_records":-2,"data":{}}`
	}
	pattern, kept, at := "", []string(nil), 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(filled, -1) {
		kind := filled[m[4]:m[5]]
		name := kind
		if m[2] >= 0 {
			name = filled[m[2]:m[3]]
		}
		pattern += regexp.QuoteMeta(filled[at:m[0]]) + "(" + grammars[kind] + ")"
		kept, at = append(kept, name), m[1]
	}
	found := regexp.MustCompile("^" + pattern + regexp.QuoteMeta(filled[at:]) + "$").FindStringSubmatch(got)
	if found == nil {
		return fmt.Errorf("got:  %s\nwant: %s", got, filled)
	}
	for i, name := range kept {
		v[name] = found[i+1]
	}
	return nil
}

// A matcher that is too kind, or a story that is misread, would prove nothing.
func TestStories(t *testing.T) {
	v := values{"a": "x", "uid": "a2b", "code": "000120", "zero": "000000"}
	if err := v.match(`{"at":"{first=date}","b":{n}}`, `{"at":"2026-11-22T15:00:00+0000","b":7}`); err != nil || v["first"] != "2026-11-22T15:00:00+0000" || v["n"] != "7" {
		t.Errorf("%v, %v", v, err)
	}
	if err := v.match(`{"n":"{second=number}","s":{seconds}}`, `{"n":"42","s":3599}`); err != nil || v["second"] != "42" || v["seconds"] != "3599" {
		t.Errorf("%v, %v", v, err)
	}
	for want, got := range map[string]string{
		"a.c": "abc", "ab": "abc", "{date}": "2026-11-22T15:00:00Z", "{n}": "-1", "{{b}}": "", "{{a}}": "y", "{key}": "a", "200 [X]": "200 [X]",
		"{number}": "4", "{seconds}": "0", "{jwt}": "a.b", "{mask}": "x",
		"401 [X : a]": `401 {"status":"error","error_description":"[X : b]","error":{},"data_type":"","total_records":-2,"data":{}}`,
	} {
		if v.match(want, got) == nil {
			t.Errorf("%s takes %s", want, got)
		}
	}
	if err := v.match("200 [X-Y : {*}]", `200 {"status":"error","error_description":"[X-Y : b]","error":{},"data_type":"","total_records":-2,"data":{}}`); err != nil {
		t.Error(err)
	}
	if text, err := v.fill(`{{{a}} {{UID}} {{uid}} {{int code}} {{int zero}}`); err != nil || text != "{x A2B a2b 120 0" {
		t.Errorf("%s, %v", text, err)
	}
	verbs := []string{"as"}
	s, err := readStory("a", "# [D] why\napi always_200\nas acme\ntimes 3\n> POST /x\n> {\n> }\n< 200 {\n< }\n# ours\n> GET /y\n< 200 [X]\n", verbs)
	if err != nil || len(s.steps) != 3 || s.lines["api"][0] != "always_200" || s.steps[1].times != 3 || s.steps[1].body != "{\n}\n" ||
		s.steps[1].answer != "200 {}" || s.steps[2].times != 1 || s.steps[2].body != "" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"> GET /", "< 200", "# [X]\n> GET /", "hello", "app ib", "times x"} {
		if _, err := readStory("a", text, verbs); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
