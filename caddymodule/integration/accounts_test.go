package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/caddymodule/admin"
)

// An operator makes accounts and approvers, and ends what they may, at the command line.
func TestAccountsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), caddyfile("", "api qitech", `respond "ok"`))
	o := newOperator(t, s)
	const key = "9D5EA4EE-7A2C-4F07-8B66-0A4CBE1DF0D5"
	made := o.json("", "id tenant name status hub created_at", "account", "add", "acme", "--key", key)
	if made["id"] != strings.ToLower(key) || made["status"] != "active" || made["hub"] != false || made["tenant"] != "default" {
		t.Errorf("made is %v", made)
	}
	o.ok("", "name: pool\nid: ", "account", "add", "pool", "--hub", "--tenant", "hr")
	o.ok("", "name: alice\n", "user", "add", "alice", "--phone", "+5511900000000")
	o.ok("", "name: bob\n", "user", "add", "bob")
	o.ok("", "name: carol\n", "user", "add", "carol", "--tenant", "hr")
	approver := o.json("", "account user document phone email face created_at remark",
		"approver", "add", key, "alice", "--document", "438.858.048-16", "--phone", "+55 (11) 98765-4321", "--email", "Alice@Example.com", "--face", "367195fc")
	if approver["document"] != "43885804816" || approver["phone"] != "+5511987654321" || approver["email"] != "alice@example.com" || approver["account"] != made["id"] {
		t.Errorf("added is %v", approver)
	}
	if remark, _ := approver["remark"].(string); !strings.Contains(remark, "no token can be sent to alice: give --phone or --email for which the configuration has a channel") {
		t.Errorf("an approver whom nothing reaches: %q", remark)
	}
	if out, talk, code := o.run("", "approver", "add", "acme", "bob", "--document", "98765432100"); code != 0 || out != "bob approves on acme\n" || !strings.Contains(talk, "no token can be sent to bob") {
		t.Errorf("exit %d, prints %q, says %q", code, out, talk)
	}
	o.ok("", "alice  43885804816  +5511987654321  alice@example.com  367195fc", "approver", "list", "acme")
	o.ok("", `"user_name":"alice"`, "approver", "list", "acme", "--json")
	for _, c := range []struct{ want, not, words string }{
		{"acme  active  no", "pool", "account list"},
		{"pool  active  yes", "acme", "account list --tenant hr"},
	} {
		if out := o.ok("", c.want, strings.Fields(c.words)...); strings.Contains(out, c.not) {
			t.Errorf("%s prints %q too: %s", c.words, c.not, out)
		}
	}
	o.ok("", "alice approves no more on acme\n", "approver", "remove", "acme", "alice")
	o.ok("", "account acme is blocked\n", "account", "block", "acme")
	o.ok("", "account acme is active\n", "account", "unblock", strings.ToLower(key))
	o.ok("", "account pool is closed\n", "account", "close", "pool", "--tenant", "hr")
	for _, c := range []struct{ want, words string }{
		{"there is an account with the name acme", "account add acme"},
		{"no others: \"a/b\"", "account add a/b"},
		{`the key of an account is a UUID`, "account add other --key 1234"},
		{"no such account", "account block none"},
		{"no such account", "account block pool"},
		{"account acme is active already", "account unblock acme"},
		{"account pool is closed: it can't become active", "account unblock pool --tenant hr"},
		{"no such account", "approver list none"},
		{"no such user", "approver add acme nobody --document 12345678901"},
		{"no such user", "approver add acme carol --document 12345678901"},
		{"the document of an approver has 11 digits", "approver add acme alice --document 1234567890"},
		{"user bob approves on account acme already", "approver add acme bob --document 12345678901"},
		{"another does with this document", "approver add acme alice --document 987.654.321-00"},
		{"a phone number is", "approver add acme alice --document 12345678901 --phone 1"},
		{"an e-mail address looks like", "approver add acme alice --document 12345678901 --email home"},
		{"account pool is closed", "approver add pool carol --document 12345678901 --tenant hr"},
		{"user alice is no approver of account acme", "approver remove acme alice"},
		{"no such device", "device approve S1"},
		{"no such device", "device refuse S1"},
	} {
		o.fails("", c.want, strings.Fields(c.words)...)
	}
	log := s.log.String()
	for _, word := range []string{"account.add", "account.block", "account.unblock", "account.close", "approver.add", "approver.remove"} {
		if !strings.Contains(log, `"action":"`+word+`"`) {
			t.Errorf("the log does not have %s", word)
		}
	}
	for _, personal := range []string{"43885804816", "438.858.048-16", "98765432100", "5511987654321", "367195fc"} {
		if strings.Contains(log, personal) {
			t.Errorf("%s is in the log: %s", personal, linesWith(log, personal))
		}
	}
}

// pemOf writes a key as openssl does.
func pemOf(t *testing.T, folder, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Who signs its calls is made with its public key, of a kind that its dialect knows.
func TestIntegratorsWhoSignFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), caddyfile("", "api qitech\napi concierge", `respond "ok"`))
	o := newOperator(t, s)
	folder := t.TempDir()
	files := map[elliptic.Curve]string{}
	var private string
	for _, curve := range []elliptic.Curve{elliptic.P521(), elliptic.P256()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		public, err1 := x509.MarshalPKIXPublicKey(key.Public())
		secret, err2 := x509.MarshalPKCS8PrivateKey(key)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		name := curve.Params().Name
		files[curve] = pemOf(t, folder, name+".pem", "PUBLIC KEY", public)
		private = pemOf(t, folder, name+".key", "PRIVATE KEY", secret)
		if curve != elliptic.P521() {
			continue
		}
		// Neither does the server take one in place of a public key, nor repeat it.
		for what, text := range map[string]string{"a private key": base64.StdEncoding.EncodeToString(secret), "no Base64": "%%"} {
			err := admin.Client{Address: "unix/" + filepath.Join(s.Dir, "admin.sock")}.Call(t.Context(), "integrator/add",
				admin.AddIntegrator{Name: "bank", Dialect: "qitech", PublicKey: text}, new(admin.IntegratorWithKey))
			if err == nil || !strings.Contains(err.Error(), "the public key can't be read") || strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	made := o.json("", "id name dialect key public_key_sha256", "integrator", "add", "bank", "--dialect", "qitech", "--public-key", files[elliptic.P521()])
	if made["key"] != made["id"] || len(made["public_key_sha256"].(string)) != 64 {
		t.Errorf("made is %v", made)
	}
	o.ok("", "name: second\nkey: ", "integrator", "add", "second", "--dialect", "qitech", "--public-key", files[elliptic.P521()])
	keyed := o.json("", "id name dialect key", "integrator", "add", "keyed", "--dialect", "qitech", "--operation", "show_device")
	if _, signs := keyed["public_key_sha256"]; signs || keyed["key"] == keyed["id"] {
		t.Errorf("made is %v", keyed)
	}
	for _, c := range []struct{ want, words string }{
		{"are signed with ES512: make a key of the curve P-521", "integrator add other --dialect qitech --public-key " + files[elliptic.P256()]},
		{"integrators of the dialect concierge show a key and don't sign", "integrator add other --dialect concierge --public-key " + files[elliptic.P521()]},
		{"has a private key, which must stay with whoever signs", "integrator add other --dialect qitech --public-key " + private},
		{"no such file", "integrator add other --dialect qitech --public-key " + filepath.Join(folder, "none")},
		{`the dialect qitech has no operation "fly"`, "integrator add other --dialect qitech --operation fly"},
	} {
		o.fails("", c.want, strings.Fields(c.words)...)
	}
}

// What waits is let in, or not, by an operator too: once. No other device is.
func TestDevicesAreLetInFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), caddyfile("", "api qitech {\nsandbox_token\n}", `respond "ok"`))
	o := newOperator(t, s)
	account := o.json("", "id", "account", "add", "acme")["id"].(string)
	o.ok("", "name: alice\n", "user", "add", "alice")
	o.json("", "account user document phone email face created_at remark", "approver", "add", "acme", "alice", "--document", "98765432100")
	bank := o.json("", "id key", "integrator", "add", "bank", "--dialect", "qitech")
	o.json("", "serial", "device", "add", "alice", "--kind", "totp", "--serial", "TOKEN-1")
	for verb, state := range map[string]string{"approve": "active", "refuse": "rejected"} {
		key := uuid.NewString()
		status, text := s.post("/account/"+account+"/device", `{"device_key":"`+key+`","session_id":"`+uuid.NewString()+
			`","tfa_info":{"approver_document_number":"98765432100","contact_type":"sms"}}`,
			"API-CLIENT-KEY", bank["id"].(string), "Authorization", "Bearer "+bank["key"].(string))
		if status != http.StatusAccepted {
			t.Fatalf("the request gives %d %s", status, text)
		}
		var list []admin.Device
		s.call("device/list", admin.ListOf{User: "alice"}, &list)
		waits := list[len(list)-1]
		if waits.Status != "pending" || waits.Kind != "client" {
			t.Fatalf("what waits is %+v", waits)
		}
		for _, line := range []string{"account: acme\n", "device_key: " + key + "\n", "asked_by: bank\n"} {
			if out := o.ok("", line, "device", "show", waits.Serial); strings.Contains(out, "digits:") {
				t.Errorf("what makes no codes has digits: %s", out)
			}
		}
		o.ok("", `"account":"acme","device_key":"`+key+`","asked_by":"bank"`, "device", "show", waits.Serial, "--json")
		o.ok("", "device "+waits.Serial+" is "+state+"\n", "device", verb, waits.Serial)
		o.fails("", "", "device", verb, waits.Serial)
		o.fails("", "", "device", verb, "TOKEN-1")
		o.ok("", "status: "+state+"\n", "device", "show", waits.Serial)
		if !strings.Contains(s.log.String(), `"action":"client.`+verb+`"`) {
			t.Errorf("client.%s is not in the log", verb)
		}
	}
	if out := o.ok("", "status: active\n", "device", "show", "TOKEN-1"); !strings.Contains(out, "digits: 6\n") || strings.Contains(out, "asked_by") {
		t.Errorf("the device that makes codes is shown as %s", out)
	}
}
