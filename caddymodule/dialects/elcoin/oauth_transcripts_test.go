package elcoin_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
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

// The transcripts of testdata/oauth hold what a client of the logins sends, and the bytes
// that it gets. testdata/oauth/README.md has their grammar.
func TestLoginTranscripts(t *testing.T) {
	stories := readLoginStories(t)
	loginsOnBothStores(t, func(t *testing.T, store func(testing.TB) loginDatabase) {
		for _, s := range stories {
			t.Run(s.name, func(t *testing.T) {
				g := startLogins(t, store(t), s)
				for _, one := range s.steps {
					if err := g.play(one); err != nil {
						t.Fatalf("%s: %s %s %s\n%s\n%v", one.at, one.verb, one.rest, one.request, one.body, err)
					}
				}
				g.wantNoCodes()
			})
		}
	})
}

// loginDatabase is where a gateway keeps things, and the way to it beside the gateway.
type loginDatabase struct{ caddyfile, driver, dsn string }

var loginSQLite = loginDatabase{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", "file:{$KIT_DIR}/doorward.db?_pragma=busy_timeout(5000)"}

func loginsOnBothStores(t *testing.T, run func(*testing.T, func(testing.TB) loginDatabase)) {
	t.Run("sqlite", func(t *testing.T) { run(t, func(testing.TB) loginDatabase { return loginSQLite }) })
	t.Run("postgres", func(t *testing.T) {
		cluster := postgrestest.Start(t)
		run(t, func(t testing.TB) loginDatabase {
			dsn := cluster.Database(t)
			return loginDatabase{"store postgres " + dsn + "\nseal_key " + strings.Repeat("A", 43) + "=", "postgres", dsn}
		})
	})
}

// loginGateway is one where people log in, with an app behind it.
type loginGateway struct {
	*testing.T
	loginValues
	loginDatabase
	kit    *caddytestkit.Caddy
	client *http.Client
	inbox  *loginInbox
	keys   map[string]*ecdsa.PrivateKey // of apps that answer
	bearer string                       // of the next request
	codes  []string                     // that were made, and not sent
	seen   []string                     // every answer below /oauth/v2/
}

const loginConfig = `{
	%s
	doorward {
		%s
		%s
		public_url https://app.example.com
	}
	log {
		level DEBUG
		output file "{$KIT_DIR}/log"
	}
}
http:// {
	bind "unix/{$KIT_DIR}/gate.sock"
	doorward {
		api elcoin {
			%s
		}
	}
	respond "the app sees {http.request.header.Remote-User}"
}`

func startLogins(t *testing.T, store loginDatabase, s loginStory) *loginGateway {
	t.Helper()
	questions = new(authtest.Asker)
	g := &loginGateway{T: t, loginValues: loginValues{}, loginDatabase: store, inbox: newLoginInbox(t), keys: map[string]*ecdsa.PrivateKey{}}
	global := strings.Join(s.lines["doorward"], "\n")
	for _, channel := range s.lines["channel"] {
		if channel == "http" || channel == "stomp" {
			global += "\nchannel " + channel + " elcoin_asking"
		} else {
			global += fmt.Sprintf("\nchannel %s http %s/%[1]s", channel, g.inbox.URL)
		}
	}
	g.kit = caddytestkit.Start(t, fmt.Sprintf(loginConfig, caddytestkit.Globals, store.caddyfile, global, strings.Join(s.lines["api"], "\n")))
	g.client = g.kit.Client("gate")
	g.until("the gateway is ready", func() error {
		if status, answer := g.request(http.MethodGet, "/.doorward/ready", "", nil); status != http.StatusOK {
			return fmt.Errorf("%d %s", status, answer)
		}
		return nil
	})
	return g
}

// until waits for what is to come.
func (g *loginGateway) until(what string, come func() error) {
	g.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	err := come()
	for deadline := time.Now().Add(30 * time.Second); err != nil && time.Now().Before(deadline); err = come() {
		<-tick.C
	}
	if err != nil {
		g.Fatalf("it never comes that %s: %v", what, err)
	}
}

func (g *loginGateway) request(method, path, body string, header http.Header) (status int, text string) {
	g.Helper()
	resp := g.do(method, path, body, header)
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		g.Fatal(err)
	}
	if strings.HasPrefix(path, "/oauth/v2/") {
		g.seen = append(g.seen, string(all))
	}
	return resp.StatusCode, string(all)
}

func (g *loginGateway) do(method, path, body string, header http.Header) *http.Response {
	g.Helper()
	req, err := http.NewRequestWithContext(g.Context(), method, "http://app.example.com"+path, strings.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, all := range header {
		req.Header[http.CanonicalHeaderKey(name)] = all
	}
	resp, err := g.client.Do(req)
	if err != nil {
		g.Fatal(err)
	}
	return resp
}

func (g *loginGateway) operate(operation string, in, out any) error {
	client := admin.Client{Address: "unix/" + filepath.Join(g.kit.Dir, "admin.sock")}
	return client.Call(context.Background(), operation, in, out)
}

func (g *loginGateway) play(s loginStep) error {
	rest, err := g.fill(s.rest)
	if err != nil {
		return err
	}
	word, more, _ := strings.Cut(rest, " ")
	switch s.verb {
	case "":
		return g.exchange(s)
	case "let":
		g.loginValues[word] = more
	case "bearer":
		g.bearer = rest
	case "do":
		return g.operate(word, json.RawMessage(more), new(any))
	case "app":
		return g.app(word, more)
	case "device":
		return g.device(word, more)
	case "enrol":
		return g.enrol(word)
	case "answer":
		return g.answer(strings.Fields(rest))
	case "set":
		return g.set(strings.Fields(rest))
	case "await":
		g.until(rest, func() error { return g.set(strings.Fields(rest)) })
	case "expire":
		return g.sql("UPDATE challenges SET expires_at = created_at")
	case "nothing":
		if codes := g.inbox.codes(); len(codes) > 0 {
			return fmt.Errorf("%d codes were sent", len(codes))
		}
	case "logs":
		return g.logsIn(strings.TrimPrefix(rest, "in "))
	case "opens":
		return g.opens(strings.Fields(rest))
	case "closed":
		if status, answer := g.request(http.MethodGet, "/", "", http.Header{"Authorization": {"Bearer " + rest}}); status != http.StatusUnauthorized {
			return fmt.Errorf("it opens the site: %d %s", status, answer)
		}
	}
	return err
}

func (g *loginGateway) exchange(s loginStep) error {
	body, err := g.fill(s.body)
	if err != nil {
		return err
	}
	var header http.Header
	if g.bearer != "" {
		header = http.Header{"Authorization": {"Bearer " + g.bearer}}
		g.bearer = ""
	}
	method, path, _ := strings.Cut(s.request, " ")
	for range s.times {
		status, answer := g.request(method, path, body, header)
		if err := g.match(s.answer, fmt.Sprint(status, " ", answer)); err != nil {
			return err
		}
	}
	return nil
}

// app makes an integrator, and keeps its secret.
func (g *loginGateway) app(name, more string) error {
	in := map[string]any{"name": name, "dialect": "elcoin"}
	if more != "" {
		if err := json.Unmarshal([]byte(more), &in); err != nil {
			return err
		}
	}
	var out struct{ Key string }
	err := g.operate("integrator/add", in, &out)
	g.loginValues[name+".key"] = out.Key
	return err
}

// device makes one, and keeps its ID and secret.
func (g *loginGateway) device(name, in string) error {
	var out struct{ ID, Secret string }
	err := g.operate("device/add", json.RawMessage(in), &out)
	g.loginValues[name+".id"], g.loginValues[name+".secret"] = out.ID, out.Secret
	return err
}

func (g *loginGateway) answer(words []string) error {
	r, err := g.robot(words[0])
	if err != nil {
		return err
	}
	return r.answer(words[1], strings.Join(words[2:], ""))
}

// set keeps a code: of a device, by oathtool, of a question, or of the last message.
func (g *loginGateway) set(words []string) error { // NAME = totp|hotp DEVICE [COUNTER] | asked DEVICE | sent CHANNEL ADDRESS
	var code string
	var err error
	switch words[2] {
	case "sent":
		code, g.loginValues["message"], err = g.inbox.last(words[3], words[4])
	case "asked":
		var r robot
		if r, err = g.robot(words[3]); err == nil {
			_, code, err = r.asked()
		}
	default:
		args := []string{"--" + words[2], "-b", g.loginValues[words[3]+".secret"]}
		if words[2] == "hotp" {
			args = append(args, "-c", words[4])
		}
		var out []byte
		if out, err = exec.Command("oathtool", args...).Output(); err != nil {
			err = fmt.Errorf("oathtool (apt-get install oathtool): %w", err)
		}
		code = strings.TrimSpace(string(out))
	}
	if err == nil {
		g.loginValues[words[0]] = code
		g.codes = append(g.codes, code)
	}
	return err
}

// logsIn has the model make a device's number a name to log in with.
func (g *loginGateway) logsIn(device string) error {
	body := fmt.Sprintf(`{"uid":%q,"use_device_as_login":true}`, g.loginValues[device+".id"])
	var app struct {
		Token string `json:"access_token"`
	}
	ask := fmt.Sprintf(`{"client_id":"ib","client_secret":%q,"grant_type":"client_credentials"}`, g.loginValues["ib.key"])
	_, answer := g.request(http.MethodPost, "/oauth/v2/token", ask, nil)
	if err := json.Unmarshal([]byte(answer), &app); err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(g.loginValues["ib.key"]))
	_, _ = mac.Write([]byte(body))
	status, answer := g.request(http.MethodPost, "/model/oAuthDevice/putDb", body, http.Header{
		"Authorization": {"Bearer " + app.Token}, "X-App-Sig": {hex.EncodeToString(mac.Sum(nil))},
	})
	if status != http.StatusOK || !strings.Contains(answer, `"status":"ok"`) {
		return fmt.Errorf("%d %s", status, answer)
	}
	return nil
}

// opens says whether a token opens the site for a user, and tells by what he proved himself.
func (g *loginGateway) opens(words []string) error { // TOKEN USER AMR…
	status, answer := g.request(http.MethodGet, "/", "", http.Header{"Authorization": {"Bearer " + words[0]}})
	if status != http.StatusOK || answer != "the app sees "+words[1] {
		return fmt.Errorf("the token opens nothing: %d %s", status, answer)
	}
	var claims struct{ AMR []string }
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(words[0], ".")[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if want := append([]string{"pwd"}, words[2:]...); err != nil || !slices.Equal(claims.AMR, want) {
		return fmt.Errorf("amr %q, want %q, %w", claims.AMR, want, err)
	}
	return nil
}

// sql changes what no door changes, like the time.
func (g *loginGateway) sql(statement string) error {
	db, err := sql.Open(g.driver, strings.ReplaceAll(g.dsn, "{$KIT_DIR}", g.kit.Dir))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(g.Context(), statement)
	return err
}

// wantNoCodes: no code is in an answer, and no code, password, token or secret is in the log,
// debug lines among them (law 11).
func (g *loginGateway) wantNoCodes() {
	g.Helper()
	log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
	if err != nil || !strings.Contains(string(log), `"route":"elcoin/oauth/v2/`) {
		g.Fatalf("the log has no line of ours: %v", err)
	}
	secrets := []string{"111111-correct", "333333-correct"}
	for name, value := range g.loginValues {
		if name == "jwt" || name == "token" || name == "next" || strings.HasSuffix(name, ".key") || strings.HasSuffix(name, ".secret") {
			secrets = append(secrets, value)
		}
	}
	for _, secret := range slices.Concat(secrets, g.inbox.codes(), g.codes) {
		if i := strings.Index(string(log), secret); secret != "" && i >= 0 {
			g.Errorf("a secret is in %q", string(log)[max(0, i-200):min(len(log), i+200)])
		}
	}
	for _, code := range append(g.inbox.codes(), g.codes...) {
		for _, answer := range g.seen {
			if strings.Contains(answer, code) {
				g.Errorf("a code is in %s", answer)
			}
		}
	}
}
