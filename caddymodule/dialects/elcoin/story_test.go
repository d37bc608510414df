package elcoin_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A story is one transcript: what is configured, then steps in order.
type story struct {
	name  string
	lines map[string][]string // channel, doorward, api: their words
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
	answer  string // STATUS BODY, or STATUS [ERROR] of the model
}

// sources are the marks of what an answer rests on; see testdata/README.md.
var sources = regexp.MustCompile(`\[[DSI]\]|\bours\b`)

// readStories reads the transcripts of a folder, which have these words beside those that all have.
func readStories(t *testing.T, folder string, verbs ...string) (stories []story) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d stories, %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := readStory(path, string(text), verbs)
		if err != nil {
			t.Fatal(err)
		}
		s.name = strings.TrimSuffix(filepath.Base(path), ".txt")
		stories = append(stories, s)
	}
	return stories
}

func readStory(path, text string, verbs []string) (story, error) {
	s, marked, times := story{lines: map[string][]string{}}, false, 1
	var open *step // the exchange that is being read
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		at := fmt.Sprintf("%s:%d", path, i+1)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "":
		case word == "#":
			marked = marked || sources.MatchString(rest)
		case word == "channel" || word == "doorward" || word == "api":
			s.lines[word] = append(s.lines[word], rest)
		case slices.Contains(verbs, word):
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
