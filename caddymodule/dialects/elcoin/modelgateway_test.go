package elcoin_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// modelApp is whose turn it is: an app with its secret and its token, or with a user's.
type modelApp struct{ name, secret, token string }

// modelGateway is one that apps call, and a provider to whom messages go.
type modelGateway struct {
	gateway
	prefix    string
	apps      map[string]modelApp
	app       modelApp
	token     string // of the user whose turn it is; empty: the app's own
	sig, from string
	log       []string // of every answer
}

const modelConfig = `{
	%s
	servers {
		trusted_proxies_unix
	}
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
		api elcoin {
			%s
		}
	}
	respond "the app sees {http.request.header.Remote-User}"
}`

func startModel(t *testing.T, store database, s story) *modelGateway {
	t.Helper()
	provider := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(provider.Close)
	g := &modelGateway{apps: map[string]modelApp{}, from: "192.0.2.1"}
	global := strings.Join(s.lines["doorward"], "\n")
	for _, channel := range s.lines["channel"] {
		global += fmt.Sprintf("\nchannel %s http %s/%[1]s", channel, provider.URL)
	}
	for _, line := range s.lines["api"] {
		if prefix, ok := strings.CutPrefix(line, "prefix "); ok {
			g.prefix = prefix
		}
	}
	g.gateway = startGateway(t, store, fmt.Sprintf(modelConfig, caddytestkit.Globals, store.caddyfile, global, strings.Join(s.lines["api"], "\n")))
	return g
}

// request comes over HTTPS, from where the turn is.
func (g *modelGateway) request(method, path, body string, header http.Header) (status int, text string) {
	g.Helper()
	return g.gateway.request(method, path, body, g.behindProxy(header))
}

func (g *modelGateway) do(method, path, body string, header http.Header) *http.Response {
	g.Helper()
	return g.gateway.do(method, path, body, g.behindProxy(header))
}

func (g *modelGateway) behindProxy(header http.Header) http.Header {
	all := http.Header{"X-Forwarded-For": {g.from}, "X-Forwarded-Proto": {"https"}}
	maps.Copy(all, header)
	return all
}

// header is what the app whose turn it is shows with a body.
func (g *modelGateway) header(body string) http.Header {
	if g.app.name == "" {
		return nil
	}
	h := http.Header{"X-App-Sig": {g.sig}, "Authorization": {"Bearer " + g.app.token}}
	if g.sig == "" {
		h.Set("X-App-Sig", signWith(g.app.secret, body))
	}
	if g.token != "" {
		h.Set("Authorization", "Bearer "+g.token)
		h.Set("X-App-Key", g.app.name)
	}
	return h
}

// signWith is the signature of a text, with the library of Go alone.
func signWith(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// as gives the turn to an app, which is made at its first, or to nobody.
func (g *modelGateway) as(line string) error {
	name, more, _ := strings.Cut(line, " ")
	g.sig, g.token = "", ""
	if name == "nobody" {
		g.app = modelApp{}
		return nil
	}
	if app, known := g.apps[name]; known {
		g.app = app
		return nil
	}
	in := map[string]any{"name": name, "dialect": "elcoin"}
	if more != "" {
		if err := json.Unmarshal([]byte(more), &in); err != nil {
			return err
		}
	}
	var made struct{ Key string }
	if err := g.operate("integrator/add", in, &made); err != nil {
		return err
	}
	body := fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"grant_type":"client_credentials","response_type":"access_token","scope":"","state":""}`, name, made.Key)
	status, answer := g.request(http.MethodPost, g.prefix+"/oauth/v2/token", body, nil)
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(answer), &out); err != nil || out.Token == "" {
		return fmt.Errorf("the token of %s is answered %d %s", name, status, answer)
	}
	g.app = modelApp{name, made.Key, out.Token}
	g.apps[name] = g.app
	return nil
}

const modelPassword = "Tr0ub4dor-and-3"

// asUser has the app show a user's token, who logs in with a device that an operator makes.
func (g *modelGateway) asUser(name string) error {
	var device struct{ Secret string }
	if err := g.operate("device/add", map[string]any{"user": name, "kind": "totp"}, &device); err != nil {
		return err
	}
	token, err := g.login(name, device.Secret)
	g.token = token
	return err
}

// login logs a user in with the code of a key.
func (g *modelGateway) login(name, key string) (string, error) {
	if err := g.operate("user/password", map[string]any{"user": name, "password": modelPassword}, new(any)); err != nil {
		return "", err
	}
	code, err := exec.Command("oathtool", "--totp", "-b", key).Output()
	if err != nil {
		return "", fmt.Errorf("oathtool (apt-get install oathtool): %w", err)
	}
	body := fmt.Sprintf(`{"userName":%q,"password":%q}`, name, modelPassword)
	status, answer := g.request(http.MethodPost, "/api/2.0/authentication/"+strings.TrimSpace(string(code)), body, nil)
	var out struct{ Response struct{ Token string } }
	if err := json.Unmarshal([]byte(answer), &out); err != nil || out.Response.Token == "" {
		return "", fmt.Errorf("the login of %s is answered %d %s", name, status, answer)
	}
	return out.Response.Token, nil
}

// scan has zbarimg read the picture that a value is, which it becomes.
func (g *modelGateway) scan(name string) error {
	picture, err := base64.StdEncoding.DecodeString(g.values[name])
	if err != nil {
		return err
	}
	file := filepath.Join(g.TempDir(), "picture.png")
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		return err
	}
	out, err := exec.Command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
	if err != nil {
		return fmt.Errorf("zbarimg (apt-get install zbar-tools): %w", err)
	}
	g.values[name] = strings.TrimSpace(string(out))
	return nil
}
