package surepassid_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/authtest"
	_ "github.com/doorward/doorward/caddymodule"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

func init() { authtest.CheapHashes() }

const endpoint = "/AuthServer/REST/U2F/U2FServer.aspx"

// The transcripts of testdata/stories hold what an integrator sends, and the bytes
// that he gets. testdata/README.md has their grammar.
func TestTranscripts(t *testing.T) {
	stories := readStories(t)
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		for _, s := range stories {
			t.Run(s.name, func(t *testing.T) {
				g := start(t, store(t), s)
				for _, one := range s.steps {
					if err := g.play(one); err != nil {
						t.Fatalf("%s: %s\n%v", one.at, strings.Join(one.request, "\n"), err)
					}
				}
				g.wantNoSecrets()
			})
		}
	})
}

// database is where a gateway keeps things, and the way to it beside the gateway.
type database struct{ caddyfile, driver, dsn string }

func onBothStores(t *testing.T, run func(*testing.T, func(testing.TB) database)) {
	t.Run("sqlite", func(t *testing.T) {
		run(t, func(testing.TB) database {
			return database{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", "file:{$KIT_DIR}/doorward.db?_pragma=busy_timeout(5000)"}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		cluster := postgrestest.Start(t)
		run(t, func(t testing.TB) database {
			dsn := cluster.Database(t)
			return database{"store postgres " + dsn + "\nseal_key " + strings.Repeat("A", 43) + "=", "postgres", dsn}
		})
	})
}

// gateway is one that integrators call, with an app behind it and somebody to whom
// codes are sent.
type gateway struct {
	*testing.T
	values
	database
	kit    *caddytestkit.Caddy
	client *http.Client
	inbox  *inbox
	apps   map[string]app // by their names in the story
	path   string         // of the endpoint
	seen   []string       // every answer
}

const config = `{
	%s
	doorward {
		%s
		%s
		%s
	}
	log {
		level DEBUG
		output file "{$KIT_DIR}/log"
	}
}
http:// {
	bind "unix/{$KIT_DIR}/gate.sock"
	doorward {
		api onlyoffice
		api surepassid {
			%s
		}
	}
	respond "the app sees {http.request.header.Remote-User}"
}`

func start(t *testing.T, store database, s story) *gateway {
	t.Helper()
	g := &gateway{T: t, values: values{}, database: store, inbox: newInbox(t), apps: map[string]app{}, path: endpoint}
	global := strings.Join(s.lines["doorward"], "\n")
	for _, channel := range s.lines["channel"] {
		global += fmt.Sprintf("\nchannel %s http %s/%[1]s", channel, g.inbox.URL)
	}
	address := "public_url https://mfa.example.com"
	if slices.Contains(s.lines["without"], "public_url") {
		address = ""
	}
	text := fmt.Sprintf(config, caddytestkit.Globals, store.caddyfile, address, global, strings.Join(s.lines["api"], "\n"))
	g.kit = caddytestkit.Start(t, text)
	g.client = g.kit.Client("gate")
	g.until("the gateway is ready", func() bool {
		status, _ := g.request(http.MethodGet, "/.doorward/ready", "")
		return status == http.StatusOK
	})
	return g
}

// until waits for what is to come.
func (g *gateway) until(what string, come func() bool) {
	g.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-tick.C {
		if come() {
			return
		}
	}
	g.Fatalf("it never comes that %s", what)
}

// request sends one with headers in pairs.
func (g *gateway) request(method, path, body string, headers ...string) (status int, text string) {
	g.Helper()
	resp := g.do(method, path, body, headers...)
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		g.Fatal(err)
	}
	return resp.StatusCode, string(all)
}

func (g *gateway) do(method, path, body string, headers ...string) *http.Response {
	g.Helper()
	req, err := http.NewRequestWithContext(g.Context(), method, "http://mfa.example.com"+path, strings.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := g.client.Do(req)
	if err != nil {
		g.Fatal(err)
	}
	return resp
}

// post sends a body to the endpoint.
func (g *gateway) post(body string) string {
	g.Helper()
	status, answer := g.request(http.MethodPost, g.path, body, "Content-Type", "application/json")
	if status != http.StatusOK {
		g.Fatalf("%s is answered %d %s", body, status, answer)
	}
	g.seen = append(g.seen, answer)
	return answer
}

// call asks for a type, as the integrator whose turn it is, and reads the answer.
func (g *gateway) call(members string) (answer map[string]any) {
	g.Helper()
	body, err := g.fill("{@," + members + "}")
	if err != nil {
		g.Fatal(err)
	}
	if err := json.Unmarshal([]byte(g.post(body)), &answer); err != nil {
		g.Fatal(err)
	}
	return answer
}

// ok is call for what succeeds.
func (g *gateway) ok(members string) map[string]any {
	g.Helper()
	answer := g.call(members)
	if answer["errorCode"] != 0.0 {
		g.Fatalf("%s is answered %v", members, answer)
	}
	return answer
}

// as makes an integrator, unless there is one of this name, and lets him call.
func (g *gateway) as(line string) error {
	name, more, _ := strings.Cut(line, " ")
	g.values["as"] = name
	if g.values["key of "+name] != "" {
		return nil
	}
	in := map[string]any{"name": name, "dialect": "surepassid"}
	if more != "" {
		if err := json.Unmarshal([]byte(more), &in); err != nil {
			return err
		}
	}
	var out struct{ Key string }
	err := g.operate("integrator/add", in, &out)
	g.values["key of "+name] = out.Key
	return err
}

func (g *gateway) operate(operation string, in, out any) error {
	client := admin.Client{Address: "unix/" + filepath.Join(g.kit.Dir, "admin.sock")}
	return client.Call(context.Background(), operation, in, out)
}

func (g *gateway) play(s step) (err error) {
	switch s.verb {
	case "":
		return g.exchange(s)
	case "as":
		return g.as(s.rest)
	case "do":
		operation, in, _ := strings.Cut(s.rest, " ")
		return g.operate(operation, json.RawMessage(in), new(any))
	case "set":
		return g.set(s.rest)
	case "device":
		name, in, _ := strings.Cut(s.rest, " ")
		return g.device(name, in)
	case "enrol":
		return g.enrol(s.rest)
	case "answer":
		rest, err := g.fill(s.rest)
		if err != nil {
			return err
		}
		return g.answer(strings.Fields(rest))
	case "expire":
		return g.sql("UPDATE challenges SET expires_at = created_at")
	}
	return g.sql(s.rest)
}

func (g *gateway) exchange(s step) error {
	body, err := g.fill(strings.Join(s.request, "\n"))
	if err != nil {
		return err
	}
	for range s.times {
		answer := g.post(body)
		if err := g.match(strings.Join(s.answer, "\n"), answer); err != nil {
			return err
		}
		for _, text := range s.refuses {
			if filled, err := g.fill(text); err != nil || strings.Contains(answer, filled) {
				return fmt.Errorf("%s has %s (%v)", answer, text, err)
			}
		}
	}
	return nil
}

// sql changes what no door changes, like the time.
func (g *gateway) sql(statement string) error {
	db, err := sql.Open(g.driver, strings.ReplaceAll(g.dsn, "{$KIT_DIR}", g.kit.Dir))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(g.Context(), statement)
	return err
}

// set keeps a code: of a key in hexadecimal digits, by oathtool, or of the last message.
func (g *gateway) set(line string) error {
	words := strings.Fields(line) // NAME = totp KEY [DIGITS SECONDS] | hotp KEY COUNTER | sent CHANNEL ADDRESS
	if len(words) < 4 || words[1] != "=" {
		return fmt.Errorf("%q is not NAME = KIND OF", line)
	}
	if words[2] == "sent" {
		code, err := g.inbox.last(words[3], words[4])
		g.values[words[0]] = code
		return err
	}
	code, err := oathtool(words[2], words[3], words[4:]...)
	g.values[words[0]] = code
	return err
}

// oathtool gives the code of a counter, or of now with so many digits and seconds.
func oathtool(kind, key string, more ...string) (string, error) {
	args := []string{"--totp"}
	switch {
	case kind == "hotp":
		args = append([]string{"--hotp", "-c"}, more...)
	case len(more) == 2:
		args = append(args, "-d", more[0], "-s", more[1]+"s")
	}
	out, err := exec.Command("oathtool", append(args, key)...).Output()
	if err != nil {
		return "", fmt.Errorf("oathtool (apt-get install oathtool): %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// wantNoSecrets holds law 11: no key of a device or an integrator, and no password or
// PIN, is in an answer or in the log, debug lines among them.
func (g *gateway) wantNoSecrets() {
	g.Helper()
	log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
	if err != nil || !strings.Contains(string(log), `"route":"surepassid"`) {
		g.Fatalf("the log has no line of ours: %v", err)
	}
	secrets := []string{seedKey, "GEZDGNBVGY3TQOBQGEZDGNBVGY3TQOBQ", "MTIzNDU2Nzg4MDEyMzQ1Njc4ODA=", "12345678801234567880", "Tr0ub4dor-and-3", "31415926"}
	for _, a := range g.apps {
		secrets = append(secrets, a.token)
	}
	for name, value := range g.values {
		if strings.HasPrefix(name, "key of ") {
			secrets = append(secrets, value)
		}
	}
	for _, secret := range secrets {
		for _, text := range append(g.seen, string(log)) {
			if i := strings.Index(strings.ToLower(text), strings.ToLower(secret)); i >= 0 {
				g.Errorf("a secret is in %q", text[max(0, i-200):min(len(text), i+200)])
			}
		}
	}
}

// seedKey is the one of the vendor's sample.
const seedKey = "3132333435363738383031323334353637383830"
