package authcore_test

import (
	"encoding/json"
	"testing"
	"time"
)

// TOK-05, TOK-06, TOK-07, TOK-08: what a well-signed token must not say.
func TestTokenClaimsThatAreRefused(t *testing.T) {
	h, f := forged(t)
	now := h.clock.Now().Unix()
	const month = 30 * 24 * 60 * 60
	type c struct {
		name, claim string
		value       any
	}
	cases := []c{
		{"exp 0", "exp", 0},
		{"exp negative", "exp", -1},
		{"exp a text", "exp", "9999999999"},
		{"exp beyond any float", "exp", json.RawMessage("1e400")},
		{"exp a fraction", "exp", json.RawMessage("9999999999.5")},
		{"exp beyond an int64", "exp", json.RawMessage("9223372036854775808")},
		{"exp now", "exp", now},
		{"exp a second ago", "exp", now - 1},
		{"iat in an hour", "iat", now + 3600},
		{"iat beyond the leeway", "iat", now + 31},
		{"iat 0", "iat", 0},
		{"nbf beyond the leeway", "nbf", now + 31},
		{"a life of a month and a second", "exp", now + month + 1},
		{"the last second there is", "exp", int64(1<<63 - 1)},
		{"iss of another", "iss", issuer + "/"},
		{"iss empty", "iss", ""},
		{"aud of another", "aud", "other.example.com"},
		{"aud empty", "aud", ""},
		{"aud an empty list", "aud", []string{}},
		{"aud a list of two", "aud", []string{site, "other.example.com"}},
		{"aud twice the same", "aud", []string{site, site}},
		{"aud a number", "aud", 1},
		{"sub empty", "sub", ""},
		{"sub of another", "sub", "00000000-0000-0000-0000-000000000000"},
		{"sid empty", "sid", ""},
		{"sid of another", "sid", "00000000-0000-0000-0000-000000000000"},
		{"dev of another", "dev", "00000000-0000-0000-0000-000000000000"},
		{"dev empty", "dev", ""},
		{"jti empty", "jti", ""},
		{"client_id empty", "client_id", ""},
		{"tenant of another", "tenant", "other"},
		{"tenant empty", "tenant", ""},
		{"ep of two", "ep", []int{0, 0}},
		{"ep of four", "ep", []int{0, 0, 0, 0}},
		{"user epoch behind", "ep", []int{-1, 0, 0}},
		{"device epoch behind", "ep", []int{0, -1, 0}},
		{"session epoch behind", "ep", []int{0, 0, -1}},
		{"otp_time 0: no second factor", "otp_time", 0},
		{"auth_time negative", "auth_time", -5},
	}
	for name := range f.claims {
		cases = append(cases, c{name + " missing", name, absent{}}, c{name + " null", name, nil}, c{name + " an object", name, map[string]int{}})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { h.refuses(t, f.withClaim(t, c.claim, c.value)) })
	}
}

func TestTokenClaimsThatPass(t *testing.T) {
	h, f := forged(t)
	now := h.clock.Now().Unix()
	for _, c := range []struct {
		name, claim string
		value       any
	}{
		{"aud a list of one", "aud", []string{site}},
		{"iat within the leeway", "iat", now + 30},
		{"nbf within the leeway", "nbf", now + 30},
		{"a life of a month", "exp", now + 30*24*60*60},
	} {
		t.Run(c.name, func(t *testing.T) { h.passes(t, f.withClaim(t, c.claim, c.value)) })
	}
	t.Run("no token outlives its session", func(t *testing.T) {
		p := h.passes(t, f.withClaim(t, "exp", now+30*24*60*60))
		if want := h.clock.Now().Add(12 * time.Hour); !p.ExpiresAt.Equal(want) {
			t.Errorf("ends at %s, want %s", p.ExpiresAt, want)
		}
	})
}

// TOK-08: exact names, each once, and nothing after the object.
func TestTokenPayloadIsReadStrictly(t *testing.T) {
	h, f := forged(t)
	sub, _ := json.Marshal(f.claims["sub"])
	for _, c := range []struct{ name, end string }{
		{"sub twice", `,"sub":` + string(sub) + `}`},
		{"sub twice, once escaped", `,"s\u0075b":` + string(sub) + `}`},
		{"another object after it", `}{}`},
		{"text after it", `}x`},
		{"a space after it", `} `},
		{"a comma at its end", `,}`},
		{"no end", ``},
	} {
		t.Run(c.name, func(t *testing.T) { h.refuses(t, f.withPayload(t, c.end)) })
	}
	for _, payload := range []string{``, `null`, `[]`, `"sub"`, `{}`, `{"sub":}`, "\ufeff{}"} {
		t.Run("the payload "+payload, func(t *testing.T) { h.refuses(t, f.raw(t, with(f.header, "", absent{}), payload)) })
	}
	// M10: encoding/json alone would take SUB for sub.
	t.Run("SUB is not sub", func(t *testing.T) {
		p := h.passes(t, f.withPayload(t, `,"SUB":"root","Aud":"other","EXP":1}`))
		if p.UserID != f.claims["sub"] {
			t.Errorf("proves %s, want %s", p.UserID, f.claims["sub"])
		}
		changed := map[string]any{}
		for k, v := range f.claims {
			changed[k] = v
		}
		delete(changed, "sub")
		h.refuses(t, f.raw(t, with(f.header, "", absent{}), with(changed, "SUB", f.claims["sub"])))
	})
}
