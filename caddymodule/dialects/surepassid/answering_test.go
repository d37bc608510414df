package surepassid_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/doorward/doorward/authcore/authtest"
)

// app is one that is asked, and signs its answers.
type app struct {
	id, token string
	key       *ecdsa.PrivateKey
}

const issuer = "https://mfa.example.com"

// device has the operator add an app, and keeps what its owner is shown.
func (g *gateway) device(name, in string) error {
	var made struct{ ID, Secret string }
	err := g.operate("device/add", json.RawMessage(in), &made)
	g.apps[name] = app{id: made.ID, token: made.Secret}
	return err
}

// enrol has an app come with the key that it made.
func (g *gateway) enrol(name string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	a := g.apps[name]
	digest := sha256.Sum256([]byte(a.token))
	proof := authtest.JWS(g, key, "doorward-enrol+jwt", authtest.Claims{
		"aud": issuer, "iat": time.Now().Unix(), "token_sha256": base64.RawURLEncoding.EncodeToString(digest[:]),
	})
	a.key = key
	g.apps[name] = a
	return g.deviceCall("enrol", map[string]string{"token": a.token, "public_key": base64.StdEncoding.EncodeToString(public), "proof": proof}, new(any))
}

// answer has an app fetch the question that waits, and say yes or no, with a number.
func (g *gateway) answer(words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("%q is not APP yes|no [NUMBER]", words)
	}
	a, now := g.apps[words[0]], time.Now()
	fetch := authtest.JWS(g, a.key, "doorward-fetch+jwt", authtest.Claims{"iss": a.id, "aud": issuer, "iat": now.Unix(), "jti": rand.Text()})
	var waiting struct{ Pending []struct{ ID string } }
	if err := g.deviceCall("waiting", map[string]string{"fetch": fetch}, &waiting); err != nil || len(waiting.Pending) != 1 {
		return fmt.Errorf("%d questions wait, %w", len(waiting.Pending), err)
	}
	claims := authtest.Claims{
		"iss": a.id, "aud": issuer, "jti": waiting.Pending[0].ID, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "answer": words[1],
	}
	if len(words) > 2 {
		claims["number"] = words[2]
	}
	return g.deviceCall("answer", map[string]string{"answer": authtest.JWS(g, a.key, "doorward-answer+jwt", claims)}, new(any))
}

// deviceCall is what a device sends to the gateway.
func (g *gateway) deviceCall(what string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	status, answer := g.request(http.MethodPost, "/.doorward/device/"+what, string(body), "Content-Type", "application/json")
	if status != http.StatusOK {
		return fmt.Errorf("%s is answered %d %s", what, status, answer)
	}
	return json.Unmarshal([]byte(answer), out)
}
