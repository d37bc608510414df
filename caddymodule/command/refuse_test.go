package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused runs a command line that must fail with one line on standard error
// and nothing on standard output.
func refused(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	stdout, stderr, err := run(stdin, args...)
	if err == nil || stdout != "" || strings.Count(stderr, "\n") != 1 {
		t.Errorf("%q: error %v, standard output %q, standard error %q", args, err, stdout, stderr)
	}
	return strings.TrimSuffix(strings.TrimPrefix(stderr, "Error: "), "\n")
}

func TestWrongUse(t *testing.T) {
	s := newServer(t)
	const add = "usage: caddy doorward device add USER --kind totp|hotp|phone|email|http|stomp|mobile_application [--algorithm SHA1|SHA256|SHA512] [--digits 6|8] [--period 30] [--secret-stdin] [--to A] [--serial S] [--tenant T]"
	const addApprover = "usage: caddy doorward approver add ACCOUNT USER --document N [--phone P] [--email E] [--face F] [--tenant T]"
	const addIntegrator = "usage: caddy doorward integrator add NAME --dialect D [--tenant T] [--allow CIDR]… [--operation TYPE]… [--rate N] [--public-key FILE]"
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "a command is missing: usage: caddy doorward account|approver|device|integrator|key|seal|session|store|user"},
		{[]string{"usr"}, `unknown command "usr": usage: caddy doorward account|approver|device|integrator|key|seal|session|store|user`},
		{[]string{"key"}, "a command is missing: usage: caddy doorward key rotate"},
		{[]string{"session", "end", "x"}, `unknown command "end": usage: caddy doorward session list|revoke`},
		{[]string{"user", "show"}, "an argument is missing: usage: caddy doorward user show NAME [--tenant T]"},
		{[]string{"user", "show", ""}, "an argument is empty: usage: caddy doorward user show NAME [--tenant T]"},
		{[]string{"user", "show", "a", "b\x1b"}, `unexpected argument "b\x1b": usage: caddy doorward user show NAME [--tenant T]`},
		{[]string{"user", "list", "alice"}, `unexpected argument "alice": usage: caddy doorward user list [--tenant T]`},
		{[]string{"session", "list", ""}, "an argument is empty: usage: caddy doorward session list [USER] [--tenant T]"},
		{[]string{"seal", "rotate", "now"}, `unexpected argument "now": usage: caddy doorward seal rotate`},
		{[]string{"user", "list", "--all"}, "unknown flag: --all: usage: caddy doorward user list [--tenant T]"},
		{[]string{"user", "add", "a", "--password", "p"}, "unknown flag: --password: usage: caddy doorward user add NAME [--email E] [--phone P] [--group G]… [--language L] [--password-stdin] [--tenant T]"},
		{[]string{"user", "add", "a", "--email", ""}, "--email needs a value: usage: caddy doorward user add NAME [--email E] [--phone P] [--group G]… [--language L] [--password-stdin] [--tenant T]"},
		{[]string{"user", "add", "a", "--group", ""}, "--group needs a value: usage: caddy doorward user add NAME [--email E] [--phone P] [--group G]… [--language L] [--password-stdin] [--tenant T]"},
		{[]string{"user", "link", "a"}, "--identity is missing: usage: caddy doorward user link NAME --identity SOURCE --subject SUB [--tenant T]"},
		{[]string{"user", "unlink", "a", "--identity", "g"}, "--subject is missing: usage: caddy doorward user unlink NAME --identity SOURCE --subject SUB [--tenant T]"},
		{[]string{"user", "link", "a", "--identity", "g", "--subject", ""}, "--subject needs a value: usage: caddy doorward user link NAME --identity SOURCE --subject SUB [--tenant T]"},
		{[]string{"device", "add", "a"}, "--kind is missing: " + add},
		{[]string{"device", "add", "a", "--kind", ""}, "--kind needs a value: " + add},
		{[]string{"device", "add", "a", "--kind", "totp", "--digits", "0"}, `--digits is "0": Digits of a code: 6 (default) or 8: ` + add},
		{[]string{"device", "add", "a", "--kind", "totp", "--secret", "GEZDGNBV"}, "unknown flag: --secret: " + add},
		{[]string{"device", "show", "S1", "--tenant", ""}, "--tenant needs a value: usage: caddy doorward device show DEVICE [--tenant T]"},
		{[]string{"session", "revoke", "s1", "--tenant", "hr"}, "unknown flag: --tenant: usage: caddy doorward session revoke ID"},
		{[]string{"integrator"}, "a command is missing: usage: caddy doorward integrator add|list|remove"},
		{[]string{"integrator", "remove"}, "an argument is missing: usage: caddy doorward integrator remove NAME"},
		{[]string{"integrator", "add", "acme"}, "--dialect is missing: " + addIntegrator},
		{[]string{"integrator", "add", "acme", "--dialect", "d", "--allow", ""}, "--allow needs a value: " + addIntegrator},
		{[]string{"integrator", "add", "acme", "--dialect", "d", "--operation", ""}, "--operation needs a value: " + addIntegrator},
		{[]string{"integrator", "add", "acme", "--dialect", "d", "--tenant", ""}, "--tenant needs a value: " + addIntegrator},
		{[]string{"integrator", "add", "acme", "--dialect", "d", "--rate", "0"}, `--rate is "0": Calls that it may make in a minute: 1 to 600000 (default 600): ` + addIntegrator},
		{[]string{"integrator", "add", "acme", "--dialect", "d", "--rate", "abc\x1b"}, `--rate is "abc\x1b": Calls that it may make in a minute: 1 to 600000 (default 600): ` + addIntegrator},
		{[]string{"device", "add", "a", "--digits", ""}, `--digits is "": Digits of a code: 6 (default) or 8: ` + add},
		{[]string{"integrator", "add", "acme", "--dialect", "d", "--key", "K"}, "unknown flag: --key: " + addIntegrator},
		{[]string{"integrator", "add", "acme", "--dialect", "d", "--public-key", ""}, "--public-key needs a value: " + addIntegrator},
		{[]string{"account"}, "a command is missing: usage: caddy doorward account add|block|close|list|unblock"},
		{[]string{"account", "add", "acme", "--key", ""}, "--key needs a value: usage: caddy doorward account add NAME [--key UUID] [--hub] [--tenant T]"},
		{[]string{"account", "block"}, "an argument is missing: usage: caddy doorward account block ACCOUNT [--tenant T]"},
		{[]string{"account", "close", ""}, "an argument is empty: usage: caddy doorward account close ACCOUNT [--tenant T]"},
		{[]string{"approver"}, "a command is missing: usage: caddy doorward approver add|list|remove"},
		{[]string{"approver", "add", "acme", "alice"}, "--document is missing: " + addApprover},
		{[]string{"approver", "add", "acme", "alice", "--document", ""}, "--document needs a value: " + addApprover},
		{[]string{"approver", "add", "acme", "--document", "1"}, "an argument is missing: " + addApprover},
		{[]string{"approver", "list"}, "an argument is missing: usage: caddy doorward approver list ACCOUNT [--tenant T]"},
		{[]string{"approver", "remove", "acme"}, "an argument is missing: usage: caddy doorward approver remove ACCOUNT USER [--tenant T]"},
		{[]string{"device", "approve"}, "an argument is missing: usage: caddy doorward device approve DEVICE [--tenant T]"},
	} {
		if got := refused(t, "", append(c.args, "--address", s.address)...); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.args, got, c.want)
		}
	}
	if s.asked != "" {
		t.Errorf("the server was asked: %s", s.asked)
	}
}

func TestStandardInputIsRefused(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct{ line, stdin, want string }{
		{"user add a --password-stdin", "", "the password is missing on standard input"},
		{"user add a --password-stdin", "\n", "the password on standard input is empty"},
		{"user password a --password-stdin", "\r\n", "the password on standard input is empty"},
		{"user add a --password-stdin", strings.Repeat("x", maxLine+1) + "\n", "the password on standard input is longer than 4096 bytes"},
		{"user add a --password-stdin", strings.Repeat("x", 10*maxLine), "the password on standard input is longer than 4096 bytes"},
		{"device add a --kind totp --secret-stdin", "", "the secret is missing on standard input"},
		{"device add a --kind totp --secret-stdin", "\nGEZDGNBV\n", "the secret on standard input is empty"},
		{"device resync S1", "", "resync takes two consecutive codes on standard input, one a line: the first code is missing on standard input"},
		{"device resync S1", "123456\n", "resync takes two consecutive codes on standard input, one a line: the second code is missing on standard input"},
		{"device resync S1", "123456\n\n654321\n", "resync takes two consecutive codes on standard input, one a line: the second code on standard input is empty"},
	} {
		if got := refused(t, c.stdin, append(strings.Fields(c.line), "--address", s.address)...); got != c.want {
			t.Errorf("%s: got %s", c.line, got)
		}
	}
	if s.asked != "" {
		t.Errorf("the server was asked: %s", s.asked)
	}
}

func TestServerRefuses(t *testing.T) {
	s := newServer(t)
	s.status, s.answer = 409, `{"error":"the name \u001b[31m is taken"}`
	if got := refused(t, "", "user", "add", "a", "--address", s.address); got != `"the name \x1b[31m is taken"` {
		t.Errorf("got %s", got)
	}
}

const hint = "is it running? name its admin endpoint with --address or its configuration with --config"

func TestNoServer(t *testing.T) {
	address := "unix/" + filepath.Join(t.TempDir(), "none")
	got := refused(t, "", "user", "list", "--address", address)
	if !strings.HasPrefix(got, "no Caddy answers at "+address+" (dial unix ") || !strings.HasSuffix(got, ": "+hint) {
		t.Errorf("got %s", got)
	}
}

func TestAddressComesFromTheConfiguration(t *testing.T) {
	s := newServer(t)
	s.answer = "[]"
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"caddy.json": `{"admin":{"listen":"` + s.address + `"}}`,
		"Caddyfile":  "{\n\tadmin " + s.address + "\n}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"--config", "caddy.json"},
		{"-c", "Caddyfile"},
		{"--config", "Caddyfile", "--adapter", "caddyfile"},
		nil, // the Caddyfile of the current directory
	} {
		stdout, stderr, err := run("", append([]string{"user", "list", "--json"}, args...)...)
		if err != nil || stdout != "[]\n" || stderr != "" {
			t.Errorf("%q: %v %q %q", args, err, stdout, stderr)
		}
	}
	refused(t, "", "user", "list", "--config", "none.json")
	refused(t, "", "user", "list", "--config", "caddy.json", "--adapter", "klingon")
}
