package elcoin_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

func init() { caddy.RegisterModule(new(asking)) }

// asking is a channel to devices that answer later, in this process. Caddy is one per
// process, and so are the questions.
type asking struct{}

var questions *authtest.Asker

// CaddyModule returns the module's ID.
func (*asking) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.elcoin_asking", New: func() caddy.Module { return new(asking) }}
}

// UnmarshalCaddyfile takes no words.
func (*asking) UnmarshalCaddyfile(d *caddyfile.Dispenser) error { d.Next(); return nil }

func (*asking) Reaches(kind authcore.DeviceKind) bool { return questions.Reaches(kind) }

func (*asking) Send(ctx context.Context, m authcore.Message) error { return questions.Send(ctx, m) }

func (*asking) CheckAddress(address string) error { return questions.CheckAddress(address) }

func (*asking) Ask(ctx context.Context, q authcore.Question) (string, error) {
	return questions.Ask(ctx, q)
}

// robot is a device that answers: with a secret, or, an app, with a key of its own.
type robot struct {
	g      *loginGateway
	id     string
	secret []byte
	key    *ecdsa.PrivateKey
}

const loginIssuer = "https://app.example.com"

// enrol gives an app its key.
func (g *loginGateway) enrol(name string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	token := g.values[name+".secret"]
	digest := sha256.Sum256([]byte(token))
	proof := authtest.JWS(g, key, "doorward-enrol+jwt", authtest.Claims{
		"aud": loginIssuer, "iat": time.Now().Unix(), "token_sha256": base64.RawURLEncoding.EncodeToString(digest[:]),
	})
	g.keys[name] = key
	return g.calls("enrol", map[string]any{"token": token, "public_key": base64.StdEncoding.EncodeToString(public), "proof": proof}, new(any))
}

// calls is what a device sends to the gateway.
func (g *loginGateway) calls(what string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	status, answer := g.request(http.MethodPost, "/.doorward/device/"+what, string(body), nil)
	if status != http.StatusOK {
		return fmt.Errorf("%s is answered %d %s", what, status, answer)
	}
	return json.Unmarshal([]byte(answer), out)
}

func (g *loginGateway) robot(name string) (robot, error) {
	r := robot{g: g, id: g.values[name+".id"], key: g.keys[name]}
	var err error
	if r.key == nil {
		r.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(g.values[name+".secret"])
	}
	return r, err
}

// asked is the challenge that a device was asked last, and the code in it.
func (r robot) asked() (challenge, code string, err error) {
	if r.key == nil {
		_, claims := authtest.ReadJWS(r.g, r.secret, questions.Question(r.g).Text)
		return fmt.Sprint(claims["jti"]), fmt.Sprint(claims["code"]), nil
	}
	fetch := authtest.JWS(r.g, r.key, "doorward-fetch+jwt", authtest.Claims{
		"iss": r.id, "aud": loginIssuer, "iat": time.Now().Unix(), "jti": rand.Text(),
	})
	var waiting struct{ Pending []struct{ ID, Code string } }
	if err := r.g.calls("waiting", map[string]any{"fetch": fetch}, &waiting); err != nil || len(waiting.Pending) != 1 {
		return "", "", fmt.Errorf("%d wait, %w", len(waiting.Pending), err)
	}
	return waiting.Pending[0].ID, waiting.Pending[0].Code, nil
}

// answer says yes or no to the last question, with a number if it is given.
func (r robot) answer(says, number string) error {
	challenge, code, err := r.asked()
	if err != nil {
		return err
	}
	r.g.codes = append(r.g.codes, code)
	claims := authtest.Claims{
		"iss": r.id, "aud": loginIssuer, "jti": challenge, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "answer": says,
	}
	if number != "" {
		claims["number"] = number
	}
	var key any = r.secret
	if r.key != nil {
		key = r.key
	}
	return r.g.calls("answer", map[string]any{"answer": authtest.JWS(r.g, key, "doorward-answer+jwt", claims)}, new(any))
}
