package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// broken is a configuration that can't be honoured, and words of the error.
type broken struct{ name, config, want string }

// elsewhere binds another socket. Caddy 2.11.9 can't reload a site on a unix
// socket any more ("use of closed network connection") once a configuration
// with the same socket has failed after its listeners were open.
func (b broken) elsewhere() string { return strings.Replace(b.config, "gate.sock", "other.sock", 1) }

func brokenConfigs(t testing.TB, d *door, app *backend) []broken {
	t.Helper()
	proxy := "reverse_proxy " + app.Listener.Addr().String()
	with := func(globals, site string) string { return caddyfile(globals, site, proxy) }
	for _, folder := range []string{"folder", "folder/inside"} { // a store can't be a folder
		if err := os.MkdirAll(filepath.Join(d.Dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(d.Dir, "noise.db"), []byte(strings.Repeat("noise", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(d.Dir, "own")
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(own, "message.html"), []byte("{{template \"top\" .}}\n{{.Nothing}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := func(path string) string {
		return strings.Replace(with("", "api onlyoffice"), "{$KIT_DIR}/doorward.db", "{$KIT_DIR}/"+path, 1)
	}
	return []broken{
		{"an unknown word in the site", with("", "opne /x"), "unrecognized option 'opne'"},
		{"an unknown word in the globals", with("sealkey x", ""), "unrecognized option 'sealkey'"},
		{"an unknown dialect", with("", "api nothing"), "nothing"},
		{"an unknown store", strings.Replace(with("", ""), "store sqlite", "store nosuch", 1), "nosuch"},
		{"a wrong seal key", with("seal_key "+newSealKey(), ""), "the seal key is not the one"},
		{"a seal key from a file that is missing", with("seal_key {file."+d.Dir+"/none}", ""), "is empty or can't be read"},
		{"a seal key that is too short", with("seal_key c2hvcnQ=", ""), "seal_key number 1"},
		{"a bad public_url", with("public_url http://example.com", ""), "http://example.com"},
		{"a store that is a folder", elsewhere("folder"), "folder"},
		{"a store in what is no folder", elsewhere("noise.db/a.db"), "noise.db/a.db"},
		{"a store that is no database", elsewhere("noise.db"), "noise.db"},
		{"a session that is shorter than its tokens", with("token_lifetime 2h\nsession_lifetime 1h", ""), "session_lifetime 1h0m0s"},
		{"a template that fails", with("portal {\ntemplates "+own+"\n}", ""), "templates '" + own + "': template: message.html:2"},
		{"a folder of templates that is missing", with("portal {\ntemplates "+d.Dir+"/none\n}", ""), "portal: templates '" + d.Dir + "/none': "},
		{"a logo that is missing", with("portal {\nlogo "+d.Dir+"/none.png\n}", ""), "portal: logo '" + d.Dir + "/none.png': "},
		{"an accent from a variable that is none", with("portal {\naccent {env.DOORWARD_NONE}\n}", ""), "portal: accent '{env.DOORWARD_NONE}': "},
		{"a prefix from a file", with("portal {\nprefix {file."+own+"/message.html}\n}", ""), "portal: prefix '{{template"},
		{"a cookie domain from a variable that is none", with("cookie_domain {env.DOORWARD_NONE}", ""), "cookie_domain '{env.DOORWARD_NONE}': "},
		{"a port that is no port", with("", "") + "\nhttp://:99999 {\n}", "99999"},
	}
}

// Law 14: what can't be honoured is an error that quotes it; the old
// configuration goes on serving, and the operations still reach it.
func TestBrokenConfigurationLeavesTheOldOne(t *testing.T) {
	app := streaming(t)
	d := openBefore(t, app, caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String()))
	o := d.openSession()
	for _, c := range brokenConfigs(t, d, app) {
		t.Run(c.name, func(t *testing.T) {
			u := *d
			u.t = t
			err := d.Load(c.elsewhere())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("the error is %v, want one with %q", err, c.want)
			}
			u.wantIn("after that", o.token)
			u.wantOut("after that, without a token", "")
			u.call("device/block", admin.DeviceRef{Device: o.device.Serial}, new(admin.Device))
			u.wantOut("blocked after that", o.token)
			u.call("device/unblock", admin.DeviceRef{Device: o.device.Serial}, new(admin.Device))
			u.renew(&o)
		})
	}
}

// Law 14: validating opens and writes nothing. Also for a store that is in use.
func TestValidateTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("KIT_DIR", dir)
	t.Setenv("XDG_DATA_HOME", dir)
	config := caddyfile("", "api onlyoffice\nopen /x", "respond ok")
	for name, text := range map[string]string{
		"a store of its own": config,
		"the default store":  strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, "", 1),
		"a seal key":         strings.Replace(config, "store sqlite", "seal_key "+newSealKey()+"\nstore sqlite", 1),
		"a folder to come":   strings.Replace(config, "doorward.db", "a/b/doorward.db", 1),
	} {
		t.Run(name, func(t *testing.T) {
			adapted, err := caddytestkit.Adapt(text)
			if err != nil {
				t.Fatal(err)
			}
			var parsed caddy.Config
			if err := caddy.StrictUnmarshalJSON(adapted, &parsed); err != nil {
				t.Fatal(err)
			}
			if err := caddy.Validate(&parsed); err != nil {
				t.Fatal(err)
			}
			found, err := os.ReadDir(dir)
			if err != nil || len(found) != 0 {
				t.Errorf("validating left %v (%v) behind", found, err)
			}
		})
	}
}
