package oath_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// codeOf is a second reading of RFC 4226 section 5.3, for the codes that a
// device would show.
func codeOf(k oath.Key, counter int64) string {
	hashes := map[oath.Algorithm]func() hash.Hash{oath.SHA1: sha1.New, oath.SHA256: sha256.New, oath.SHA512: sha512.New}
	mac := hmac.New(hashes[k.Algorithm], k.Secret)
	binary.Write(mac, binary.BigEndian, counter)
	sum := mac.Sum(nil)
	value := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:]) & 0x7fffffff
	digits := fmt.Sprintf("%010d", value)
	return digits[len(digits)-k.Digits:]
}

// hotpKey has eight digits, so that a code of the tests below belongs to one
// counter only.
func hotpKey() oath.Key {
	return oath.Key{Secret: []byte("12345678901234567890"), Algorithm: oath.SHA1, Digits: 8}
}

func totpKey() oath.Key {
	k := hotpKey()
	k.Period = 30
	return k
}

// at is the middle of a time step of 30 seconds.
func at(step int64) time.Time { return time.Unix(step*30+15, 0) }

func TestRFC4226AppendixD(t *testing.T) {
	k := hotpKey()
	k.Digits = 6
	for counter, code := range []string{
		"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
	} {
		if got, ok := k.MatchHOTP(code, int64(counter)-1, 0); !ok || got != int64(counter) {
			t.Errorf("counter %d, code %s: matched %d, %v", counter, code, got, ok)
		}
	}
}

func TestRFC6238AppendixB(t *testing.T) {
	algorithms := []oath.Algorithm{oath.SHA1, oath.SHA256, oath.SHA512}
	for seconds, codes := range map[int64][3]string{
		59:          {"94287082", "46119246", "90693936"},
		1111111109:  {"07081804", "68084774", "25091201"},
		1111111111:  {"14050471", "67062674", "99943326"},
		1234567890:  {"89005924", "91819424", "93441116"},
		2000000000:  {"69279037", "90698825", "38618901"},
		20000000000: {"65353130", "77737706", "47863826"},
	} {
		for i, size := range []int{20, 32, 64} {
			k := oath.Key{
				Secret:    bytes.Repeat([]byte("1234567890"), 7)[:size],
				Algorithm: algorithms[i], Digits: 8, Period: 30,
			}
			if step, ok := k.MatchTOTP(codes[i], time.Unix(seconds, 0), -1, 0, 0); !ok || step != seconds/30 {
				t.Errorf("%d s, %s, code %s: matched %d, %v", seconds, k.Algorithm, codes[i], step, ok)
			}
		}
	}
}
