package oath_test

import (
	"bytes"
	"testing"

	"github.com/doorward/doorward/authcore/oath"
	"pgregory.net/rapid"
)

func TestNewSecretsAreTwentyFreshBytes(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		secret := oath.NewSecret()
		if len(secret) != 20 {
			t.Fatalf("%d bytes", len(secret))
		}
		seen[string(secret)] = true
	}
	if len(seen) != 10_000 {
		t.Fatalf("10000 secrets, %d of them different", len(seen))
	}
}

func TestParseSecretAsPeopleWriteIt(t *testing.T) {
	want := []byte("12345678901234567")
	for _, text := range []string{
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3Q", "gezdgnbvgy3tqojqgezdgnbvgy3q", "GezdGnbvGy3tQojqGezdGnbvGy3q",
		"GEZD GNBV GY3T QOJQ GEZD GNBV GY3Q", " GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3Q ", "gezd gnbv-gy3tqojqgezd  gnbv - gy3q",
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3Q====", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3Q =", "GEZDGNBVGY3TQOJQGEZDGNBVGY3Q = = ",
	} {
		if got, err := oath.ParseSecret(text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if got := oath.FormatSecret(want); got != "GEZDGNBVGY3TQOJQGEZDGNBVGY3Q" {
		t.Errorf("FormatSecret gave %s", got)
	}
}

func TestParseSecretRefuses(t *testing.T) {
	const what = " of the secret is not Base32: A to Z and 2 to 7 are allowed"
	const length = " Base32 characters, which make no whole number of bytes: is one missing?"
	for text, want := range map[string]string{
		"":                   "the secret is empty",
		"====":               "the secret is empty",
		" - - ":              "the secret is empty",
		"GEZDGNB0":           "character 8" + what,
		"GEZDGNB1":           "character 8" + what,
		"8EZDGNBV":           "character 1" + what,
		"GEZD GNB9":          "character 9" + what,
		"GE=DGNBV":           "character 3" + what,
		"GEZDGNBV\n":         "character 9" + what,
		"GEZD\r\nGNBV":       "character 5" + what,
		"GEZD\tGNBV":         "character 5" + what,
		"\u00e9GEZDGNBV":     "character 1" + what,
		"GEZDGNB\u017f":      "character 8" + what, // upper case: S
		"GEZDGNB\u0131":      "character 8" + what, // upper case: I
		"\u00e9\u00e9":       "character 1" + what,
		"GEZDGNB\xff":        "character 8" + what,
		"GEZDGNBV\u00a0":     "character 9" + what,
		"GEZDGNBV?issuer=x":  "character 9" + what,
		"G":                  "the secret has 1" + length,
		"GEZDGNBVGEZ":        "the secret has 11" + length,
		"GEZD-GNBV-GEZD-GN=": "the secret has 14" + length,
	} {
		if got, err := oath.ParseSecret(text); got != nil || err == nil || err.Error() != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestSecretReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "secret")
		if got, err := oath.ParseSecret(oath.FormatSecret(secret)); err != nil || !bytes.Equal(got, secret) {
			t.Fatalf("%x reads back as %x, %v", secret, got, err)
		}
	})
}
