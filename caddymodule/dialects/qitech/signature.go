package qitech

import (
	"crypto"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tolerance is how far the clock of an integrator may be off, either way.
const tolerance = 300 * time.Second

// margin is how far the clocks of our own nodes may differ: a copy of a call is remembered
// for as long as it would pass anywhere.
const margin = time.Minute

// verifier says of a key whether this call is signed with it (see
// [authcore.SignedKnock.Verify]): the method, the path, the body and a time that is near.
func (x *exchange) verifier(authorization string) func(key crypto.PublicKey, now time.Time) (once []byte, until time.Time, ok bool) {
	return func(key crypto.PublicKey, now time.Time) (once []byte, until time.Time, ok bool) {
		j, readable := readJWS(authorization)
		if !readable || !signs(key) {
			return nil, time.Time{}, false
		}
		at, near := nearTime(textOf(j.claims, "timestamp"), now)
		right := jwt.SigningMethodES512.Verify(j.signed, j.signature, key) == nil
		if !right || !near || textOf(j.claims, "method") != x.Method || !pathFits(textOf(j.claims, "uri"), x.URL, x.Prefix) || !digestFits(j, x.Body) {
			return nil, time.Time{}, false
		}
		return fingerprint(j), at.Add(tolerance + margin), true
	}
}

// stamp is how the vendor writes a time: in UTC, with fractions of a second or without.
var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$`)

func nearTime(text string, now time.Time) (at time.Time, near bool) {
	if !stamp.MatchString(text) {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return at, err == nil && now.Sub(at).Abs() <= tolerance
}

// pathFits says whether a claim names the path that was asked for: as it was sent or
// without our prefix, with the query or without.
func pathFits(claim string, u *url.URL, prefix string) bool {
	path, query, asked := strings.Cut(claim, "?")
	sent := u.EscapedPath()
	if path == "" || path != sent && prefix+path != sent {
		return false
	}
	return !asked || query == u.RawQuery
}

// The digests of a body that is empty: the vendor's prose hashes nothing, his sample {}.
const (
	digestOfNothing = "d41d8cd98f00b204e9800998ecf8427e"
	digestOfBraces  = "99914b932bd37a50b983c5e7c90ae93b"
)

// digestFits says whether the claim is the digest of the body, byte for byte. Whoever finds
// two bodies with one MD5 is the one who signs them: for another body of somebody else's
// digest there is no way known.
func digestFits(j jws, body []byte) bool {
	claim := textOf(j.claims, "payload_md5")
	if len(body) == 0 {
		_, claimed := j.claims["payload_md5"]
		return !claimed || claim == digestOfNothing || claim == digestOfBraces
	}
	sum := md5.Sum(body) //nolint:gosec // the vendor's claim: see above
	return claim == hex.EncodeToString(sum[:])
}

// fingerprint is of this signature and no other. Whoever has r and s has another signature
// of the same, r and n-s: the smaller one stands for both.
func fingerprint(j jws) []byte {
	s := new(big.Int).SetBytes(j.signature[coordinate:])
	if turned := new(big.Int).Sub(elliptic.P521().Params().N, s); turned.Cmp(s) < 0 {
		s = turned
	}
	h := sha256.New()
	h.Write([]byte(j.signed))
	h.Write(j.signature[:coordinate])
	h.Write(s.FillBytes(make([]byte, coordinate)))
	return h.Sum(nil)
}
