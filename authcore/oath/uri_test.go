package oath_test

import (
	"net/url"
	"testing"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/pquerna/otp"
	"pgregory.net/rapid"
)

func TestURI(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for _, c := range []struct {
		kind, issuer, account, want string
	}{
		{
			"totp", "Doorward", "alice",
			"otpauth://totp/Doorward:alice?secret=" + secret + "&issuer=Doorward&algorithm=SHA1&digits=8&period=30",
		},
		{
			"hotp", "Doorward", "alice",
			"otpauth://hotp/Doorward:alice?secret=" + secret + "&issuer=Doorward&algorithm=SHA1&digits=8&counter=7",
		},
		{
			"totp", "Big Co: R&D", "al:ice+x@example.com/?#%é😀\n",
			"otpauth://totp/Big%20Co%3A%20R%26D:al%3Aice%2Bx%40example.com%2F%3F%23%25%C3%A9%F0%9F%98%80%0A?secret=" + secret +
				"&issuer=Big%20Co%3A%20R%26D&algorithm=SHA1&digits=8&period=30",
		},
		{"TOTP", "Doorward", "alice", ""},
		{"", "Doorward", "alice", ""},
		{"steam", "Doorward", "alice", ""},
	} {
		if got := totpKey().URI(c.kind, c.issuer, c.account, 7); got != c.want {
			t.Errorf("%s, %q, %q:\n got %s\nwant %s", c.kind, c.issuer, c.account, got, c.want)
		}
	}
}

// Whatever the names are, the URI reads back as what was written.
func TestURIReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKey(t)
		k.Period = 60
		issuer, account := rapid.String().Draw(t, "issuer"), rapid.String().Draw(t, "account")
		text := k.URI("totp", issuer, account, 0)
		parsed, err := url.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		values, err := url.ParseQuery(parsed.RawQuery)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if parsed.Scheme != "otpauth" || parsed.Host != "totp" || parsed.Fragment != "" || len(values) != 5 ||
			parsed.Path != "/"+issuer+":"+account || values.Get("issuer") != issuer ||
			values.Get("secret") != oath.FormatSecret(k.Secret) || values.Get("algorithm") != string(k.Algorithm) {
			t.Fatalf("%s reads back as %+v", text, parsed)
		}
		read, err := otp.NewKeyFromURL(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if read.Type() != "totp" || read.Period() != 60 || read.Digits().Length() != k.Digits ||
			read.Algorithm().String() != string(k.Algorithm) || read.Secret() != oath.FormatSecret(k.Secret) {
			t.Fatalf("%s: a library reads another key", text)
		}
	})
}
