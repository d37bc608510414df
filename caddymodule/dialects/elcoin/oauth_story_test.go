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

// A loginStory is one transcript of testdata/oauth: what is configured, then steps in order.
type loginStory struct {
	name  string
	lines map[string][]string // channel, doorward, api: their words
	steps []loginStep
}

// A loginStep is an exchange, or a word that prepares one.
type loginStep struct {
	at      string // file:line
	verb    string // "" for an exchange
	rest    string // after the verb
	times   int
	request string // METHOD PATH
	body    string
	answer  string // STATUS BODY
}

// loginSources are the marks of what an answer rests on; see testdata/oauth/README.md.
var loginSources = regexp.MustCompile(`\[[DSI]\]|\bours\b`)

func readLoginStories(t *testing.T) (stories []loginStory) {
	t.Helper()
	err := filepath.WalkDir("testdata/oauth", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".txt" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := readLoginStory(path, string(text))
		s.name = strings.TrimSuffix(filepath.Base(path), ".txt")
		stories = append(stories, s)
		return err
	})
	if err != nil || len(stories) == 0 {
		t.Fatalf("%d stories, %v", len(stories), err)
	}
	return stories
}

var loginVerbs = map[string]bool{
	"let": true, "app": true, "device": true, "enrol": true, "do": true, "set": true, "await": true, "answer": true, "logs": true,
	"bearer": true, "expire": true, "nothing": true, "opens": true, "closed": true,
}

func readLoginStory(path, text string) (loginStory, error) {
	s, marked, times := loginStory{lines: map[string][]string{}}, false, 1
	var open *loginStep // the exchange that is being read
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		at := fmt.Sprintf("%s:%d", path, i+1)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "":
		case word == "#":
			marked = marked || loginSources.MatchString(rest)
		case word == "channel" || word == "doorward" || word == "api":
			s.lines[word] = append(s.lines[word], rest)
		case loginVerbs[word]:
			s.steps, open = append(s.steps, loginStep{at: at, verb: word, rest: rest}), nil
		case word == "times":
			if _, err := fmt.Sscan(rest, &times); err != nil {
				return s, fmt.Errorf("%s: %w", at, err)
			}
		case word == ">" && (open == nil || open.answer != ""):
			if !marked {
				return s, fmt.Errorf("%s: no comment says where this exchange is known from", at)
			}
			s.steps = append(s.steps, loginStep{at: at, times: times, request: rest})
			open, marked, times = &s.steps[len(s.steps)-1], false, 1
		case word == ">":
			open.body += rest
		case word == "<" && open != nil && open.answer == "":
			open.answer = rest
		default:
			return s, fmt.Errorf("%s: %q is no word of a transcript here", at, word)
		}
	}
	return s, nil
}

// loginGrammars are the values that differ from run to run. {NAME} in an answer is one of
// them and keeps it as NAME; {OTHER=NAME} keeps it as OTHER.
var loginGrammars = map[string]string{
	"jwt":     `[\w-]+\.[\w-]+\.[\w-]+`,
	"seconds": `[1-9]\d{2,4}`,
	"number":  `[1-9]\d`,
	"mask":    `[^"#]*\*[^"#]*`,
	"id":      `[1-9]\d*`,
	"text":    `[^"]+`,
	"*":       `.*`,
}

var (
	loginPlaceholder = regexp.MustCompile(`\{(?:(\w+)=)?(jwt|seconds|number|mask|id|text|\*)\}`)
	loginReference   = regexp.MustCompile(`\{\{(int )?([\w.]+)\}\}`)
)

// loginValues are what a story has kept so far.
type loginValues map[string]string

// fill puts values in place of {{NAME}}, and as a number in place of {{int NAME}}.
func (v loginValues) fill(text string) (string, error) {
	var err error
	text = loginReference.ReplaceAllStringFunc(text, func(r string) string {
		of := loginReference.FindStringSubmatch(r)
		value, known := v[of[2]]
		if !known {
			err = fmt.Errorf("%s was never seen", r)
		}
		if of[1] != "" {
			value = strings.TrimLeft(value[:len(value)-1], "0") + value[len(value)-1:]
		}
		return value
	})
	return text, err
}

// match compares got with an answer byte for byte, but for its values, and keeps those.
func (v loginValues) match(want, got string) error {
	filled, err := v.fill(want)
	if err != nil {
		return err
	}
	pattern, kept, at := "", []string(nil), 0
	for _, m := range loginPlaceholder.FindAllStringSubmatchIndex(filled, -1) {
		kind := filled[m[4]:m[5]]
		name := kind
		if m[2] >= 0 {
			name = filled[m[2]:m[3]]
		}
		pattern += regexp.QuoteMeta(filled[at:m[0]]) + "(" + loginGrammars[kind] + ")"
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
func TestLoginStories(t *testing.T) {
	v := loginValues{"a": "x", "code": "000120", "zero": "000000"}
	if err := v.match(`{"n":"{first=number}","s":{seconds}}`, `{"n":"42","s":3599}`); err != nil || v["first"] != "42" || v["seconds"] != "3599" {
		t.Errorf("%v, %v", v, err)
	}
	for want, got := range map[string]string{
		"a.c": "abc", "ab": "abc", "{number}": "4", "{seconds}": "0", "{{b}}": "", "{{a}}": "y", "{jwt}": "a.b", "{mask}": "x",
	} {
		if v.match(want, got) == nil {
			t.Errorf("%s takes %s", want, got)
		}
	}
	if text, err := v.fill(`{{{a}},{{int code}},{{int zero}}`); err != nil || text != "{x,120,0" {
		t.Errorf("%s, %v", text, err)
	}
	s, err := readLoginStory("a", "# [D] why\napi always_200\napp ib\ntimes 3\n> POST /x\n> {\n> }\n< 200 {}\n# ours\n> GET /y\n< 404 {}\n")
	if err != nil || len(s.steps) != 3 || s.lines["api"][0] != "always_200" || s.steps[1].times != 3 || s.steps[1].body != "{}" ||
		s.steps[1].answer != "200 {}" || s.steps[2].times != 1 || s.steps[2].body != "" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"> GET /", "< 200", "# [X]\n> GET /", "hello", "times x"} {
		if _, err := readLoginStory("a", text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
