package onlyoffice

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// OPS-01: every word has its meaning or an error that quotes it.
func TestOptions(t *testing.T) {
	const names = ": prefix, flavour, error_status, timezone, beside_portal"
	for block, want := range map[string]string{
		"":                              `{}`,
		"prefix /portal/api/2.0":        `{"prefix":"/portal/api/2.0"}`,
		"flavour workspace":             `{"flavour":"workspace"}`,
		"flavour docspace":              `{"flavour":"docspace"}`,
		"error_status faithful":         `{"error_status":"faithful"}`,
		"error_status standard":         `{"error_status":"standard"}`,
		"timezone Europe/Moscow":        `{"timezone":"Europe/Moscow"}`,
		"timezone UTC":                  `{"timezone":"UTC"}`,
		"timezone +03:00":               `{"timezone":"+03:00"}`,
		"beside_portal":                 `{"beside_portal":true}`,
		"beside_portal\nprefix /a":      `{"prefix":"/a","beside_portal":true}`,
		"beside_portal yes":             "unexpected argument 'yes': 'beside_portal' takes none",
		"beside_portal\nbeside_portal":  "'beside_portal' is already specified",
		"flavor docspace":               "unrecognized option 'flavor' of 'api onlyoffice'" + names,
		"flavour":                       "'flavour' takes workspace or docspace",
		"flavour DocSpace":              "flavour 'DocSpace' is neither workspace nor docspace",
		"flavour docspace workspace":    "'flavour' takes workspace or docspace",
		`flavour ""`:                    "flavour '' is neither workspace nor docspace",
		"flavour docspace\nflavour x":   "'flavour' is already specified",
		"error_status 500":              "error_status '500' is neither standard nor faithful",
		"error_status":                  "'error_status' takes standard or faithful",
		"timezone":                      "'timezone' takes a name like Europe/Moscow, an offset like +03:00, or UTC",
		"timezone Moscow":               "timezone 'Moscow' is neither a name like Europe/Moscow",
		"timezone Local":                "timezone 'Local' is neither",
		`timezone ""`:                   "timezone '' is neither",
		"timezone +3":                   "timezone '+3' is neither",
		"timezone +15:00":               "timezone '+15:00' is neither",
		"timezone 03:00":                "timezone '03:00' is neither",
		"timezone ../../etc/passwd":     "timezone '../../etc/passwd' is neither",
		"timezone UTC\ntimezone +00:00": "'timezone' is already specified",
	} {
		o := new(OnlyOffice)
		err := o.UnmarshalCaddyfile(caddyfile.NewTestDispenser("onlyoffice {\n" + block + "\n}"))
		got, _ := json.Marshal(o)
		if refused := !strings.HasPrefix(want, "{"); refused != (err != nil) || !refused && string(got) != want || refused && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %s, %v", block, got, err)
		}
	}
}

// The same words are refused in JSON.
func TestOptionsInJSON(t *testing.T) {
	for _, prefix := range []string{"api", "/api/", "/", "/.doorward/x", "/a//b", "/a/./b", "/a b", "/a*", "/{x}", "/a;b", `/a\b`, "/a%20"} {
		if err := (&OnlyOffice{Prefix: prefix}).Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), "'"+prefix+"'") {
			t.Errorf("%q gives %v", prefix, err)
		}
	}
	for word, o := range map[string]OnlyOffice{"r7": {Flavour: "r7"}, "real": {ErrorStatus: "real"}, "local": {Timezone: "local"}} {
		if err := o.Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), "'"+word+"'") {
			t.Errorf("%q gives %v", word, err)
		}
	}
	o := provisioned(t, OnlyOffice{})
	if o.Prefix != "/api/2.0" || o.Flavour != workspace || o.ErrorStatus != standard || o.Timezone != "UTC" || o.BesidePortal {
		t.Errorf("%+v", o)
	}
}
