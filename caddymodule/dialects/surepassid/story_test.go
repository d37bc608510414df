package surepassid_test

import (
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
	lines map[string][]string // channel, doorward, api, without: their words
	steps []step
}

// A step is an exchange, or a word that prepares one.
type step struct {
	at      string // file:line
	verb    string // "" for an exchange
	rest    string // after the verb
	times   int
	request []string
	answer  []string
	refuses []string // texts that are not in the answer
}

// sources are the marks of what an answer rests on; see testdata/README.md.
var sources = regexp.MustCompile(`\[[DSCI]\]|\bours\b`)

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

func readStory(path, text string) (story, error) {
	s, marked, times := story{lines: map[string][]string{}}, false, 1
	var open *step // the exchange that is being read
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		at := fmt.Sprintf("%s:%d", path, i+1)
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "":
		case "#":
			marked = marked || sources.MatchString(rest)
		case "channel", "doorward", "api", "without":
			s.lines[word] = append(s.lines[word], rest)
		case "as", "do", "set", "expire", "exec", "device", "enrol", "answer":
			s.steps = append(s.steps, step{at: at, verb: word, rest: rest})
			open = nil
		case "times":
			if _, err := fmt.Sscan(rest, &times); err != nil {
				return s, fmt.Errorf("%s: %w", at, err)
			}
		case ">":
			if open == nil || len(open.answer) > 0 {
				if !marked {
					return s, fmt.Errorf("%s: no comment says where this exchange is known from", at)
				}
				s.steps = append(s.steps, step{at: at, times: times})
				open, marked, times = &s.steps[len(s.steps)-1], false, 1
			}
			open.request = append(open.request, rest)
		case "<", "<!":
			if open == nil {
				return s, fmt.Errorf("%s: an answer without a request", at)
			}
			if word == "<" {
				open.answer = append(open.answer, rest)
			} else {
				open.refuses = append(open.refuses, rest)
			}
		default:
			return s, fmt.Errorf("%s: %q is no word of a transcript", at, word)
		}
	}
	return s, nil
}

// grammars are the values that differ from run to run. {NAME} in an answer is one of
// them and keeps it as NAME; {OTHER=NAME} keeps it as OTHER.
var grammars = map[string]string{
	"psn":    `OATH_[A-Z2-7]{12}`,
	"id":     `[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
	"number": `[1-9][0-9]`,
	"url":    `https://mfa\.example\.com/[^"]+/qrcode/[A-Z2-7]{26}`,
}

var (
	placeholder = regexp.MustCompile(`\{(?:(\w+)=)?(psn|id|url|number)\}`)
	reference   = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// values are what a story has kept so far.
type values map[string]string

// fill puts values in place of {{NAME}}, and the integrator's name and key in that of @.
func (v values) fill(text string) (string, error) {
	var err error
	text = reference.ReplaceAllStringFunc(text, func(r string) string {
		value, known := v[r[2:len(r)-2]]
		if !known {
			err = fmt.Errorf("%s was never seen", r)
		}
		return value
	})
	if strings.HasPrefix(text, "{@,") {
		text = `{"spAccountLoginName":"` + v["as"] + `","spAccountLoginKey":"` + v["key of "+v["as"]] + `"` + text[2:]
	}
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
	v := values{"as": "acme", "key of acme": "K", "a": "x"}
	if err := v.match(`{"psn":"{psn}","b":"{first=id}"}`, `{"psn":"OATH_ABCDEFGHIJKL","b":"01234567-89ab-cdef-0123-456789abcdef"}`); err != nil || v["psn"] != "OATH_ABCDEFGHIJKL" || len(v["first"]) != 36 {
		t.Errorf("%v, %v", v, err)
	}
	for want, got := range map[string]string{"a.c": "abc", "ab": "abc", "{psn}": "OATH_1", "{id}": "1", "{{b}}": "", "{{a}}": "y"} {
		if v.match(want, got) == nil {
			t.Errorf("%s takes %s", want, got)
		}
	}
	if text, err := v.fill(`{@,"a":"{{a}}"}`); err != nil || text != `{"spAccountLoginName":"acme","spAccountLoginKey":"K","a":"x"}` {
		t.Errorf("%s, %v", text, err)
	}
	s, err := readStory("a", "# [D] why\napi verbose_errors\nas acme\ntimes 3\n> {\n> }\n< {}\n<! x\n# ours\n> {}\n< {}\n")
	if err != nil || len(s.steps) != 3 || s.lines["api"][0] != "verbose_errors" || s.steps[1].times != 3 || strings.Join(s.steps[1].request, "\n") != "{\n}" ||
		s.steps[1].refuses[0] != "x" || s.steps[2].times != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"> {}", "< {}", "# [X]\n> {}", "hello", "times x"} {
		if _, err := readStory("a", text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
