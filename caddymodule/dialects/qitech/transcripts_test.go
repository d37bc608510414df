package qitech_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
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

// The transcripts of testdata/stories hold what a caller sends, and the bytes that it gets.
// testdata/README.md has their grammar.
func TestTranscripts(t *testing.T) {
	stories := readStories(t)
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		for _, s := range stories {
			t.Run(s.name, func(t *testing.T) {
				g := start(t, store(t), s)
				for _, one := range s.steps {
					if err := g.play(one); err != nil {
						t.Fatalf("%s: %s\n%s%v", one.at, one.request, one.body, err)
					}
				}
				g.wantNoSecrets()
			})
		}
	})
}

// database is where a gateway keeps things, and the way to it beside the gateway.
type database struct{ caddyfile, driver, dsn string }

var sqlite = database{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", "file:{$KIT_DIR}/doorward.db?_pragma=busy_timeout(5000)"}

func onBothStores(t *testing.T, run func(*testing.T, func(testing.TB) database)) {
	t.Run("sqlite", func(t *testing.T) { run(t, func(testing.TB) database { return sqlite }) })
	t.Run("postgres", func(t *testing.T) {
		cluster := postgrestest.Start(t)
		run(t, func(t testing.TB) database {
			dsn := cluster.Database(t)
			return database{"store postgres " + dsn + "\nseal_key " + strings.Repeat("A", 43) + "=", "postgres", dsn}
		})
	})
}

// gateway is one that apps call, with an app behind it, somebody to whom tokens are sent and
// who looks at pictures.
type gateway struct {
	*testing.T
	values
	database
	kit    *caddytestkit.Caddy
	client *http.Client
	inbox  *inbox
	prefix string
	caller caller
	known  map[string]caller
	pairs  map[string]*ecdsa.PrivateKey
	errors map[string]string
	seen   []string // every answer
}

const config = `{
	%s
	doorward {
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
		api qitech {
			%s
		}
		require /vault/* device
	}
	respond "the app sees {http.request.header.Remote-User}"
}`

func start(t *testing.T, store database, s story) *gateway {
	t.Helper()
	g := &gateway{T: t, values: values{}, database: store, inbox: newInbox(t), known: map[string]caller{}, pairs: map[string]*ecdsa.PrivateKey{}, errors: readErrors(t)}
	global := strings.Join(s.lines["doorward"], "\n")
	for _, channel := range s.lines["channel"] {
		global += fmt.Sprintf("\nchannel %s http %s/%[1]s", channel, g.inbox.URL)
	}
	if len(s.lines["verifier"]) > 0 {
		global += "\nverifier http " + g.inbox.URL + "/verify"
	}
	for _, line := range s.lines["api"] {
		if prefix, ok := strings.CutPrefix(line, "prefix "); ok {
			g.prefix = prefix
		}
	}
	g.kit = caddytestkit.Start(t, fmt.Sprintf(config, caddytestkit.Globals, store.caddyfile, global, strings.Join(s.lines["api"], "\n")))
	g.client = g.kit.Client("gate")
	g.until("the gateway is ready", func() bool {
		status, _ := g.request(http.MethodGet, "/.doorward/ready", "", nil)
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

func (g *gateway) request(method, path, body string, header http.Header) (status int, text string) {
	g.Helper()
	resp := g.do(method, path, body, header)
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		g.Fatal(err)
	}
	g.seen = append(g.seen, string(all))
	return resp.StatusCode, string(all)
}

func (g *gateway) do(method, path, body string, header http.Header) *http.Response {
	g.Helper()
	req, err := http.NewRequestWithContext(g.Context(), method, "http://baas.example.com"+path, strings.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	for name, all := range header {
		req.Header[http.CanonicalHeaderKey(name)] = all
	}
	resp, err := g.client.Do(req)
	if err != nil {
		g.Fatal(err)
	}
	return resp
}

func (g *gateway) operate(operation string, in, out any) error {
	client := admin.Client{Address: "unix/" + filepath.Join(g.kit.Dir, "admin.sock")}
	return client.Call(context.Background(), operation, in, out)
}

func (g *gateway) play(s step) error {
	rest, err := g.fill(s.rest)
	if err != nil {
		return err
	}
	switch words := strings.Fields(rest); s.verb {
	case "":
		return g.exchange(s)
	case "let":
		g.values[words[0]] = words[1]
	case "as":
		return g.as(rest)
	case "be":
		g.caller.token = rest
	case "do":
		operation, in, _ := strings.Cut(rest, " ")
		return g.operate(operation, json.RawMessage(in), new(any))
	case "set": // NAME = sent CHANNEL ADDRESS
		g.values[words[0]], err = g.inbox.last(words[3], words[4])
	case "pair":
		return g.pair(words[0])
	case "sign": // NAME with PAIR TEXT
		g.values[words[0]] = g.signed(g.pairs[words[2]], words[3])
	case "verdict":
		g.inbox.setVerdict(rest)
	case "expire":
		return g.sql("UPDATE approvals SET token_expires_at = created_at")
	case "exec":
		return g.sql(rest)
	case "block", "unblock": // a device, by its key
		return g.move(s.verb, rest)
	}
	return err
}

func (g *gateway) exchange(s step) error {
	request, err := g.fill(s.request)
	if err != nil {
		return err
	}
	body, err := g.fill(strings.TrimSuffix(s.body, "\n"))
	if err != nil {
		return err
	}
	want := s.answer
	if code, detail, _ := strings.Cut(want, " "); g.errors[code] != "" {
		want = strings.ReplaceAll(g.errors[code], "{detail}", detail)
	}
	method, path, _ := strings.Cut(request, " ")
	if strings.HasPrefix(path, "/account/") {
		path = g.prefix + path
	}
	for range s.times {
		status, answer := g.request(method, path, body, g.caller.header(g.T, method, path, body))
		if err := g.match(want, fmt.Sprint(status, " ", answer)); err != nil {
			return err
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

// move has the operator block a device, or unblock it.
func (g *gateway) move(verb, key string) error {
	db, err := sql.Open(g.driver, strings.ReplaceAll(g.dsn, "{$KIT_DIR}", g.kit.Dir))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var id string
	if err := db.QueryRowContext(g.Context(), "SELECT id FROM clients WHERE device_key = '"+key+"'").Scan(&id); err != nil {
		return err
	}
	return g.operate("device/"+verb, map[string]any{"device": id}, new(any))
}

// pair makes an app's pair of keys, and keeps the public one.
func (g *gateway) pair(name string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	g.pairs[name], g.values[name] = key, base64.StdEncoding.EncodeToString(der)
	return err
}

func (g *gateway) signed(key *ecdsa.PrivateKey, text string) string {
	g.Helper()
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		g.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// public is the public key as the admin endpoint takes it.
func public(t testing.TB, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// wantNoSecrets holds law 11: no token of an approver, no key and no session of an app is in
// the log, debug lines among them, and no token and no key in an answer.
func (g *gateway) wantNoSecrets() {
	g.Helper()
	log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
	if err != nil || !strings.Contains(string(log), `"route":"qitech/device`) {
		g.Fatalf("the log has no line of ours: %v", err)
	}
	secrets := g.inbox.tokens()
	for _, c := range g.known {
		secrets = append(secrets, c.key)
	}
	for _, secret := range secrets {
		for _, text := range append(g.seen, string(log)) {
			if i := strings.Index(strings.ToLower(text), strings.ToLower(secret)); secret != "" && i >= 0 {
				g.Errorf("a secret is in %q", text[max(0, i-200):min(len(text), i+200)])
			}
		}
	}
	for _, session := range []string{"fae3cb6c-9012-4b1c-9d61-7e8b2a6a5ed2", "05894bad-c94e-4a61-b2a8-57edae868a0f"} {
		if strings.Contains(strings.ToLower(string(log)), session) {
			g.Errorf("what an app calls its session is in the log")
		}
	}
}
