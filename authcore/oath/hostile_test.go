package oath_test

import (
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore/oath"
)

// What a library that trims or folds would take for the code of counter 1.
func TestOnlyTheExactDigitsMatch(t *testing.T) {
	for _, digits := range []int{6, 8} {
		change := func(k *oath.Key) { k.Digits = digits }
		hotp, totp := keyWith(hotpKey(), change), keyWith(totpKey(), change)
		code, next := codeOf(hotp, 1), codeOf(hotp, 2)
		for _, spelling := range hostile(code) {
			matchesNothing(t, spelling, hotp, totp, spelling, next, 1)
			matchesNothing(t, spelling, hotp, totp, spelling, spelling, 1)
			if c, ok := hotp.ResyncHOTP(code, hostile(next)[0], 0); ok {
				t.Errorf("ResyncHOTP trimmed the second code: %d", c)
			}
			if c, ok := totp.ResyncTOTP(code, hostile(next)[0], at(1), 0); ok {
				t.Errorf("ResyncTOTP trimmed the second code: %d", c)
			}
		}
		if c, ok := hotp.MatchHOTP(code, 0, 0); !ok || c != 1 {
			t.Errorf("the plain code matched %d, %v", c, ok)
		}
	}
}

// hostile are spellings of a code that must not match. Some have the length of
// the code in bytes.
func hostile(code string) []string {
	shift := func(zero rune) string {
		return strings.Map(func(r rune) rune { return r - '0' + zero }, code)
	}
	return []string{
		" " + code, code + "\n", code + "\r\n", "\u00a0" + code, code + "\t\u2003", code + "\x00", "\ufeff" + code,
		" " + code[1:], code[1:] + "\n", code[:2] + "\u00a0" + code[4:], "+" + code[1:], "-" + code[1:],
		code[:3] + " " + code[3:], code[:3] + "-" + code[3:], "0x" + code[2:], code[:len(code)-2] + "e0",
		shift('\uff10'), shift('\u0660'), shift('\u06f0'), shift('\U0001d7ce'), shift('\uff10')[:len(code)],
		code[:len(code)-1], code[1:], "0" + code, code + "0", "00" + code, code + code, strings.Repeat(code, 1000/len(code)+1)[:1000],
		"", " ", "\x00", "%s", "?", code + "?", "'" + code, "0" + code[:len(code)-1] + ";",
	}
}
