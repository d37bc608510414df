package elcoin_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A modelStory is one transcript of testdata/stories: what is configured, then steps in order.
type modelStory struct {
	name  string
	lines map[string][]string // channel, doorward, api: their words
	steps []modelStep
}

// A modelStep is an exchange, or a word that prepares one.
type modelStep struct {
	at      string // file:line
	verb    string // "" for an exchange
	rest    string // after the verb
	times   int
	request string // METHOD PATH
	body    string
	answer  string // STATUS BODY, or STATUS [ERROR]
}

// modelSources are the marks of what an answer rests on; see testdata/README.md.
var modelSources = regexp.MustCompile(`\[[DSI]\]|\bours\b`)

func readModelStories(t *testing.T) (stories []modelStory) {
	t.Helper()
	err := filepath.WalkDir("testdata/stories", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := readModelStory(path, string(text))
		s.name = strings.TrimSuffix(filepath.Base(path), ".txt")
		stories = append(stories, s)
		return err
	})
	if err != nil || len(stories) == 0 {
		t.Fatalf("%d stories, %v", len(stories), err)
	}
	return stories
}

var modelVerbs = map[string]bool{
	"let": true, "as": true, "user": true, "sig": true, "from": true, "do": true, "scan": true, "uri": true, "login": true, "exec": true,
}

func readModelStory(path, text string) (modelStory, error) {
	s, marked, times := modelStory{lines: map[string][]string{}}, false, 1
	var open *modelStep // the exchange that is being read
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		at := fmt.Sprintf("%s:%d", path, i+1)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "":
		case word == "#":
			marked = marked || modelSources.MatchString(rest)
		case word == "channel" || word == "doorward" || word == "api":
			s.lines[word] = append(s.lines[word], rest)
		case modelVerbs[word]:
			s.steps, open = append(s.steps, modelStep{at: at, verb: word, rest: rest}), nil
		case word == "times":
			if _, err := fmt.Sscan(rest, &times); err != nil {
				return s, fmt.Errorf("%s: %w", at, err)
			}
		case word == ">" && (open == nil || open.answer != ""):
			if !marked {
				return s, fmt.Errorf("%s: no comment says where this exchange is known from", at)
			}
			s.steps = append(s.steps, modelStep{at: at, times: times, request: rest})
			open, marked, times = &s.steps[len(s.steps)-1], false, 1
		case word == ">":
			open.body += rest + "\n"
		case word == "<" && open != nil:
			open.answer += rest
		default:
			return s, fmt.Errorf("%s: %q is no word of a transcript here", at, word)
		}
	}
	return s, nil
}

// modelGrammars are the values that differ from run to run. {NAME} in an answer is one of
// them and keeps it as NAME; {OTHER=NAME} keeps it as OTHER.
var modelGrammars = map[string]string{
	"n":    `\d+`,
	"date": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000`,
	"uid":  `[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
	"key":  `[A-Z2-7]{32}(?:[A-Z2-7]{20})?`,
	"png":  `[A-Za-z0-9+/]{100,}=*`,
	"*":    `.*`,
}

var (
	modelPlaceholder = regexp.MustCompile(`\{(?:(\w+)=)?(n|date|uid|key|png|\*)\}`)
	modelReference   = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// modelValues are what a story has kept so far.
type modelValues map[string]string

// modelHead is how every answer begins that is one record.
const modelHead = `{"status":"ok","error_description":"","error":{},"data_type":"oAuthDevice","total_records":1,"data":`

// fill puts values in place of {{NAME}}, in capitals if the name is.
func (v modelValues) fill(text string) (string, error) {
	var err error
	text = modelReference.ReplaceAllStringFunc(text, func(r string) string {
		name := r[2 : len(r)-2]
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
		return value
	})
	return text, err
}

var modelError = regexp.MustCompile(`^(\d{3}) (\[[A-Z-]+( : .*)?\])$`)

// match compares got with an answer byte for byte, but for its values, and keeps those.
func (v modelValues) match(want, got string) error {
	filled, err := v.fill(want)
	if err != nil {
		return err
	}
	if of := modelError.FindStringSubmatch(filled); of != nil {
		filled = of[1] + ` {"status":"error","error_description":"` + of[2] + `","error":{},"data_type":"","total_records":-2,"data":{}}`
	}
	pattern, kept, at := "", []string(nil), 0
	for _, m := range modelPlaceholder.FindAllStringSubmatchIndex(filled, -1) {
		kind := filled[m[4]:m[5]]
		name := kind
		if m[2] >= 0 {
			name = filled[m[2]:m[3]]
		}
		pattern += regexp.QuoteMeta(filled[at:m[0]]) + "(" + modelGrammars[kind] + ")"
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
func TestModelStories(t *testing.T) {
	v := modelValues{"a": "x", "uid": "a2b"}
	if err := v.match(`{"at":"{first=date}","b":{n}}`, `{"at":"2026-11-22T15:00:00+0000","b":7}`); err != nil || v["first"] != "2026-11-22T15:00:00+0000" || v["n"] != "7" {
		t.Errorf("%v, %v", v, err)
	}
	for want, got := range map[string]string{
		"a.c": "abc", "ab": "abc", "{date}": "2026-11-22T15:00:00Z", "{n}": "-1", "{{b}}": "", "{{a}}": "y", "{key}": "a", "200 [X]": "200 [X]",
		"401 [X : a]": `401 {"status":"error","error_description":"[X : b]","error":{},"data_type":"","total_records":-2,"data":{}}`,
	} {
		if v.match(want, got) == nil {
			t.Errorf("%s takes %s", want, got)
		}
	}
	if err := v.match("200 [X-Y : {*}]", `200 {"status":"error","error_description":"[X-Y : b]","error":{},"data_type":"","total_records":-2,"data":{}}`); err != nil {
		t.Error(err)
	}
	if text, err := v.fill(`{{UID}} {{uid}}`); err != nil || text != "A2B a2b" {
		t.Errorf("%s, %v", text, err)
	}
	s, err := readModelStory("a", "# [D] why\napi always_200\nas acme\ntimes 3\n> POST /x\n> {\n> }\n< 200 {\n< }\n# ours\n> GET /y\n< 200 [X]\n")
	if err != nil || len(s.steps) != 3 || s.lines["api"][0] != "always_200" || s.steps[1].times != 3 || s.steps[1].body != "{\n}\n" ||
		s.steps[1].answer != "200 {}" || s.steps[2].times != 1 || s.steps[2].body != "" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"> GET /", "< 200", "# [X]\n> GET /", "hello", "times x"} {
		if _, err := readModelStory("a", text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
