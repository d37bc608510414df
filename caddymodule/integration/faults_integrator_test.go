package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// asker is a gateway with a store that fails, and an integrator of it.
type asker struct {
	*door
	key string
}

const askedAt = "/mfa/server.aspx"

func openAsker(t *testing.T) (*asker, *faults) {
	t.Helper()
	app := newBackend(t, nil)
	site := "api surepassid {\n\tpath " + askedAt + "\n}"
	a := &asker{door: openBefore(t, app, faultyConfig(site, "reverse_proxy "+app.Listener.Addr().String()))}
	var made admin.IntegratorWithKey
	a.call("integrator/add", admin.AddIntegrator{Name: "vpn", Dialect: "surepassid"}, &made)
	a.key = made.Key
	return a, faultsOf(a.Dir + "/doorward.db")
}

// validate asks whether a code is right, and gives the return code.
func (a *asker) validate(device hotp, code string) int {
	a.t.Helper()
	status, text := a.post(askedAt, fmt.Sprintf(`{"type":"validate_oath_otp","spAccountLoginName":"vpn","spAccountLoginKey":%q,"psn":%q,"otp":%q}`,
		a.key, device.Serial, code))
	answer := struct{ ErrorCode int }{ErrorCode: -1}
	if err := json.Unmarshal([]byte(text), &answer); status != http.StatusOK || err != nil {
		a.t.Fatalf("%d %s, %v", status, text, err)
	}
	return answer.ErrorCode
}

// REL-01: whichever call of the store fails while an integrator asks about a code, it
// is not right, and not lost: it is right once when nothing fails.
func TestEveryFailingCallOfAValidation(t *testing.T) {
	a, f := openAsker(t)
	device := a.addHOTP()
	for n := 1; ; n++ {
		if n > 60 {
			t.Fatal("a validation takes more than 60 calls")
		}
		code := device.code(n)
		got, pending := 0, false
		f.alone(func() {
			f.FailNext(n, nil)
			got = a.validate(device, code)
			pending = f.Pending()
			f.Reset()
		})
		if pending { // there are fewer calls than n: nothing failed
			if got != 0 || n < 15 {
				t.Errorf("after %d calls without a failure the code is answered %d", n-1, got)
			}
			return
		}
		if got != 9010 {
			t.Errorf("with a failure of call %d the code is answered %d, want 9010", n, got)
		}
		if got := a.validate(device, code); got != 0 {
			t.Errorf("after a failure of call %d the same code is answered %d, want 0", n, got)
		}
		if got := a.validate(device, code); got != 9002 {
			t.Errorf("after a failure of call %d the code is answered %d the second time, want 9002", n, got)
		}
	}
}

// Law 13: while every statement hangs an integrator has his answer in time.
func TestFrozenDatabaseOfAnIntegrator(t *testing.T) {
	a, _ := openAsker(t)
	device := a.addHOTP()
	thaw := freeze(t, a.Dir+"/doorward.db")
	a.within(3*time.Second, "a code", 9010, func() int { return a.validate(device, device.code(0)) })
	thaw()
	pollUntil(t, 5*time.Second, "the code is right", func() bool { return a.validate(device, device.code(0)) == 0 })
}
