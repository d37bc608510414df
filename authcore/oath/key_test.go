package oath_test

import (
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore/oath"
)

// keyWith is the key of the tests with one thing changed.
func keyWith(k oath.Key, change func(*oath.Key)) oath.Key {
	change(&k)
	return k
}

var badKeys = map[string]func(*oath.Key){
	"secret is empty":                func(k *oath.Key) { k.Secret = nil },
	"secret has 15 bytes":            func(k *oath.Key) { k.Secret = k.Secret[:15] },
	"secret has 129 bytes":           func(k *oath.Key) { k.Secret = make([]byte, 129) },
	"digits is 7: 6 and 8":           func(k *oath.Key) { k.Digits = 7 },
	"digits is 0: 6 and 8":           func(k *oath.Key) { k.Digits = 0 },
	"digits is -6: 6 and 8":          func(k *oath.Key) { k.Digits = -6 },
	"digits is 100000000000":         func(k *oath.Key) { k.Digits = 100_000_000_000 },
	`algorithm is "MD5": SHA1, SHA2`: func(k *oath.Key) { k.Algorithm = "MD5" },
	`algorithm is "sha1"`:            func(k *oath.Key) { k.Algorithm = "sha1" },
	`algorithm is ""`:                func(k *oath.Key) { k.Algorithm = "" },
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	for want, change := range badKeys {
		refuses(t, keyWith(hotpKey(), change).ValidateHOTP(), want)
		refuses(t, keyWith(totpKey(), change).ValidateTOTP(), want)
	}
	for period, want := range map[int]string{
		0: "period is 0 seconds: 15 to 120", 14: "period is 14 ", 121: "period is 121 ", -30: "period is -30 ",
	} {
		refuses(t, keyWith(totpKey(), func(k *oath.Key) { k.Period = period }).ValidateTOTP(), want)
	}
	refuses(t, totpKey().ValidateHOTP(), "period is 30 seconds: HOTP counts events, so it must be 0")
	refuses(t, oath.Key{}.ValidateHOTP(), "secret is empty")
}

func refuses(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
		return
	}
	if strings.Contains(err.Error(), "1234567") {
		t.Errorf("%q shows the secret", err)
	}
}

func TestValidateAcceptsTheBounds(t *testing.T) {
	for _, algorithm := range []oath.Algorithm{oath.SHA1, oath.SHA256, oath.SHA512} {
		for _, size := range []int{16, 20, 128} {
			for _, digits := range []int{6, 8} {
				k := oath.Key{Secret: make([]byte, size), Algorithm: algorithm, Digits: digits}
				if err := k.ValidateHOTP(); err != nil {
					t.Errorf("%d bytes, %s, %d digits: %v", size, algorithm, digits, err)
				}
				for _, k.Period = range []int{15, 30, 120} {
					if err := k.ValidateTOTP(); err != nil {
						t.Errorf("%d bytes, %s, %d digits, %d s: %v", size, algorithm, digits, k.Period, err)
					}
				}
			}
		}
	}
}

// The codes are those that a library without these bounds would accept.
func TestBadKeyMatchesNothing(t *testing.T) {
	const now = 1000
	for name, change := range badKeys {
		hotp, totp := keyWith(hotpKey(), change), keyWith(totpKey(), change)
		like := hotp // as the library would read it
		if like.Digits < 6 || like.Digits > 8 {
			like.Digits = 6
		}
		like.Algorithm = oath.SHA1
		for counter := int64(now); counter <= now+3; counter++ {
			first, second := codeOf(like, counter), codeOf(like, counter+1)
			matchesNothing(t, name, hotp, totp, first, second, now)
		}
		matchesNothing(t, name, hotp, totp, "", "", now)
	}
	for _, period := range []int{0, -30, 1, 3600} {
		k := keyWith(totpKey(), func(k *oath.Key) { k.Period = period })
		for counter := int64(0); counter <= 20; counter++ {
			matchesNothing(t, "period", totpKey(), k, codeOf(k, counter), codeOf(k, counter+1), 0)
		}
	}
}

func matchesNothing(t *testing.T, name string, hotp, totp oath.Key, first, second string, step int64) {
	t.Helper()
	if c, ok := hotp.MatchHOTP(first, step-1, 5); ok || c != -1 {
		t.Errorf("%s: MatchHOTP gave %d, %v", name, c, ok)
	}
	if c, ok := totp.MatchTOTP(first, at(step), -1, 2, 0); ok || c != -1 {
		t.Errorf("%s: MatchTOTP gave %d, %v", name, c, ok)
	}
	if c, ok := hotp.ResyncHOTP(first, second, step-1); ok || c != -1 {
		t.Errorf("%s: ResyncHOTP gave %d, %v", name, c, ok)
	}
	if c, ok := totp.ResyncTOTP(first, second, at(step), -1); ok || c != -1 {
		t.Errorf("%s: ResyncTOTP gave %d, %v", name, c, ok)
	}
}
