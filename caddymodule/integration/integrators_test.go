package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// behindProxy is a gateway that believes whoever is at its socket about addresses.
func behindProxy(globals, site, rest string) string {
	return strings.Replace(caddyfile(globals, site, rest), "doorward {", "servers {\ntrusted_proxies_unix\n}\ndoorward {", 1)
}

// The command line makes what a dialect then lets in, from where it may call, for
// what it may ask, and as often; and nobody once it is removed.
func TestIntegratorsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), strings.Replace(behindProxy("", "api onlyoffice\napi concierge", `respond "ok"`), "{", "{\ndebug", 1))
	o := newOperator(t, s)
	made := o.json("", "id name dialect tenant operations allow rate proof created_at key",
		"integrator", "add", "acme", "--dialect", "concierge", "--allow", "192.0.2.0/24", "--allow", "2001:db8::7", "--operation", "list_users", "--rate", "4")
	key := made["key"].(string)
	lines := o.ok("", "name: everything\nkey: ", "integrator", "add", "everything", "--dialect", "concierge", "--tenant", "hr")
	second, _, _ := strings.Cut(strings.TrimPrefix(lines, "name: everything\nkey: "), "\nid: ") // scripts read the second line
	o.ok("", "192.0.2.0/24,2001:db8::7/128", "integrator", "list")
	list := o.ok("", `"operations":[]`, "integrator", "list", "--json")
	o.ok("", "name: alice\n", "user", "add", "alice")

	for _, c := range []struct {
		what   string
		errand errand
		from   string
		status int
		says   string
	}{
		{"a wrong key", errand{"acme", second, "list_users"}, "192.0.2.7", http.StatusUnauthorized, "no integrator has this name and key here"},
		{"from elsewhere", errand{"acme", key, "list_users"}, "198.51.100.7", http.StatusUnauthorized, "no integrator has this name and key here"},
		{"a call", errand{"acme", key, "list_users"}, "192.0.2.7", http.StatusOK, `["integrator:acme","alice"]`},
		{"over IPv6", errand{"acme", key, "list_users"}, "2001:db8::7", http.StatusOK, "alice"},
		{"for something else", errand{"acme", key, "list_devices"}, "192.0.2.7", http.StatusForbidden, "may not ask for this operation"},
		{"the fourth", errand{"acme", key, "list_users"}, "192.0.2.7", http.StatusOK, "alice"},
		{"one too many", errand{"acme", key, "list_users"}, "192.0.2.7", http.StatusTooManyRequests, "4 calls a minute"},
		{"of another tenant", errand{"everything", second, "list_users"}, "198.51.100.7", http.StatusOK, `["integrator:everything"]`},
	} {
		if status, text := s.ask(c.errand, c.from); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d %s, want %d %s", c.what, status, text, c.status, c.says)
		}
	}

	o.json("", "id name dialect", "integrator", "remove", "everything")
	if status, text := s.ask(errand{"everything", second, "list_users"}, "192.0.2.7"); status != http.StatusUnauthorized {
		t.Errorf("a removed one: %d %s", status, text)
	}
	o.ok("", "integrator acme is removed", "integrator", "remove", "acme")

	for _, c := range []struct{ want, words string }{
		{"no such integrator", "integrator remove acme"},
		{"--dialect is missing", "integrator add acme"},
		{`no dialect with the name "klingon" has integrators: known are concierge, elcoin, qitech, surepassid`, "integrator add acme --dialect klingon"},
		{`no dialect with the name "onlyoffice" has integrators: known are concierge, elcoin, qitech, surepassid`, "integrator add acme --dialect onlyoffice"},
		{`the dialect concierge has no operation "fly": known are list_users, list_devices`, "integrator add acme --dialect concierge --operation list_users --operation fly"},
		{`"home" is no network`, "integrator add acme --dialect concierge --allow home"},
		{`"fe80::1%eth0" is no network`, "integrator add acme --dialect concierge --allow fe80::1%eth0"},
		{"write 10.0.0.0/8", "integrator add acme --dialect concierge --allow 10.1.2.3/8"},
		{"1 to 600000 calls a minute, not 600001", "integrator add acme --dialect concierge --rate 600001"},
		{`letters, digits or - _ . @, and no others: "a/b"`, "integrator add a/b --dialect concierge"},
		{`small letters, digits or - _, and no others: "HR"`, "integrator add acme --dialect concierge --tenant HR"},
	} {
		o.fails("", c.want, strings.Fields(c.words)...)
	}

	log := s.log.String()
	for _, secret := range []string{key, second} {
		if strings.Contains(log, secret) || strings.Contains(list, secret) {
			t.Errorf("a key is in the log or in a list: %s%s", linesWith(log, secret), list)
		}
	}
	for _, word := range []string{"integrator.add", "integrator.remove", `"reason":"wrong_key"`, `"reason":"address"`, `"actor":"integrator:acme"`, `"level":"debug"`} {
		if !strings.Contains(log, word) {
			t.Errorf("the log does not have %s", word)
		}
	}
}

// A name that is taken stays whose it is.
func TestIntegratorNamesAreUnique(t *testing.T) {
	d := openBefore(t, newBackend(t, nil), behindProxy("", "api concierge", `respond "ok"`))
	var first admin.IntegratorWithKey
	d.call("integrator/add", admin.AddIntegrator{Name: "acme", Dialect: "concierge"}, &first)
	status, text := d.adminRaw("integrator/add", admin.AddIntegrator{Name: "acme", Dialect: "concierge", InTenant: admin.InTenant{Tenant: "hr"}})
	if status != http.StatusConflict || !strings.Contains(text, "there is an integrator acme already") {
		t.Errorf("a taken name gives %d %s", status, text)
	}
	if status, text := d.ask(errand{"acme", first.Key, "list_users"}, "192.0.2.7"); status != http.StatusOK {
		t.Errorf("the first is told %d %s", status, text)
	}
}

// The bucket of an integrator outlives a reload.
func TestRateOutlivesAReload(t *testing.T) {
	config := behindProxy("", "api concierge", `respond "ok"`)
	d := openBefore(t, newBackend(t, nil), config)
	var i admin.IntegratorWithKey
	d.call("integrator/add", admin.AddIntegrator{Name: "acme", Dialect: "concierge", Rate: 1}, &i)
	e := errand{"acme", i.Key, "list_users"}
	if status, text := d.ask(e, "192.0.2.7"); status != http.StatusOK {
		t.Fatalf("the first call gives %d %s", status, text)
	}
	if err := d.Load(strings.Replace(config, `respond "ok"`, `respond "other"`, 1)); err != nil {
		t.Fatal(err)
	}
	d.settle()
	if status, text := d.ask(e, "192.0.2.7"); status != http.StatusTooManyRequests {
		t.Errorf("after a reload the second call gives %d %s", status, text)
	}
}

// A name or a serial is of a tenant: with --tenant an operator looks it up there.
func TestTenantsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), caddyfile("", "api onlyoffice", `respond "ok"`))
	o := newOperator(t, s)
	here := o.json("", "id tenant name", "user", "add", "alice")
	there := o.json("", "id tenant name", "user", "add", "alice", "--tenant", "hr")
	if here["tenant"] != "default" || there["tenant"] != "hr" || here["id"] == there["id"] {
		t.Errorf("made %v and %v", here, there)
	}
	o.json("", "serial tenant", "device", "add", "alice", "--kind", "hotp", "--serial", "TOKEN-1")
	o.json("", "serial tenant", "device", "add", "alice", "--kind", "totp", "--serial", "TOKEN-1", "--tenant", "hr")
	o.ok("", "device TOKEN-1 is blocked", "device", "block", "TOKEN-1", "--tenant", "hr")
	for _, c := range []struct{ want, not, words string }{
		{"tenant: default\n", "hr", "user show alice"},
		{"tenant: hr\n", "default", "user show alice --tenant hr"},
		{"tenant: hr\n", "default", "user show " + there["id"].(string)},
		{here["id"].(string), there["id"].(string), "user list"},
		{there["id"].(string), here["id"].(string), "user list --tenant hr"},
		{"hotp", "totp", "device list"},
		{"totp", "hotp", "device list --tenant hr"},
		{"totp", "hotp", "device list alice --tenant hr"},
		{"status: active", "blocked", "device show TOKEN-1"},
		{"status: blocked", "active", "device show TOKEN-1 --tenant hr"},
	} {
		if out := o.ok("", c.want, strings.Fields(c.words)...); strings.Contains(out, c.not) {
			t.Errorf("%s prints %q too: %s", c.words, c.not, out)
		}
	}
	o.ok("", "user alice is removed", "user", "remove", "alice", "--tenant", "hr")
	o.ok("", "status: active", "user", "show", "alice")
	o.fails("", "no such user", "user", "show", "alice", "--tenant", "hr")
	o.fails("", "no such device", "device", "show", "TOKEN-1", "--tenant", "hr")
	o.fails("", `"H R"`, "user", "add", "alice", "--tenant", "H R")
	o.fails("", `"HR"`, "device", "list", "--tenant", "HR")
	o.fails("", "--tenant needs a value", "user", "list", "--tenant", "")
}

// A session is of the tenant of its user.
func TestSessionsOfATenant(t *testing.T) {
	d := open(t, "", "")
	o := d.openSession()
	for tenant, want := range map[string]int{"": 1, "default": 1, "hr": 0} {
		var list []admin.Session
		if d.call("session/list", admin.ListOf{InTenant: admin.InTenant{Tenant: tenant}}, &list); len(list) != want {
			t.Errorf("tenant %q has the sessions %+v, want %d", tenant, list, want)
		}
	}
	d.wantIn("a session that was listed", o.token)
}
