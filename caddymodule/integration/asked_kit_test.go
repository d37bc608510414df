package integration

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/golang-jwt/jwt/v5"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/app"
)

// askedDevice is a device that is asked questions and signs its answers.
type askedDevice struct {
	admin.DeviceWithSecret
	secret []byte
	t      testing.TB
}

func (d *door) addAsked(kind, address string) *askedDevice {
	d.t.Helper()
	a := &askedDevice{t: d.t}
	d.call("device/add", admin.AddDevice{User: d.name, Kind: kind, Address: address}, &a.DeviceWithSecret)
	var err error
	if a.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.Secret); err != nil || len(a.secret) != 32 {
		d.t.Fatalf("the secret has %d bytes, %v", len(a.secret), err)
	}
	return a
}

// verify reads a question as a device must: its signature, and that it is for this one.
func (a *askedDevice) verify(text string) jwt.MapClaims {
	a.t.Helper()
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return a.secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(a.Serial), jwt.WithSubject(a.ID), jwt.WithExpirationRequired())
	if err != nil || token.Header["typ"] != "doorward-challenge+jwt" {
		a.t.Fatalf("the question is %v, %v", token, err)
	}
	return claims
}

// says is its answer to a question.
func (a *askedDevice) says(q jwt.MapClaims, word string) string {
	a.t.Helper()
	now := time.Now().Unix()
	return authtest.JWS(a.t, a.secret, "doorward-answer+jwt", authtest.Claims{
		"iss": a.ID, "aud": q["iss"], "jti": q["jti"], "iat": now, "exp": now + 60, "answer": word, "number": q["number"],
	})
}

// runningCore is the core of the configuration that runs now.
func runningCore(t testing.TB) *authcore.Core {
	t.Helper()
	module, err := caddy.ActiveContext().App("doorward")
	if err != nil {
		t.Fatal(err)
	}
	core, err := module.(*app.App).Core(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// asks has the password of d shown and a question sent.
func (d *door) asks() *authcore.Verified {
	d.t.Helper()
	core := runningCore(d.t)
	v, err := core.Logins.Primary(d.t.Context(), authcore.Attempt{Name: d.name, Password: d.password, Audience: app.DefaultAudience})
	if err == nil {
		_, err = core.Logins.Send(d.t.Context(), v)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// answered waits until the yes of the device opens the door.
func (d *door) answered(v *authcore.Verified) {
	d.t.Helper()
	var login authcore.Login
	pollUntil(d.t, 30*time.Second, "the device has said yes", func() bool {
		var err error
		login, err = runningCore(d.t).Logins.Answered(d.t.Context(), v)
		if err != nil && authcore.ReasonOf(err) != authcore.ReasonUnanswered {
			d.t.Fatal(err)
		}
		return err == nil
	})
	d.wantIn("after a yes", login.Token)
}
