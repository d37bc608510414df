package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// operator types commands for a server.
type operator struct {
	s    *server
	t    *testing.T
	find [][]string // ways to name the server, taken in turn
	next int
}

func newOperator(t *testing.T, s *server) *operator {
	return &operator{s: s, t: t, find: [][]string{
		{"--address", "unix/" + filepath.Join(s.Dir, "admin.sock")},
		{"--config", filepath.Join(s.Dir, "Caddyfile")},
		{"--config", filepath.Join(s.Dir, "Caddyfile"), "--adapter", "caddyfile"},
		{}, // the Caddyfile in the current folder
	}}
}

// run types `caddy doorward words…` with lines on standard input.
func (o *operator) run(in string, words ...string) (out, talk string, code int) {
	o.t.Helper()
	args := append(append([]string{"doorward"}, words...), o.find[o.next%len(o.find)]...)
	o.next++
	cmd := caddyCommand(o.t.Context(), o.s.Dir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		o.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// ok wants success, words in what is printed, and silence beside it.
func (o *operator) ok(in, want string, words ...string) string {
	o.t.Helper()
	out, talk, code := o.run(in, words...)
	if code != 0 || talk != "" || !strings.Contains(out, want) {
		o.t.Errorf("%v: exit %d, prints %q, says %q; want 0 and %q", words, code, out, talk, want)
	}
	return out
}

// json wants one JSON value with these keys, in the first object of it.
func (o *operator) json(in, keys string, words ...string) map[string]any {
	o.t.Helper()
	out, talk, code := o.run(in, append(words, "--json")...)
	if code != 0 || talk != "" || strings.Count(out, "\n") != 1 {
		o.t.Fatalf("%v --json: exit %d, prints %q, says %q; want 0 and one line", words, code, out, talk)
	}
	have := " " + keysOf(o.t, out) + " "
	for key := range strings.FieldsSeq(keys) {
		if !strings.Contains(have, " "+key+" ") {
			o.t.Errorf("%v --json has the keys%s, and %q is not among them", words, have, key)
		}
	}
	var value map[string]any
	_ = json.Unmarshal([]byte(out), &value) // an array has no fields to ask for
	return value
}

// fails wants exit code 1, nothing on standard output, and a word about why.
func (o *operator) fails(in, want string, words ...string) {
	o.t.Helper()
	out, talk, code := o.run(in, words...)
	if code != 1 || out != "" || !strings.Contains(talk, want) || strings.Contains(talk, "panic") {
		o.t.Errorf("%v: exit %d, prints %q, says %q; want 1, nothing and %q", words, code, out, talk, want)
	}
}

// Section 7: every command, for people and as JSON, by every way to find the
// server; and the server's log at level DEBUG holds none of the secrets.
func TestCommands(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), strings.Replace(caddyfile(google, "api onlyoffice", `respond "ok"`), "{", "{\ndebug", 1))
	o := newOperator(t, s)
	const given, password, secondPassword = "ORSXG5BAMZXXEIDDN5WW2YLOMRZSA5DF", "a typed pass phrase", "another pass phrase"

	made := o.json("", "id name status email phone groups password", "user", "add", "alice", "--email", "alice@example.com", "--group", "admins", "--group", "staff")
	o.ok(password+"\n", "name: bob\n", "user", "add", "bob", "--phone", "+4930123456", "--password-stdin")
	o.ok("", "+4930123456", "user", "list")
	o.json("", "id name status", "user", "list")
	o.ok("", "groups: admins,staff\n", "user", "show", "alice@example.com")
	id := o.json("", "id name status", "user", "show", "alice")["id"].(string)
	o.ok("", "user alice is disabled", "user", "disable", id)
	o.ok("", "user alice is active", "user", "enable", "alice")
	o.ok(secondPassword+"\n", "user alice has a new password", "user", "password", "alice", "--password-stdin")
	random := o.json("", "name password", "user", "password", "bob")

	o.ok("", "user alice is linked to google", "user", "link", "alice", "--identity", "google", "--subject", "1234")
	o.json("", "id name status", "user", "link", "bob", "--identity", "GOOGLE", "--subject", "5678")
	o.ok("", "identity: google 1234\n", "user", "show", "alice")
	o.json("", "identities", "user", "show", "bob")
	o.ok("", "user bob is no longer linked to google", "user", "unlink", "bob", "--identity", "google", "--subject", "5678")

	device := o.json("", "id serial secret uri status kind", "device", "add", "alice", "--kind", "totp", "--algorithm", "SHA256", "--digits", "8", "--period", "60")
	typed := o.json(given+"\n", "id serial secret uri", "device", "add", "alice", "--kind", "hotp", "--secret-stdin", "--serial", "TOKEN-1")
	if typed["secret"] != given || typed["serial"] != "TOKEN-1" || device["digits"] != 8.0 || device["period"] != 60.0 || device["algorithm"] != "SHA256" {
		t.Errorf("device add makes %v and %v", device, typed)
	}
	out, drawn, code := o.run("", "device", "add", "bob", "--kind", "totp")
	if code != 0 || !strings.Contains(out, "uri: otpauth://totp/") || !strings.ContainsAny(drawn, "▀▄█") {
		t.Errorf("device add: exit %d, prints %q, draws %q", code, out, drawn)
	}
	o.ok("", "TOKEN-1", "device", "list")
	o.ok("", "TOKEN-1", "device", "list", "alice")
	o.json("", "id serial status", "device", "list", "alice")
	o.ok("", "wrong_codes: 0\n", "device", "show", "TOKEN-1")
	o.json("", "id serial status wrong_codes", "device", "show", "TOKEN-1")
	o.ok("", "device TOKEN-1 is blocked", "device", "block", "TOKEN-1")
	o.json("", "id serial status", "device", "unblock", "TOKEN-1")
	hotp := hotp{t: t}
	hotp.Secret = given
	o.ok(hotp.code(100)+"\n"+hotp.code(101)+"\n", "device TOKEN-1 is resynchronised", "device", "resync", "TOKEN-1")

	s.password = secondPassword
	status, token := s.login(hotp.code(102))
	if status != 201 {
		t.Fatalf("the login gives %d", status)
	}
	o.ok("", "onlyoffice", "session", "list")
	o.json("", "id user device", "session", "list", "alice")
	session, _, _ := o.run("", "session", "list", "alice", "--json")
	var sessions []struct{ ID string }
	if err := json.Unmarshal([]byte(session), &sessions); err != nil || len(sessions) != 1 {
		t.Fatalf("session list prints %q", session)
	}
	o.ok("", "is revoked", "session", "revoke", sessions[0].ID)
	if status, _ := s.get("/", "Authorization", token); status != 401 {
		t.Errorf("a revoked session gives %d", status)
	}
	o.ok("", "signs from", "key", "rotate")
	o.json("", "id algorithm signs_from", "key", "rotate")
	o.ok("", "0 values", "seal", "rotate")
	o.json("", "changed", "seal", "rotate")
	o.ok("", "device TOKEN-1 is deactivated", "device", "deactivate", "TOKEN-1")
	o.json("", "id name", "user", "remove", "bob")

	for _, c := range []struct{ want, words string }{
		{"", "user show nobody"},
		{"", "device show nothing"},
		{"", "session revoke nothing"},
		{"usage", "user add"},
		{"unexpected argument", "user show a b"},
		{"--kind is missing", "device add alice"},
		{"smoke", "device add alice --kind smoke"},
		{"missing on standard input", "user password alice --password-stdin"},
		{"two consecutive codes", "device resync TOKEN-1"},
		{"a command is missing", "user"},
		{"unknown command", "user frobnicate"},
		{"already", "user add alice"},
		{`"1234" at google already belongs to a user`, "user link alice --identity google --subject 1234"},
		{"known are google", "user link alice --identity github --subject 1"},
		{"not linked", "user unlink alice --identity google --subject 2"},
		{"--subject is missing", "user link alice --identity google"},
	} {
		o.fails("", c.want, strings.Fields(c.words)...)
	}
	o.find = [][]string{{"--address", "unix/" + s.Dir + "/nobody.sock"}}
	o.fails("", "no Caddy answers", "user", "list")

	log := s.log.String()
	for _, secret := range append(append(spellings(t, given), spellings(t, device["secret"].(string))...),
		password, secondPassword, made["password"].(string), random["password"].(string), token, hotp.code(102), "argon2id$") {
		if found := linesWith(log, secret); len(found) > 0 {
			t.Errorf("the log holds the secret %q: %s", secret, found[0])
		}
	}
	if len(linesWith(log, `"level":"debug"`)) == 0 {
		t.Error("the log is not at level debug: this proves nothing")
	}
}
