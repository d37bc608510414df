package integration

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	parser "github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/caddymodule/admin"
)

func init() { caddy.RegisterModule(new(questioner)) }

// questioner is a channel to devices that answer later, in this process.
type questioner struct{}

// questions are what it asked. Caddy is one per process, and so are they.
var questions *authtest.Asker

// CaddyModule returns the module's ID.
func (*questioner) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.questioner", New: func() caddy.Module { return new(questioner) }}
}

// UnmarshalCaddyfile takes no words.
func (*questioner) UnmarshalCaddyfile(d *parser.Dispenser) error { d.Next(); return nil }

func (*questioner) Reaches(kind authcore.DeviceKind) bool { return questions.Reaches(kind) }

func (*questioner) Send(ctx context.Context, m authcore.Message) error { return questions.Send(ctx, m) }

func (*questioner) CheckAddress(address string) error { return questions.CheckAddress(address) }

func (*questioner) Ask(ctx context.Context, q authcore.Question) (string, error) {
	return questions.Ask(ctx, q)
}

// matrix is one gateway with all dialects, a channel for every kind, and who calls each.
type matrix struct {
	*door
	post    *postbox
	account string
	pass    admin.IntegratorWithKey // of surepassid
	bank    admin.IntegratorWithKey // of qitech
	abs     admin.IntegratorWithKey // of elcoin
	bearer  string                  // the token of abs
	made    int
}

const matrixSite = "https://app.example.com"

func openMatrix(t *testing.T, store string) *matrix {
	t.Helper()
	app := newBackend(t, nil)
	m := &matrix{post: newPostbox(t), account: newKey()}
	questions = &authtest.Asker{}
	globals := "public_url " + matrixSite + "\nfactors totp hotp phone email http stomp mobile_application\nchannel http questioner\nchannel stomp questioner"
	for _, kind := range []string{"phone", "email", "mobile_application"} {
		globals += "\nchannel " + kind + " http " + m.post.URL + "/"
	}
	config := caddyfile(globals, "api onlyoffice\napi surepassid\napi qitech\napi elcoin", "reverse_proxy "+app.Listener.Addr().String())
	m.door = openBefore(t, app, strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, store, 1))
	for dialect, caller := range map[string]*admin.IntegratorWithKey{"surepassid": &m.pass, "qitech": &m.bank, "elcoin": &m.abs} {
		m.call("integrator/add", admin.AddIntegrator{Name: "of-" + dialect, Dialect: dialect, Rate: 100_000}, caller)
	}
	m.call("account/add", admin.AddAccount{Name: "acme", ID: m.account}, &admin.Account{})
	var token struct {
		Token string `json:"access_token"`
	}
	m.oauth("token", map[string]any{"grant_type": "client_credentials", "client_id": m.abs.Name, "client_secret": m.abs.Key}, &token)
	m.bearer = token.Token
	return m
}

// toSurePassID sends one call, and gives the return code.
func (m *matrix) toSurePassID(operation string, fields map[string]any, out any) (code int, text string) {
	m.t.Helper()
	fields["type"], fields["spAccountLoginName"], fields["spAccountLoginKey"] = operation, m.pass.Name, m.pass.Key
	status, text := m.sends("/AuthServer/REST/U2F/U2FServer.aspx", fields)
	answer := struct{ ErrorCode int }{-2}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
		m.t.Fatalf("surepassid: %s: %d %s", operation, status, text)
	}
	if out != nil && answer.ErrorCode == 0 {
		mustRead(m.t, text, out)
	}
	return answer.ErrorCode, text
}

// toQITech sends one call below the account.
func (m *matrix) toQITech(method, path, body string) (status int, text string) {
	m.t.Helper()
	status, text, _ = m.do(method, "/account/"+m.account+"/device"+path, body,
		"API-CLIENT-KEY", m.bank.ID, "Authorization", "Bearer "+m.bank.Key, "Content-Type", "application/json")
	return status, text
}

// toElcoin sends one call to the model, signed, and gives its text when it is refused.
func (m *matrix) toElcoin(path string, body map[string]any, out any) (refused, text string) {
	m.t.Helper()
	sent := ""
	if body != nil {
		sent = encoded(m.t, body)
	}
	mac := hmac.New(sha256.New, []byte(m.abs.Key))
	_, _ = mac.Write([]byte(sent))
	status, text := m.door.post("/model/oAuthDevice/"+path, sent, "X-App-Sig", hex.EncodeToString(mac.Sum(nil)), "Authorization", "Bearer "+m.bearer)
	var answer struct {
		Text string `json:"error_description"`
		Data json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
		m.t.Fatalf("elcoin: %s: %d %s", path, status, text)
	}
	if out != nil && answer.Text == "" {
		mustRead(m.t, string(answer.Data), out)
	}
	return answer.Text, text
}

// oauth is a step of a login in the Elcoin dialect.
func (m *matrix) oauth(step string, fields map[string]any, out any) {
	m.t.Helper()
	for _, name := range []string{"client_timezone", "ip", "redirect_uri", "source_system", "state"} {
		fields[name] = ""
	}
	fields["response_type"] = "code"
	_, text := m.sends("/oauth/v2/"+step, fields)
	mustRead(m.t, text, out)
}

func (m *matrix) sends(path string, body map[string]any) (status int, text string) {
	m.t.Helper()
	return m.door.post(path, encoded(m.t, body))
}

func encoded(t testing.TB, body map[string]any) string {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustRead(t testing.TB, text string, out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", text, err))
	}
}
