package authcore

import (
	"encoding/json"
	"testing"
)

const goodClaims = `{"iss":"i","sub":"s","aud":"a","client_id":"c","jti":"j","iat":1,"nbf":1,"exp":2,"auth_time":1,"otp_time":1,` +
	`"amr":["pwd"],"sid":"x","dev":"d","tenant":"t","ep":[1,2,3]}`

// TOK-08: whatever is parsed agrees with what encoding/json reads under the
// exact names, and a name stands once.
func FuzzParseClaims(f *testing.F) {
	if _, err := parseClaims([]byte(goodClaims)); err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		goodClaims, goodClaims + " ", goodClaims[:len(goodClaims)-1] + `,"sub":"x"}`, goodClaims[:len(goodClaims)-1] + `,"SUB":"x"}`,
		goodClaims[:len(goodClaims)-1] + `,"cdev":"c"}`, goodClaims[:len(goodClaims)-1] + `,"cdev":null}`, goodClaims[:len(goodClaims)-1] + `,"cdev":""}`,
		`{}`, `{"a":1,"a":2}`, `[`, ``, `{"exp":1e400}`, `{"\u0073ub":1}`, "{\"a\xff\":1}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := parseClaims(payload)
		if err != nil {
			return
		}
		var exact map[string]any
		if err := json.Unmarshal(payload, &exact); err != nil {
			t.Fatalf("parsed what is no JSON: %q", payload)
		}
		if exact["sub"] != c.Subject || exact["iss"] != c.Issuer || exact["sid"] != c.Session || exact["exp"] != float64(c.ExpiresAt) {
			t.Errorf("%q parsed as %+v", payload, c)
		}
		if client, there := exact["cdev"]; there && (client != c.Client || c.Client == "") || !there && c.Client != "" {
			t.Errorf("%q is bound to %q", payload, c.Client)
		}
		if members, err := parseObject(payload); err != nil || len(members) != len(exact) {
			t.Errorf("%q has %d members, %v; want %d", payload, len(members), err, len(exact))
		}
	})
}
