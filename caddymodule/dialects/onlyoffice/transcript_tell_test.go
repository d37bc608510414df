package onlyoffice_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// teller plays a story against a whole gateway.
type teller struct {
	*testing.T
	story
	values
	database
	kit      *caddytestkit.Caddy
	client   *http.Client
	sms      *smsGateway
	mail     *mailServer
	outgoing map[string]func() []message
}

const gateway = `{
	%s
	doorward {
		%s
		public_url https://portal.example.com
		%s
	}
}
http:// {
	bind "unix/{$KIT_DIR}/gate.sock"
	doorward {
		api onlyoffice {
			%s
		}
		%s
	}
	reverse_proxy %s
}`

func newTeller(t *testing.T, s story, store database) *teller {
	t.Helper()
	// The app behind the gateway says who it was told is there.
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "the app sees %q", r.Header.Get("Remote-User"))
	}))
	t.Cleanup(app.Close)
	p := &teller{T: t, story: s, values: values{}, database: store, sms: newSMSGateway(t), mail: newMailServer(t)}
	p.outgoing = map[string]func() []message{"sms": p.sms.received, "mail": p.mail.received}
	global := strings.Join(s.lines["doorward"], "\n")
	for _, channel := range s.lines["channel"] {
		global += "\n" + map[string]string{"phone": p.sms.caddyfile(), "email": p.mail.caddyfile()}[channel]
	}
	p.kit = caddytestkit.Start(t, fmt.Sprintf(gateway, caddytestkit.Globals, store.caddyfile, global,
		strings.Join(s.lines["api"], "\n"), strings.Join(s.lines["site"], "\n"), app.Listener.Addr()))
	p.client = p.kit.Client("gate")
	p.waitReady()
	return p
}

func (p *teller) waitReady() {
	p.Helper()
	for range 1000 {
		if status, _, _ := p.send(exchange{method: http.MethodGet, path: "/.doorward/ready"}); status == "200" {
			return
		}
	}
	p.Fatal("the gateway does not become ready")
}

// tell plays the steps until one goes wrong: the next would build on it.
func (p *teller) tell() {
	p.Helper()
	for _, s := range p.steps {
		var err error
		switch s.verb {
		case "":
			err = p.exchange(s.exchange)
		case "do":
			err = p.operate(s.rest)
		case "set":
			err = p.set(s.rest)
		case "expire":
			err = p.expire()
		default:
			if s.rest == "off" {
				p.sms.Close()
				continue
			}
			if n := fmt.Sprint(len(p.outgoing[s.verb]())); n != s.rest {
				err = fmt.Errorf("%s messages of the kind %s were sent, want %s", n, s.verb, s.rest)
			}
		}
		if err != nil {
			p.Fatalf("%s: %s %s\n%v", s.at, s.method, s.path, err)
		}
	}
}

// exchange sends a request and compares the answer.
func (p *teller) exchange(e exchange) error {
	e, err := p.filled(e)
	if err != nil {
		return err
	}
	for range max(1, e.times) {
		status, headers, body := p.send(e)
		for n := 1; n < e.until && status != e.status; n++ {
			status, headers, body = p.send(e)
		}
		if err := p.compare(e, status, headers, body); err != nil {
			return fmt.Errorf("%w\nthe answer was %s %s", err, status, short(body))
		}
	}
	return nil
}

func (p *teller) compare(e exchange, status string, headers http.Header, body string) error {
	if status != e.status {
		return fmt.Errorf("the status is %s, want %s", status, e.status)
	}
	if e.hasBody {
		if err := p.match(strings.Join(e.wantBody, "\n"), body); err != nil {
			return err
		}
	}
	for _, h := range e.want {
		got := headers.Values(h[0])
		if h[1] == "-" && len(got) == 0 {
			continue
		}
		if !slices.ContainsFunc(got, func(value string) bool { return h[1] != "-" && p.match(h[1], value) == nil }) {
			return fmt.Errorf("the header %s is %q, want %s", h[0], got, h[1])
		}
	}
	for i, text := range append(slices.Clone(e.has), e.hasNot...) {
		filled, err := p.fill(text)
		if wanted := i < len(e.has); err != nil || strings.Contains(body, filled) != wanted {
			return fmt.Errorf("the body contains %s: want %v (%v)", text, wanted, err)
		}
	}
	return nil
}

// filled puts the values into a request.
func (p *teller) filled(e exchange) (exchange, error) {
	var failed error
	put := func(text string) string {
		filled, err := p.fill(text)
		if err != nil {
			failed = err
		}
		return filled
	}
	e.path = put(e.path)
	e.headers, e.body = slices.Clone(e.headers), slices.Clone(e.body)
	for i := range e.headers {
		e.headers[i][1] = put(e.headers[i][1])
	}
	for i := range e.body {
		e.body[i] = put(e.body[i])
	}
	return e, failed
}

func (p *teller) send(e exchange) (status string, headers http.Header, body string) {
	p.Helper()
	newline := "\n"
	if slices.ContainsFunc(e.headers, func(h [2]string) bool { return strings.HasPrefix(h[1], "multipart/") }) {
		newline = "\r\n" // RFC 2046 section 5.1.1
	}
	req, err := http.NewRequestWithContext(p.Context(), e.method, "http://portal.example.com"+e.path, strings.NewReader(strings.Join(e.body, newline)))
	if err != nil {
		p.Fatal(err)
	}
	for _, h := range e.headers {
		req.Header.Add(h[0], h[1])
	}
	resp, err := p.client.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		p.Fatal(err)
	}
	return fmt.Sprint(resp.StatusCode), resp.Header, string(all)
}

// operate asks the admin endpoint, as the commands do, and keeps the texts of
// the answer by their names.
func (p *teller) operate(line string) error {
	line, err := p.fill(line)
	if err != nil {
		return err
	}
	operation, in, _ := strings.Cut(line, " ")
	var out map[string]any
	client := admin.Client{Address: "unix/" + filepath.Join(p.kit.Dir, "admin.sock")}
	if err := client.Call(context.Background(), operation, json.RawMessage(in), &out); err != nil {
		return err
	}
	for name, value := range out {
		if text, ok := value.(string); ok {
			p.values[name] = text
		}
	}
	return nil
}

// expire lets the codes that were sent end, ten minutes early.
func (p *teller) expire() error {
	db, err := sql.Open(p.driver, strings.ReplaceAll(p.dsn, "{$KIT_DIR}", p.kit.Dir))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(p.Context(), "UPDATE challenges SET expires_at = created_at")
	return err
}

// set keeps a code: of an app, by oathtool, or of the last message to somebody.
func (p *teller) set(line string) error {
	words := strings.Fields(line) // NAME = totp KEY [STEPS] | hotp KEY COUNTER | sms ADDRESS | mail ADDRESS
	if len(words) < 4 || words[1] != "=" {
		return fmt.Errorf("%q is not NAME = KIND OF", line)
	}
	name, kind, of := words[0], words[2], words[3]
	args := map[string][]string{"totp": {"--totp"}, "hotp": {"--hotp", "-c"}}[kind]
	if args == nil {
		sent := p.outgoing[kind]()
		if len(sent) == 0 || sent[len(sent)-1].to != of {
			return fmt.Errorf("the last %s is not to %s: %q", kind, of, sent)
		}
		p.values[name] = sent[len(sent)-1].code
		return nil
	}
	if len(words) > 4 && kind == "totp" {
		args = append(args, "--now", "now + "+words[4]+" seconds") // of the next time step
	} else {
		args = append(args, words[4:]...)
	}
	out, err := exec.Command("oathtool", append(args, "--base32", p.values[of])...).Output()
	p.values[name] = strings.TrimSpace(string(out))
	if err != nil {
		return fmt.Errorf("oathtool (apt-get install oathtool): %w", err)
	}
	return nil
}
