package integration

import (
	"encoding/base32"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/caddymodule/admin"
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

// signingIn is a browser before the page that waits for a device's yes.
type signingIn struct{ shownPage }

// asks has the password of d shown, and so a question sent.
func (d *door) asks() signingIn {
	d.t.Helper()
	return signingIn{d.showPassword(d.browser(), "/x").want(http.StatusOK)}
}

// types types a code in place of the yes.
func (s signingIn) types(code string) {
	s.b.t.Helper()
	s.b.open("/.doorward/code?to=/x").submit("/.doorward/code", "code", code).want(http.StatusOK, "Remote-User")
}

// enters waits until the yes has opened the door.
func (s signingIn) enters() {
	s.b.t.Helper()
	pollUntil(s.b.t, 30*time.Second, "the yes of the device opens the door", func() bool {
		if strings.Contains(s.body, "Remote-User") {
			return true
		}
		s.shownPage = s.b.open(s.path).want(http.StatusOK)
		return false
	})
}
