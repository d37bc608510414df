package directive_test

import (
	"encoding/json"
	"testing"

	_ "github.com/doorward/doorward/caddymodule"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// OPS-01: whatever stands in the blocks, adapting ends in JSON or in an error.
func FuzzCaddyfile(f *testing.F) {
	for _, blocks := range [][2]string{
		{"", ""},
		{"store sqlite x", "api onlyoffice {\nprefix /a\n}\nopen /healthz /public/*\npass_token\naudience a"},
		{"seal_key {file./x}\npublic_url https://a", "require /admin/* {\notp_max_age 5m\ngroup a b\n}\nheader user X-A"},
		{"token_lifetime 1h\nstale best_effort", "require @m {\n"},
		{"store {\n}", "require * {\n}\napi \"\""},
		{"}", "header user\n}\nopen"},
		{"idle 1m\ncookie_domain a.example\nportal {\nprefix /a/\naccent \"#fff\"\nname \"\"\n}", ""},
		{"signing_algorithm\n\"", "import x\n{$A}\n<<A\n"},
	} {
		f.Add(blocks[0], blocks[1])
	}
	f.Fuzz(func(t *testing.T, global, site string) {
		config, err := caddytestkit.Adapt("{\n\tdoorward {\n" + global + "\n}\n}\nhttp:// {\n\tdoorward {\n" + site + "\n}\n}\n")
		if err == nil && !json.Valid(config) {
			t.Errorf("%q and %q give %q", global, site, config)
		}
	})
}
