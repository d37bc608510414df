package qitech_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A story is one transcript: what is configured, then steps in order.
type story struct {
	name  string
	lines map[string][]string // channel, doorward, api, verifier: their words
	steps []step
}

// A step is an exchange, or a word that prepares one.
type step struct {
	at      string // file:line
	verb    string // "" for an exchange
	rest    string // after the verb
	times   int
	request string // METHOD PATH
	body    string
	answer  string // STATUS BODY, or CODE DETAIL of errors.txt
}

// sources are the marks of what an answer rests on; see testdata/README.md.
var sources = regexp.MustCompile(`\[[DSI]\]|\bours\b`)

func readStories(t *testing.T) (stories []story) {
	t.Helper()
	err := filepath.WalkDir("testdata/stories", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := readStory(path, string(text))
		s.name = strings.TrimSuffix(filepath.Base(path), ".txt")
		stories = append(stories, s)
		return err
	})
	if err != nil || len(stories) == 0 {
		t.Fatalf("%d stories, %v", len(stories), err)
	}
	return stories
}

var verbs = map[string]bool{
	"let": true, "as": true, "be": true, "do": true, "set": true, "pair": true, "sign": true,
	"verdict": true, "expire": true, "exec": true, "block": true, "unblock": true,
}

func readStory(path, text string) (story, error) {
	s, marked, times := story{lines: map[string][]string{}}, false, 1
	var open *step // the exchange that is being read
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		at := fmt.Sprintf("%s:%d", path, i+1)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "":
		case word == "#":
			marked = marked || sources.MatchString(rest)
		case word == "channel" || word == "doorward" || word == "api" || word == "verifier":
			s.lines[word] = append(s.lines[word], rest)
		case verbs[word]:
			s.steps, open = append(s.steps, step{at: at, verb: word, rest: rest}), nil
		case word == "times":
			if _, err := fmt.Sscan(rest, &times); err != nil {
				return s, fmt.Errorf("%s: %w", at, err)
			}
		case word == ">" && (open == nil || open.answer != ""):
			if !marked {
				return s, fmt.Errorf("%s: no comment says where this exchange is known from", at)
			}
			s.steps = append(s.steps, step{at: at, times: times, request: rest})
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

// readErrors gives the answers of errors.txt by their codes.
func readErrors(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{}
	for line := range strings.Lines(string(text)) {
		var e struct{ Code string }
		_, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		if err := json.Unmarshal([]byte(body), &e); err != nil || e.Code == "" || answers[e.Code] != "" {
			t.Fatalf("%s: %v", line, err)
		}
		answers[e.Code] = strings.TrimSpace(line)
	}
	return answers
}

// grammars are the values that differ from run to run. {NAME} in an answer is one of them
// and keeps it as NAME; {OTHER=NAME} keeps it as OTHER.
var grammars = map[string]string{
	"ms":    `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`,
	"s":     `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`,
	"local": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-03:00`,
	"jwt":   `[\w-]+\.[\w-]+\.[\w-]+`,
	"text":  `[\w-]{40,}`,
	"*":     `.*`,
}

var (
	placeholder = regexp.MustCompile(`\{(?:(\w+)=)?(ms|s|local|jwt|text|\*)\}`)
	reference   = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// values are what a story has kept so far.
type values map[string]string

// fill puts values in place of {{NAME}}, in capitals if the name is.
func (v values) fill(text string) (string, error) {
	var err error
	text = reference.ReplaceAllStringFunc(text, func(r string) string {
		name := r[2 : len(r)-2]
		value, known := v[name]
		if upper, lower := strings.ToUpper(name), v[strings.ToLower(name)]; !known && name == upper && lower != "" {
			value, known = strings.ToUpper(lower), true
		}
		if !known {
			err = fmt.Errorf("%s was never seen", r)
		}
		return value
	})
	return text, err
}

// match compares got with an answer byte for byte, but for its values, and keeps those.
func (v values) match(want, got string) error {
	filled, err := v.fill(want)
	if err != nil {
		return err
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
	v := values{"a": "x", "token": "a2b"}
	if err := v.match(`{"at":"{first=ms}","b":"{s}"}`, `{"at":"2026-11-22T15:00:00.123Z","b":"2026-11-22T15:00:00Z"}`); err != nil || v["first"] != "2026-11-22T15:00:00.123Z" || len(v["s"]) != 20 {
		t.Errorf("%v, %v", v, err)
	}
	for want, got := range map[string]string{
		"a.c": "abc", "ab": "abc", "{ms}": "2026-11-22T15:00:00Z", "{s}": "2026-11-22T15:00:00.123Z", "{local}": "2026-11-22T15:00:00Z", "{{b}}": "", "{{a}}": "y", "{jwt}": "a.b",
	} {
		if v.match(want, got) == nil {
			t.Errorf("%s takes %s", want, got)
		}
	}
	if text, err := v.fill(`{{TOKEN}} {{token}}`); err != nil || text != "A2B a2b" {
		t.Errorf("%s, %v", text, err)
	}
	s, err := readStory("a", "# [D] why\napi sandbox_token\nas acme\ntimes 3\n> POST /x\n> {\n> }\n< 200 {\n< }\n# ours\n> GET /y\n< OBD000002\n")
	if err != nil || len(s.steps) != 3 || s.lines["api"][0] != "sandbox_token" || s.steps[1].times != 3 || s.steps[1].body != "{\n}\n" ||
		s.steps[1].answer != "200 {}" || s.steps[2].times != 1 || s.steps[2].body != "" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"> GET /", "< 200", "# [X]\n> GET /", "hello", "times x"} {
		if _, err := readStory("a", text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
