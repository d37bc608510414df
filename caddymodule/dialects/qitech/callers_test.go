package qitech_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A caller is whose turn it is: an integrator who signs or has a key, a user, or nobody.
type caller struct {
	id, key string
	private *ecdsa.PrivateKey
	token   string // of a user
}

// as gives the turn to an integrator, a user or nobody, whom it makes at his first.
func (g *gateway) as(line string) error {
	name, more, _ := strings.Cut(line, " ")
	if name == "user" {
		return g.asUser(more)
	}
	c, known := g.known[name]
	if !known && name != "nobody" {
		var err error
		if c, err = g.makeIntegrator(name, more); err != nil {
			return err
		}
		g.known[name] = c
	}
	g.caller = c
	return nil
}

func (g *gateway) makeIntegrator(name, more string) (c caller, err error) {
	in := map[string]any{"name": name, "dialect": "qitech"}
	var given map[string]any
	if more != "" {
		if err := json.Unmarshal([]byte(more), &given); err != nil {
			return c, err
		}
	}
	maps.Copy(in, given)
	delete(in, "key")
	if given["key"] == nil {
		if c.private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader); err != nil {
			return c, err
		}
		in["public_key"] = publicPEM(g.T, c.private)
	}
	var out struct{ ID, Key string }
	err = g.operate("integrator/add", in, &out)
	c.id = out.ID
	if c.private == nil {
		c.key = out.Key
	}
	return c, err
}

// asUser logs a user in, with a password and a code that counts.
func (g *gateway) asUser(name string) error {
	c, known := g.known["user "+name]
	if !known {
		if err := g.operate("user/password", map[string]any{"user": name, "password": "Tr0ub4dor-and-3"}, new(any)); err != nil {
			return err
		}
		var device struct{ Secret string }
		if err := g.operate("device/add", map[string]any{"user": name, "kind": "totp"}, &device); err != nil {
			return err
		}
		code, err := exec.Command("oathtool", "--totp", "-b", device.Secret).Output()
		if err != nil {
			return fmt.Errorf("oathtool (apt-get install oathtool): %w", err)
		}
		c.token = g.login(name, strings.TrimSpace(string(code)))
		g.known["user "+name] = c
	}
	g.caller = c
	return nil
}

func (g *gateway) login(name, code string) string {
	g.Helper()
	body := fmt.Sprintf(`{"userName":%q,"password":"Tr0ub4dor-and-3"}`, name)
	status, answer := g.request(http.MethodPost, "/api/2.0/authentication/"+code, body, http.Header{"Content-Type": {"application/json"}})
	var out struct{ Response struct{ Token string } }
	if err := json.Unmarshal([]byte(answer), &out); err != nil || out.Response.Token == "" {
		g.Fatalf("the login of %s is answered %d %s", name, status, answer)
	}
	return out.Response.Token
}

// header is what the caller shows.
func (c caller) header(t testing.TB, method, path, body string) http.Header {
	t.Helper()
	switch {
	case c.private != nil:
		return c.signed(t, claimsOf(method, path, body))
	case c.id != "":
		return http.Header{"Api-Client-Key": {c.id}, "Authorization": {"Bearer " + c.key}}
	case c.token != "":
		return http.Header{"Authorization": {"Bearer " + c.token}}
	}
	return nil
}

// claimsOf are what the vendor's sample claims of a call.
func claimsOf(method, path, body string) map[string]any {
	sum := md5.Sum([]byte(body)) //nolint:gosec // the vendor's claim
	if body == "" {
		sum = md5.Sum([]byte("{}")) //nolint:gosec // as the sample has it
	}
	return map[string]any{
		"payload_md5": hex.EncodeToString(sum[:]), "method": method, "uri": path,
		"timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
	}
}

func (c caller) signed(t testing.TB, claims map[string]any) http.Header {
	t.Helper()
	return http.Header{"Api-Client-Key": {c.id}, "Authorization": {signJWS(t, c.private, `{"typ":"JWT","alg":"ES512"}`, claims)}}
}

// signJWS signs as RFC 7515 section 5.1 says, with the library of Go alone.
func signJWS(t testing.TB, key *ecdsa.PrivateKey, header string, claims any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return signText(t, key, base64URL([]byte(header))+"."+base64URL(payload))
}

func signText(t testing.TB, key *ecdsa.PrivateKey, text string) string {
	t.Helper()
	sum := sha512.Sum512([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	return text + "." + base64URL(append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...))
}

func base64URL(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
