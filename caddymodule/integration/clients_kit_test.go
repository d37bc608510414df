package integration

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/caddymodule/admin"
)

// bank is a gateway, as a process of its own, before an app that streams and wants a
// registered device. An integrator signs its calls, and a mail server takes the tokens.
type bank struct {
	*server
	operator *operator
	mail     *mailServer
	account  string // the ID of one
	client   string // API-CLIENT-KEY
	signer   *signer
}

// bothStores runs a test with each database, as a line of the Caddyfile.
func bothStores(t *testing.T, test func(t *testing.T, store string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, `store sqlite "{$KIT_DIR}/doorward.db"`) })
	t.Run("postgres", func(t *testing.T) {
		test(t, "store postgres "+onePostgres(t).Database(t)+"\nseal_key "+strings.Repeat("A", 43)+"=")
	})
}

// openBank makes the account, its approver alice and the integrator as an operator does.
func openBank(t *testing.T, store string) *bank {
	t.Helper()
	b := &bank{mail: startMailServer(t), account: newKey(), signer: newSigner(t, "ES512")}
	b.server = startBank(t, b.mail, store)
	b.operator = newOperator(t, b.server)
	b.enrol()
	b.operator.ok("", b.account, "account", "add", "acme", "--key", b.account)
	b.operator.ok("", "alice", "approver", "add", "acme", "alice", "--document", aliceDocument, "--email", "alice@example.com")
	b.client = b.integrator("bank", b.signer)
	return b
}

const aliceDocument = "98765432100"

func startBank(t *testing.T, mail *mailServer, store string) *server {
	t.Helper()
	app := streaming(t)
	config := caddyfile("channel email smtp {\nserver "+mail.address+"\nfrom door@example.com\ntls none\n}",
		"api onlyoffice\napi qitech\nrequire device", "reverse_proxy "+app.Listener.Addr().String())
	s := launch(t, shortDir(t), strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, store, 1))
	s.app = app
	s.awaitReady()
	return s
}

// integrator registers the public key of s, and gives the integrator's ID.
func (b *bank) integrator(name string, s *signer) string {
	b.t.Helper()
	file := filepath.Join(b.Dir, name+".pem")
	if err := os.WriteFile(file, s.public(), 0o600); err != nil {
		b.t.Fatal(err)
	}
	made := b.operator.json("", "name key id", "integrator", "add", name, "--dialect", "qitech", "--public-key", file)
	key, _ := made["key"].(string)
	if key == "" || key != made["id"] {
		b.t.Fatalf("the integrator is %v", made)
	}
	return key
}

// at is a path below the account.
func (b *bank) at(rest string) string { return "/account/" + b.account + "/" + rest }

// signed sends a call that is signed as it should be.
func (b *bank) signed(method, path, body string) (status int, text string) {
	b.t.Helper()
	return b.send(b.signer.sign(method, path, body), method, path, body)
}

// send sends a call with a JWT that was made before.
func (b *bank) send(jwt, method, path, body string) (status int, text string) {
	b.t.Helper()
	status, text, _ = b.do(method, path, body, "API-CLIENT-KEY", b.client, "AUTHORIZATION", jwt, "Content-Type", "application/json")
	return status, text
}

// want asks, and wants a status and a text in the answer.
func (b *bank) want(status int, text, method, path, body string) string {
	b.t.Helper()
	got, answer := b.signed(method, path, body)
	if got != status || !strings.Contains(answer, text) {
		b.t.Fatalf("%s %s gives %d %s, want %d and %s", method, path, got, answer, status, text)
	}
	return answer
}

// appDevice is a device that an app has asked for.
type appDevice struct{ key, session string }

func newAppDevice() appDevice { return appDevice{newKey(), newKey()} }

// request is the body as the vendor's page has it, trailing commas and all.
func (a appDevice) request(document string, more string) string {
	return fmt.Sprintf(`{
	"device_key": %q,
	"session_id": %q,%s
	"tfa_info": {
		"approver_document_number": %q,
		"contact_type": "email",
	},
}`, a.key, a.session, more, document)
}

func (a appDevice) at(b *bank, verb string) string {
	return b.at(strings.TrimSuffix("device/"+a.key+"/"+verb, "/"))
}

// approve asks for a device of alice's, and brings back the token that was mailed.
func (b *bank) approve() appDevice {
	b.t.Helper()
	a := newAppDevice()
	b.want(http.StatusAccepted, "pending_2fa_approval", http.MethodPost, b.at("device"), a.request(aliceDocument, ""))
	b.want(http.StatusCreated, `"created"`, http.MethodPut, a.at(b, "validate"), tokenBody(b.mail.token(b.t, "alice@example.com")))
	return a
}

func tokenBody(token string) string { return fmt.Sprintf(`{"token":%q}`, token) }

// bind shows the gateway that a session is on a device, and gives the token of the new
// session.
func (b *bank) bind(token, document, tfa string) (status int, bound string) {
	b.t.Helper()
	status, text := b.post(b.at("device_session"), fmt.Sprintf(`{"tfa_info":{"approver_document_number":%q,"contact_type":"device",%s}}`, document, tfa),
		"Authorization", "Bearer "+token)
	var answer struct{ Token string }
	if status == http.StatusCreated {
		if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Token == "" {
			b.t.Fatalf("the session that is bound is %s, %v", text, err)
		}
	}
	return status, answer.Token
}

// wantDoor wants a token to be let through to the app, or to be refused with the app asked nothing.
func (d *door) wantDoor(what, token string, want int) {
	d.t.Helper()
	hits := d.app.hits.Load()
	status, text := d.get("/", "Authorization", token)
	if status != want {
		d.t.Errorf("%s: %d %s, want %d", what, status, text, want)
	}
	if seen := d.app.hits.Load() - hits; (want == http.StatusOK) != (seen == 1) || seen > 1 {
		d.t.Errorf("%s: the app saw %d requests", what, seen)
	}
}

// tfa is what an app says of a session that is on the device.
func (a appDevice) tfa() string { return fmt.Sprintf(`"session_id":%q`, a.session) }

// clientsOf are the client devices of a user, the oldest first.
func (b *bank) clientsOf(user string) (list []admin.Device) {
	b.t.Helper()
	var all []admin.Device
	b.call("device/list", admin.ListOf{User: user}, &all)
	for _, d := range all {
		if d.Kind == "client" {
			list = append(list, d)
		}
	}
	return list
}

// active is the serial of the one client device of a user that counts.
func (b *bank) active(user string) string {
	b.t.Helper()
	var serials []string
	for _, d := range b.clientsOf(user) {
		if d.Status == "active" {
			serials = append(serials, d.Serial)
		}
	}
	if len(serials) != 1 {
		b.t.Fatalf("the client devices of %s that count are %v", user, serials)
	}
	return serials[0]
}

// waiting is a device that waits for an approver of its own: the letters that one person
// may get in an hour are few.
type waiting struct {
	appDevice
	user           *door
	document, mail string
	b              *bank
}

func (b *bank) waiting(n int, more string) waiting {
	b.t.Helper()
	name := fmt.Sprintf("w%d", n)
	w := waiting{newAppDevice(), b.another(name), fmt.Sprintf("%011d", n), name + "@example.com", b}
	b.operator.ok("", name, "approver", "add", "acme", name, "--document", w.document)
	b.want(http.StatusAccepted, "pending_2fa_approval", http.MethodPost, b.at("device"), w.request(w.document, more))
	return w
}

// approved is one that counts.
func (b *bank) approved(n int, more string) waiting {
	b.t.Helper()
	w := b.waiting(n, more)
	b.want(http.StatusCreated, `"created"`, http.MethodPut, w.at(b, "validate"), tokenBody(b.mail.token(b.t, w.mail)))
	return w
}

func newKey() string {
	id, err := uuid.NewRandomFromReader(rand.Reader)
	if err != nil {
		panic(err)
	}
	return id.String()
}
