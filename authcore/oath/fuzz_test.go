package oath_test

import (
	"bytes"
	"math"
	"regexp"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// FuzzMatch: no input panics, and what matches is exactly a code of a counter
// in the window.
func FuzzMatch(f *testing.F) {
	type input struct {
		code      string
		last      int64
		lookAhead int
		now       int64
	}
	// The code of counter 1 by RFC 4226 appendix D, with two digits more.
	seeds := []input{
		{"94287082", 0, 0, 59},
		{"94287082", -1, 1, 59},
		{"94287082", 1, 50, 59},
		{"", -1, 50, 0},
		{"94287082", math.MaxInt64, 50, math.MaxInt64},
		{"94287082", math.MinInt64, -1, math.MinInt64},
	}
	for _, code := range hostile("94287082") {
		seeds = append(seeds, input{code, 0, 0, 59})
	}
	matched := 0
	for _, s := range seeds {
		f.Add(s.code, s.last, s.lookAhead, s.now)
		if _, ok := hotpKey().MatchHOTP(s.code, s.last, s.lookAhead); ok {
			matched++
		}
	}
	if matched != 2 {
		f.Fatalf("%d of %d seeds match, want 2", matched, len(seeds))
	}
	digits := regexp.MustCompile(`\A[0-9]{8}\z`)
	f.Fuzz(func(t *testing.T, code string, last int64, n int, now int64) {
		check := func(k oath.Key, counter int64, ok bool) {
			t.Helper()
			if ok && (!digits.MatchString(code) || counter < 0 || counter <= last || codeOf(k, counter) != code) {
				t.Fatalf("%q after %d matched %d", code, last, counter)
			}
			if !ok && counter != -1 {
				t.Fatalf("no match, but counter %d", counter)
			}
		}
		hotp, totp := hotpKey(), totpKey()
		counter, ok := hotp.MatchHOTP(code, last, n)
		check(hotp, counter, ok)
		if ok && counter-last > oath.MaxLookAhead+1 && last >= -1 {
			t.Fatalf("%q after %d matched %d, too far ahead", code, last, counter)
		}
		step, ok := totp.MatchTOTP(code, time.Unix(now, 0), last, n, n)
		check(totp, step, ok)
		counter, ok = hotp.ResyncHOTP(code, code, last)
		check(hotp, counter, ok)
		step, ok = totp.ResyncTOTP(code, code, time.Unix(now, 0), last)
		check(totp, step, ok)
	})
}

// FuzzParseSecret: no input panics, what is read writes and reads the same, and
// no error holds more of the input than a number.
func FuzzParseSecret(f *testing.F) {
	seeds := []string{
		"", "=", "GEZDGNBVGY3TQOJQ", "gezd gnbv-gy3t qojq====", "G", "GEZDGNB0", "GE=DGNBV", "GEZD\nGNBV", "\u017f\u0131\xff", "77777777", "ZZ",
	}
	read := 0
	for _, text := range seeds {
		f.Add(text)
		if _, err := oath.ParseSecret(text); err == nil {
			read++
		}
	}
	if read != 4 {
		f.Fatalf("%d of %d seeds read, want 4", read, len(seeds))
	}
	errors := regexp.MustCompile(`\A(the secret is empty|character \d+ of the secret is not Base32: A to Z and 2 to 7 are allowed|` +
		`the secret has \d+ Base32 characters, which make no whole number of bytes: is one missing\?)\z`)
	f.Fuzz(func(t *testing.T, text string) {
		secret, err := oath.ParseSecret(text)
		if err != nil {
			if secret != nil || !errors.MatchString(err.Error()) {
				t.Fatalf("%q: %x, %q", text, secret, err)
			}
			return
		}
		again, err := oath.ParseSecret(oath.FormatSecret(secret))
		if err != nil || len(secret) == 0 || !bytes.Equal(again, secret) {
			t.Fatalf("%q: %x, and again %x, %v", text, secret, again, err)
		}
	})
}
