package tokencsv_test

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"testing"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
	"github.com/doorward/doorward/authcore/tokencsv"
)

// FuzzReader: no input panics, what is read is a key that verifies, each line is told
// of once and in order, and no refusal repeats what could be a secret.
func FuzzReader(f *testing.F) {
	for _, text := range []string{
		"S1," + inHex + ",totp,8,60,SHA256\nS2," + inHex + ",hotp,6,17,SHA-512\n",
		"\ufeff# x\r\nserial;secret;type;\r\n\"S1\";" + inBase32 + ";time\r\n;;\n",
		"secret\tserial\tkind\n" + inHex + "\tS\tevent", "S,\"\n\",\"\"\"", "\xff\xfeS", "a,b,c,d,e,f,g,h", inHex + "," + inBase32, "=,=,=",
	} {
		f.Add([]byte(text))
	}
	secret := regexp.MustCompile(`[A-Fa-f0-9]{32}|[A-Z2-7]{26}|[a-z2-7]{26}`)
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := bytes.Count(text, []byte("\n")) + 1
		r, err := tokencsv.NewReader(bytes.NewReader(text))
		for last := 0; err == nil; {
			var k pskc.Key
			var bad *pskc.KeyError
			line := 0
			if k, err = r.Next(); errors.As(err, &bad) {
				if line, err = bad.Line, nil; secret.MatchString(bad.Serial) || secret.MatchString(bad.Reason) || len(bad.Reason) > 200 {
					t.Fatalf("%q: %q %q", text, bad.Serial, bad.Reason)
				}
			} else if err == nil {
				line = k.Line
				key := oath.Key{Secret: k.Secret, Algorithm: k.Algorithm, Digits: k.Digits, Period: k.Period}
				if wrong, other := key.ValidateTOTP(), key.ValidateHOTP(); k.Serial == "" || k.Counter < 0 ||
					(k.Kind != "totp" || wrong != nil) && (k.Kind != "hotp" || other != nil) {
					t.Fatalf("%q: %+v: %v, %v", text, k, wrong, other)
				}
			}
			if err == nil && (line <= last || line > lines) {
				t.Fatalf("%q: line %d after %d of %d", text, line, last, lines)
			}
			last = line
		}
		if !errors.Is(err, io.EOF) && (secret.MatchString(err.Error()) || len(err.Error()) > 400) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
