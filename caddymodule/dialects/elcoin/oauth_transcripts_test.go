package elcoin_test

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// loginVerbs prepare an exchange of a login.
var loginVerbs = []string{"let", "app", "device", "enrol", "do", "set", "await", "answer", "record", "bearer", "expire", "exec", "nothing", "opens", "closed"}

// The transcripts of testdata/oauth hold what a client of the logins sends, and the bytes
// that it gets. testdata/oauth/README.md has their grammar.
func TestLoginTranscripts(t *testing.T) {
	stories := readStories(t, "oauth", loginVerbs...)
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
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

// loginGateway is one where people log in, with an app behind it.
type loginGateway struct {
	gateway
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

func startLogins(t *testing.T, store database, s story) *loginGateway {
	t.Helper()
	questions = new(authtest.Asker)
	g := &loginGateway{inbox: newLoginInbox(t), keys: map[string]*ecdsa.PrivateKey{}}
	global := strings.Join(s.lines["doorward"], "\n")
	for _, channel := range s.lines["channel"] {
		if channel == "http" || channel == "stomp" {
			global += "\nchannel " + channel + " elcoin_asking"
		} else {
			global += fmt.Sprintf("\nchannel %s http %s/%[1]s", channel, g.inbox.URL)
		}
	}
	g.gateway = startGateway(t, store, fmt.Sprintf(loginConfig, caddytestkit.Globals, store.caddyfile, global, strings.Join(s.lines["api"], "\n")))
	return g
}

// request keeps what is answered below /oauth/v2/.
func (g *loginGateway) request(method, path, body string, header http.Header) (status int, text string) {
	g.Helper()
	status, text = g.gateway.request(method, path, body, header)
	if strings.HasPrefix(path, "/oauth/v2/") {
		g.seen = append(g.seen, text)
	}
	return status, text
}

func (g *loginGateway) play(s step) error {
	rest, err := g.fill(s.rest)
	if err != nil {
		return err
	}
	word, more, _ := strings.Cut(rest, " ")
	switch s.verb {
	case "":
		return g.exchange(s)
	case "let":
		g.values[word] = more
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
	case "exec":
		return g.sql(rest)
	case "nothing":
		if codes := g.inbox.codes(); len(codes) > 0 {
			return fmt.Errorf("%d codes were sent", len(codes))
		}
	case "record":
		return g.record(word, more)
	case "opens":
		return g.opens(strings.Fields(rest))
	case "closed":
		if status, answer := g.request(http.MethodGet, "/", "", http.Header{"Authorization": {"Bearer " + rest}}); status != http.StatusUnauthorized {
			return fmt.Errorf("it opens the site: %d %s", status, answer)
		}
	}
	return err
}

func (g *loginGateway) exchange(s step) error {
	body, err := g.fill(strings.TrimSuffix(s.body, "\n"))
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
	g.values[name+".key"] = out.Key
	return err
}

// device makes one, and keeps its ID and secret.
func (g *loginGateway) device(name, in string) error {
	var out struct{ ID, Secret string }
	err := g.operate("device/add", json.RawMessage(in), &out)
	g.values[name+".id"], g.values[name+".secret"] = out.ID, out.Secret
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
		code, g.values["message"], err = g.inbox.last(words[3], words[4])
	case "asked":
		var r robot
		if r, err = g.robot(words[3]); err == nil {
			_, code, err = r.asked()
		}
	default:
		args := []string{"--" + words[2], "-b", g.values[words[3]+".secret"]}
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
		g.values[words[0]] = code
		g.codes = append(g.codes, code)
	}
	return err
}

// record has the model make or change a device, and keeps its ID and secret.
func (g *loginGateway) record(name, body string) error {
	var app struct {
		Token string `json:"access_token"`
	}
	ask := fmt.Sprintf(`{"client_id":"ib","client_secret":%q,"grant_type":"client_credentials"}`, g.values["ib.key"])
	_, answer := g.request(http.MethodPost, "/oauth/v2/token", ask, nil)
	if err := json.Unmarshal([]byte(answer), &app); err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(g.values["ib.key"]))
	_, _ = mac.Write([]byte(body))
	status, answer := g.request(http.MethodPost, "/model/oAuthDevice/putDb", body, http.Header{
		"Authorization": {"Bearer " + app.Token}, "X-App-Sig": {hex.EncodeToString(mac.Sum(nil))},
	})
	var out struct {
		Data struct {
			UID    string `json:"uid"`
			Secret string `json:"private_key"`
		}
	}
	if err := json.Unmarshal([]byte(answer), &out); err != nil || status != http.StatusOK || out.Data.UID == "" {
		return fmt.Errorf("%d %s", status, answer)
	}
	if g.values[name+".id"] = out.Data.UID; out.Data.Secret != "" {
		g.values[name+".secret"] = out.Data.Secret
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

// wantNoCodes: no code is in an answer, and no code, password, token or secret is in the log,
// debug lines among them (law 11).
func (g *loginGateway) wantNoCodes() {
	g.Helper()
	log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
	if err != nil || !strings.Contains(string(log), `"route":"elcoin/oauth/v2/`) {
		g.Fatalf("the log has no line of ours: %v", err)
	}
	secrets := []string{"111111-correct", "333333-correct"}
	for name, value := range g.values {
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
