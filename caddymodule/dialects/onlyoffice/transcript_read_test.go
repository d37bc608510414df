package onlyoffice_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A story is one transcript: what is configured, then steps in order.
type story struct {
	name  string
	lines map[string][]string // by channel, doorward and api: their words
	steps []step
}

// A step is an exchange, or a word that prepares one.
type step struct {
	at   string // file:line
	verb string // "" for an exchange; do, set, sms, mail, expire
	rest string // after the verb
	exchange
}

// An exchange is one request and what is expected of its answer.
type exchange struct {
	times, until int // how often to send; until the status is as expected
	method, path string
	headers      [][2]string
	body         []string

	status      string
	want        [][2]string // headers; "-" for one that must not be there
	wantBody    []string
	hasBody     bool
	has, hasNot []string // texts in the body
}

// sources are the marks of what an expectation rests on; see testdata/README.md.
var sources = regexp.MustCompile(`\[[SDWCRI]\]|\bours\b`)

// reader keeps what has been read of a story.
type reader struct {
	story
	last   *step // the exchange that is being read
	part   int   // of it: 0 request line, 1 headers, 2 body, 3 status, 4 headers, 5 body
	marked bool  // a source was named since the last exchange
	times  exchange
}

func readStory(path, text string) (story, error) {
	r := reader{story: story{lines: map[string][]string{}}}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		at := fmt.Sprintf("%s:%d", path, i+1)
		if err := r.read(at, line); err != nil {
			return r.story, fmt.Errorf("%s: %w", at, err)
		}
	}
	return r.story, nil
}

func (r *reader) read(at, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
	case "#":
		r.marked = r.marked || sources.MatchString(rest)
	case "channel", "doorward", "api":
		r.lines[word] = append(r.lines[word], rest)
	case "do", "set", "sms", "mail", "expire":
		r.steps = append(r.steps, step{at: at, verb: word, rest: rest})
	case "times":
		_, err := fmt.Sscan(rest, &r.times.times)
		return err
	case "until":
		_, err := fmt.Sscan(rest, &r.times.until)
		return err
	case ">":
		return r.request(at, rest)
	case "<", "<~", "<!":
		return r.answer(word, rest)
	default:
		return fmt.Errorf("%q is no word of a transcript", word)
	}
	return nil
}

// request reads a line of a request; the first one after an answer begins a new
// exchange.
func (r *reader) request(at, line string) error {
	if r.last == nil || r.part >= 3 {
		if !r.marked {
			return fmt.Errorf("no comment says where this exchange is known from")
		}
		method, path, ok := strings.Cut(line, " ")
		if !ok {
			return fmt.Errorf("a request begins with a method and a path")
		}
		r.steps = append(r.steps, step{at: at, exchange: r.times})
		r.times, r.marked, r.part = exchange{}, false, 1
		r.last = &r.steps[len(r.steps)-1]
		r.last.method, r.last.path = method, path
		return nil
	}
	return cutHeader(line, &r.part, 2, &r.last.headers, &r.last.body)
}

func (r *reader) answer(word, line string) error {
	switch {
	case r.last == nil:
		return fmt.Errorf("an answer without a request")
	case word == "<~":
		r.last.has = append(r.last.has, line)
	case word == "<!":
		r.last.hasNot = append(r.last.hasNot, line)
	case r.part < 3:
		r.last.status, r.part = line, 4
	default:
		r.last.hasBody = r.last.hasBody || line == "" || r.part == 5
		return cutHeader(line, &r.part, 5, &r.last.want, &r.last.wantBody)
	}
	return nil
}

// cutHeader adds a line to the headers, or to the body after an empty one.
func cutHeader(line string, part *int, bodyPart int, headers *[][2]string, body *[]string) error {
	name, value, ok := strings.Cut(line, ": ")
	switch {
	case *part == bodyPart:
		*body = append(*body, line)
	case line == "":
		*part = bodyPart
	case !ok:
		return fmt.Errorf("%q is no header", line)
	default:
		*headers = append(*headers, [2]string{name, value})
	}
	return nil
}

// A transcript that is misread would prove nothing.
func TestReadStory(t *testing.T) {
	s, err := readStory("a", "# [S] why\napi flavour docspace\nset c = sms +7\ntimes 5\n> POST /x\n> A: b\n>\n> one\n>\n> two\n< 201\n< C: d\n<\n< {}\n<~ in\n<! out\n# ours\n> GET /y\n< 200\n")
	if err != nil || len(s.steps) != 3 || s.lines["api"][0] != "flavour docspace" {
		t.Fatalf("%v %+v", err, s)
	}
	e := s.steps[1].exchange
	if e.times != 5 || e.method != "POST" || e.headers[0] != [2]string{"A", "b"} || !slices.Equal(e.body, []string{"one", "", "two"}) ||
		e.status != "201" || e.want[0] != [2]string{"C", "d"} || !slices.Equal(e.wantBody, []string{"{}"}) || e.has[0] != "in" || e.hasNot[0] != "out" {
		t.Errorf("%+v", e)
	}
	if e = s.steps[2].exchange; e.path != "/y" || e.hasBody || e.times != 0 {
		t.Errorf("%+v", e)
	}
	for _, text := range []string{"> GET /", "< 200", "# [S]\n> GET", "# [S]\n> GET /\n> A", "hello you", "# [X]\n> GET /"} {
		if _, err := readStory("a", text); err == nil || !strings.HasPrefix(err.Error(), "a:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
