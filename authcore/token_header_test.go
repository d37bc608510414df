package authcore_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// TOK-02, TOK-03, TOK-04: the header has exactly alg, kid and typ, and each is
// the one that the key and this place expect.
func TestTokenHeaders(t *testing.T) {
	h, f := forged(t)
	for _, c := range []struct {
		name, member string
		value        any
	}{
		{"alg none", "alg", "none"},
		{"alg NoNe", "alg", "NoNe"},
		{"alg empty", "alg", ""},
		{"alg missing", "alg", absent{}},
		{"alg in lower case", "alg", "es256"},
		{"alg of another key", "alg", "EdDSA"},
		{"alg HS256", "alg", "HS256"},
		{"alg PS256", "alg", "PS256"},
		{"alg a list", "alg", []string{"ES256"}},
		{"typ JWT", "typ", "JWT"},
		{"typ missing", "typ", absent{}},
		{"typ empty", "typ", ""},
		{"typ null", "typ", nil},
		{"typ in capitals", "typ", "AT+JWT"},
		{"typ with the media type's prefix", "typ", "application/at+jwt"},
		{"kid unknown", "kid", "another"},
		{"kid missing", "kid", absent{}},
		{"kid empty", "kid", ""},
		{"kid a path", "kid", "../../../../dev/null"},
		{"crit", "crit", []string{"exp"}},
		{"crit empty", "crit", []string{}},
		{"jku", "jku", "https://evil.example/jwks.json"},
		{"jwk", "jwk", map[string]string{"kty": "EC"}},
		{"x5u", "x5u", "https://evil.example/cert.pem"},
		{"x5c", "x5c", []string{"MII"}},
		{"zip", "zip", "DEF"},
		{"b64", "b64", false},
		{"cty", "cty", "JWT"},
		{"anything else", "note", ""},
		{"alg in other letters", "ALG", "ES256"},
	} {
		t.Run(c.name, func(t *testing.T) { h.refuses(t, f.withHeader(t, c.member, c.value)) })
	}
	t.Run("alg doubled", func(t *testing.T) {
		h.refuses(t, f.raw(t, strings.TrimSuffix(with(f.header, "", absent{}), "}")+`,"alg":"ES256"}`, with(f.claims, "", absent{})))
	})
	t.Run("not an object", func(t *testing.T) {
		h.refuses(t, f.raw(t, `["ES256","`+f.key.ID+`","at+jwt"]`, with(f.claims, "", absent{})))
	})
}

// TOK-02, RFC 8725 section 2.1: the public key is no HMAC secret, and a token
// without a signature is none.
func TestTokenSignedWithThePublicKey(t *testing.T) {
	h, f := forged(t)
	payload := base64.RawURLEncoding.EncodeToString([]byte(with(f.claims, "", absent{})))
	for _, secret := range [][]byte{
		f.key.Public, nil, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: f.key.Public}),
	} {
		for _, alg := range []string{"HS256", "ES256"} {
			input := base64.RawURLEncoding.EncodeToString([]byte(with(f.header, "alg", alg))) + "." + payload
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(input))
			h.refuses(t, input+"."+base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
		}
	}
	for _, alg := range []string{"none", "ES256"} {
		h.refuses(t, base64.RawURLEncoding.EncodeToString([]byte(with(f.header, "alg", alg)))+"."+payload+".")
	}
}

// TOK-02, RFC 8725 section 3.1: one key, one algorithm. An RSA key could verify
// six, and each of these tokens is well signed with it.
func TestOneKeyOneAlgorithm(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.Algorithm = authcore.RS256 })
	f := newForge(t, h, h.login(t, h.member(t, "alice")).Token)
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		t.Run(alg, func(t *testing.T) {
			f.key.Algorithm = alg // what the forge signs with
			if token := f.withHeader(t, "alg", alg); alg == "RS256" {
				h.passes(t, token)
			} else {
				h.refuses(t, token)
			}
		})
	}
}

// TOK-01, TOK-09: the form of a token is checked before anything is parsed.
func TestTokenForm(t *testing.T) {
	h, f := forged(t)
	good := f.good
	dot := strings.IndexByte(good, '.')
	for _, c := range []struct{ name, token string }{
		{"empty", ""},
		{"a mebibyte of dots", strings.Repeat(".", 1<<20)},
		{"two dots", ".."},
		{"a line end in the header", good[:5] + "\r\n" + good[5:]},
		{"a line end in the payload", good[:dot+5] + "\n" + good[dot+5:]},
		{"a line end in the signature", good[:len(good)-5] + "\r" + good[len(good)-5:]},
		{"a space before", " " + good},
		{"a line end after", good + "\n"},
		{"four segments", good + "." + good[strings.LastIndexByte(good, '.')+1:]},
		{"two segments", good[:strings.LastIndexByte(good, '.')]},
		{"padding", good + "="},
		{"Base64 of the other alphabet", strings.NewReplacer("-", "+", "_", "/").Replace(good) + "+"},
		{"its prefix", good[:len(good)-1]},
		{"one letter more", good + "A"},
		{"twice, with a comma", good + "," + good},
	} {
		t.Run(c.name, func(t *testing.T) { h.refuses(t, c.token) })
	}
	t.Run("4096 bytes pass, more don't", func(t *testing.T) {
		sized := func(pad int) string { return f.withClaim(t, "pad", strings.Repeat("x", pad)) }
		pad := 0
		for len(sized(pad)) <= 4096 {
			pad += max(1, (4096-len(sized(pad)))/2) // each byte makes one or two letters
		}
		for len(sized(pad)) > 4096 {
			pad--
		}
		h.passes(t, sized(pad))
		h.refuses(t, sized(pad+1))
	})
}

// TOK-01: no byte of a token can be another.
func TestEveryByteOfATokenCounts(t *testing.T) {
	h, f := forged(t)
	good := f.good
	h.passes(t, good)
	for i := range len(good) {
		for _, c := range []byte{'A', '_', good[i] ^ 1, good[i] ^ 0x20} {
			if c == good[i] {
				continue
			}
			if _, err := h.Gatekeeper.Authenticate(t.Context(), good[:i]+string(c)+good[i+1:], site); err == nil {
				t.Errorf("byte %d: %q for %q passes", i, c, good[i])
			}
		}
	}
	// The last letter of an ES256 signature carries two bits that mean nothing:
	// the strict decoder refuses them all the same.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, c := range alphabet {
		if token := good[:len(good)-1] + string(c); token != good {
			h.refuses(t, token)
		}
	}
}
