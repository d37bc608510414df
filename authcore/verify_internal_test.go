package authcore

import (
	"context"
	"encoding/base64"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TOK-03, TOK-09: each rule of the form by itself; the library behind it would
// refuse some of these too.
func TestParseHeader(t *testing.T) {
	encode := base64.RawURLEncoding.EncodeToString
	good := `{"alg":"a","kid":"k","typ":"t"}`
	if h, err := parseHeader(encode([]byte(good)) + ".x.y"); err != nil || h != (joseHeader{"a", "k", "t"}) {
		t.Fatalf("%+v, %v", h, err)
	}
	for name, token := range map[string]string{
		"two segments":    encode([]byte(good)) + ".x",
		"four segments":   encode([]byte(good)) + ".x.y.z",
		"4097 bytes":      encode([]byte(good)) + ".x." + strings.Repeat("y", MaxToken),
		"a space":         encode([]byte(good)) + ".x. y",
		"a line end":      encode([]byte(good)) + ".x.y\n",
		"padding":         base64.URLEncoding.EncodeToString([]byte(good)) + ".x.y",
		"bits too many":   encode([]byte(good))[:len(encode([]byte(good)))-1] + "R.x.y",
		"two members":     encode([]byte(`{"alg":"a","kid":"k"}`)) + ".x.y",
		"four members":    encode([]byte(`{"alg":"a","kid":"k","typ":"t","crit":[]}`)) + ".x.y",
		"another three":   encode([]byte(`{"alg":"a","kid":"k","jku":"t"}`)) + ".x.y",
		"an empty member": encode([]byte(`{"alg":"a","kid":"","typ":"t"}`)) + ".x.y",
		"a null member":   encode([]byte(`{"alg":"a","kid":null,"typ":"t"}`)) + ".x.y",
		"a number":        encode([]byte(`{"alg":"a","kid":1,"typ":"t"}`)) + ".x.y",
		"a member twice":  encode([]byte(`{"alg":"a","kid":"k","typ":"t","alg":"a"}`)) + ".x.y",
	} {
		if _, err := parseHeader(token); err == nil {
			t.Errorf("%s: %q passes", name, token)
		}
	}
}

// TOK-05, TOK-08: null is the zero value to encoding/json; here it is nothing.
func TestParseClaimsRefusesNull(t *testing.T) {
	for _, name := range []string{"iss", "nbf", "amr", "tenant"} {
		from := strings.Index(goodClaims, `"`+name+`":`) + len(name) + 3
		to := from + strings.IndexAny(goodClaims[from:], ",]}")
		if goodClaims[to] == ']' {
			to++
		}
		if _, err := parseClaims([]byte(goodClaims[:from] + "null" + goodClaims[to:])); err == nil {
			t.Errorf("%s null passes", name)
		}
	}
}

// TOK-05, TOK-06: each rule of check by itself.
func TestClaimsCheck(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	good := claims{
		Issuer: "i", Subject: "s", Audience: []string{"a"}, ClientID: "c", ID: "j", IssuedAt: now.Unix(), NotBefore: now.Unix(),
		ExpiresAt: now.Unix() + 1, AuthTime: 1, OTPTime: 1, Session: "x", Device: "d", Tenant: "t", Epochs: []int64{0, 0, 0},
	}
	if err := good.check("i", "a", now); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(c *claims){
		"issuer": func(c *claims) { c.Issuer = "I" }, "no audience": func(c *claims) { c.Audience = nil },
		"two audiences": func(c *claims) { c.Audience = []string{"a", "a"} }, "audience": func(c *claims) { c.Audience = []string{"A"} },
		"sub": func(c *claims) { c.Subject = "" }, "sid": func(c *claims) { c.Session = "" }, "dev": func(c *claims) { c.Device = "" },
		"jti": func(c *claims) { c.ID = "" }, "client": func(c *claims) { c.ClientID = "" }, "tenant": func(c *claims) { c.Tenant = "" },
		"two epochs": func(c *claims) { c.Epochs = c.Epochs[:2] }, "four epochs": func(c *claims) { c.Epochs = make([]int64, 4) },
		"otp_time": func(c *claims) { c.OTPTime = 0 }, "auth_time": func(c *claims) { c.AuthTime = 0 },
		"exp now": func(c *claims) { c.ExpiresAt = now.Unix() }, "exp 0": func(c *claims) { c.ExpiresAt = 0 },
		"iat": func(c *claims) { c.IssuedAt = now.Unix() + 31 }, "iat 0": func(c *claims) { c.IssuedAt = 0 },
		"nbf":  func(c *claims) { c.NotBefore = now.Unix() + 31 },
		"life": func(c *claims) { c.ExpiresAt = c.IssuedAt + int64(MaxTokenLifetime/time.Second) + 1 },
	} {
		c := good
		c.Audience, c.Epochs = slices.Clone(good.Audience), slices.Clone(good.Epochs)
		change(&c)
		if c.check("i", "a", now) == nil {
			t.Errorf("%s: passes", name)
		}
	}
}

// PWD-06: a hash for every other core at once, 32 callers in all, 8 of them from
// one address, and an operator always finds a place among them.
func TestHashQueueRefuses(t *testing.T) {
	h := NewHasher()
	slots := max(1, runtime.GOMAXPROCS(0)/2)
	for n := range slots {
		if _, err := h.acquire(t.Context(), fmt.Sprint("caller ", n)); err != nil {
			t.Fatal(err)
		}
	}
	late, give := context.WithCancel(t.Context())
	give()
	if _, err := h.acquire(late, "late"); CodeOf(err) != CodeUnavailable {
		t.Errorf("one more than there are slots got one: %v", err)
	}
	if h.waiting != slots || len(h.callers) != slots {
		t.Errorf("%d wait for %d callers after one gave up, want %d", h.waiting, len(h.callers), slots)
	}
	for n := range maxWaitingCaller {
		if !h.queue("one") {
			t.Fatalf("the %dth of one address finds no place", n+1)
		}
	}
	if h.queue("one") {
		t.Error("one address takes more than its share")
	}
	for h.waiting < maxWaiting {
		if !h.queue(operatorCaller) {
			t.Fatal("an operator finds no place")
		}
	}
	_, err := h.acquire(t.Context(), "another")
	if CodeOf(err) != CodeUnavailable || err.(*Error).RetryAfter <= 0 { //nolint:errorlint // the very value
		t.Errorf("beyond the queue: %v", err)
	}
}

// PATH-03: a path that is beyond the bounds opens nothing.
func TestReadingsBeyondTheBounds(t *testing.T) {
	p := "/public/" + strings.Repeat("a%20b/", maxReadingBytes/8)
	if !IsOpen([]OpenPath{"/public/*"}, Readings("/public/a%20b/")) {
		t.Fatal("a short path of that kind is not open")
	}
	p += ";%2fy" // cut before it is decoded, and after: two more
	if IsOpen([]OpenPath{"/public/*"}, Readings(p)) || IsOpen([]OpenPath{"/*"}, Readings(p)) {
		t.Error("a path beyond the bounds is open")
	}
}
