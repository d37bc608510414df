package oath

import (
	"crypto/subtle"
	"encoding/base32"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// none is what is returned beside false: no counter is that low, so storing it
// by mistake moves nothing.
const none = -1

// search gives the lowest counter, beyond after and up to to, whose code is
// code. Counters below 0 don't exist.
//
// It walks down and to the end, whatever it found on its way: the lowest is
// written last, and the time it takes does not tell which one it was.
func search(code string, after, to int64, generate func(int64) string) (int64, bool) {
	found := int64(none)
	for c := to; c > after && c >= 0; c-- {
		if equal(code, generate(c)) {
			found = c
		}
	}
	return found, found >= 0
}

// searchPair is search for two consecutive codes, both beyond after and up to
// to. It gives the counter of the second.
func searchPair(first, second string, after, to int64, generate func(int64) string) (int64, bool) {
	found := int64(none)
	next := false // whether the counter above is that of second
	for c := to; c > after && c >= 0; c-- {
		code := generate(c)
		isFirst, isSecond := equal(first, code), equal(second, code)
		if isFirst && next {
			found = c + 1
		}
		next = isSecond
	}
	return found, found >= 0
}

func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// generator gives the function counter -> code of a key that validated. The
// library never sees what a person typed: it trims white space.
func (k Key) generator() func(int64) string {
	secret := base32.StdEncoding.EncodeToString(k.Secret)
	options := hotp.ValidateOpts{Digits: otp.Digits(k.Digits), Algorithm: algorithms[k.Algorithm]}
	return func(counter int64) string {
		code, err := hotp.GenerateCodeCustom(secret, uint64(counter), options)
		if err != nil {
			return "" // equals no code that wellFormed lets pass
		}
		return code
	}
}

// wellFormed reports whether code is exactly the key's number of ASCII digits.
func (k Key) wellFormed(code string) bool {
	if len(code) != k.Digits {
		return false
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return false
		}
	}
	return true
}

// beyond is counter+n, or the highest counter if that is lower. n is not negative.
func beyond(counter, n int64) int64 {
	if sum := counter + n; sum >= counter {
		return sum
	}
	return 1<<63 - 1
}
