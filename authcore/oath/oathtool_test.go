package oath_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// Ten thousand codes of random keys, as another implementation computes them.
func TestAgreesWithOathtool(t *testing.T) {
	tool, err := exec.LookPath("oathtool")
	if err != nil {
		t.Fatal("this test needs oathtool: apt-get install oathtool")
	}
	random := rand.New(rand.NewPCG(4226, 6238))
	const runs, batch = 400, 25
	compared := 0
	for range runs {
		k := oath.Key{
			Secret:    make([]byte, 16+random.IntN(113)),
			Algorithm: []oath.Algorithm{oath.SHA1, oath.SHA256, oath.SHA512}[random.IntN(3)],
			Digits:    6 + 2*random.IntN(2),
		}
		for i := range k.Secret {
			k.Secret[i] = byte(random.Uint32())
		}
		first := random.Int64N(1 << 31)
		arguments := []string{"-w", fmt.Sprint(batch - 1), "-d", fmt.Sprint(k.Digits)}
		if byEvent := k.Algorithm == oath.SHA1 && random.IntN(2) == 0; byEvent {
			first = random.Int64()
			arguments = append(arguments, "--hotp", "-c", fmt.Sprint(first))
		} else {
			k.Period = 15 + random.IntN(106)
			arguments = append(arguments, "--totp="+string(k.Algorithm),
				"-s", fmt.Sprintf("%ds", k.Period), "-N", fmt.Sprintf("@%d", first*int64(k.Period)))
		}
		output, err := exec.Command(tool, append(arguments, hex.EncodeToString(k.Secret))...).Output()
		if err != nil {
			t.Fatalf("oathtool %v: %v", arguments, err)
		}
		for i, code := range strings.Fields(string(output)) {
			want := first + int64(i)
			got, ok := k.MatchHOTP(code, want-1, 0)
			if k.Period != 0 {
				got, ok = k.MatchTOTP(code, time.Unix(want*int64(k.Period), 0), want-1, 0, 0)
			}
			if !ok || got != want {
				t.Fatalf("oathtool %v: code %s of counter %d matched %d, %v", arguments, code, want, got, ok)
			}
			compared++
		}
	}
	if compared != runs*batch {
		t.Fatalf("compared %d codes, want %d", compared, runs*batch)
	}
}
