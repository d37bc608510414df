package integration

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
)

// wrong posts n codes that are wrong: of a counter far behind the look-ahead.
func (d *door) wrong(device hotp, n int) {
	d.t.Helper()
	for i := range n {
		if status, token := d.login(device.code(900 + i)); status != http.StatusUnauthorized || token != "" {
			d.t.Fatalf("wrong code %d gives %d, want 401", i, status)
		}
	}
}

// LCK-03: wrong codes stay counted over a reload and over a stop, and so does
// the pause they lead to.
func TestWrongCodesSurviveReloadAndRestart(t *testing.T) {
	app := newBackend(t, nil)
	config := func(globals string) string {
		return caddyfile(globals, "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	}
	d := openBefore(t, app, config(""))
	device := d.addHOTP()
	counted := func(when string, want int) {
		t.Helper()
		if a := d.shown(device.Serial); a.WrongCodes != want || a.WrongCodesTotal != want {
			t.Errorf("%s: %d wrong codes in a row and %d in all, want %d", when, a.WrongCodes, a.WrongCodesTotal, want)
		}
	}
	reload := func() {
		t.Helper()
		if err := d.Load(config("token_lifetime 1h")); err != nil {
			t.Fatal(err)
		}
	}
	restart := func() {
		t.Helper()
		if err := caddy.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := d.Load(config("")); err != nil {
			t.Fatal(err)
		}
		d.waitReady()
	}
	d.wrong(device, 3)
	counted("at first", 3)
	reload()
	counted("after a reload", 3)
	d.wrong(device, 3)
	restart()
	counted("after a restart", 6)
	d.wrong(device, 4)
	counted("at the limit", 10)
	for _, c := range []struct {
		when string
		step func()
	}{{"at the limit", func() {}}, {"after a reload", reload}, {"after a restart", restart}} {
		c.step()
		if status, token := d.login(device.code(0)); status != http.StatusTooManyRequests || token != "" {
			t.Errorf("%s the right code gives %d, want 429", c.when, status)
		}
		if a := d.shown(device.Serial); a.WrongCodes != 10 || a.PausedUntil.Before(time.Now().Add(15*time.Minute)) {
			t.Errorf("%s device show tells %+v", c.when, a)
		}
	}
}

// A right code ends the run, and the total keeps every wrong one (LCK-06).
func TestRightCodeEndsTheRun(t *testing.T) {
	d := open(t, "", "")
	device := d.addHOTP()
	for round := range 3 {
		d.wrong(device, 2)
		if status, _ := d.login(device.code(round)); status != http.StatusCreated {
			t.Fatalf("the right code of round %d gives %d", round, status)
		}
		if a := d.shown(device.Serial); fmt.Sprint(a.WrongCodes, a.WrongCodesTotal) != fmt.Sprint(0, 2*(round+1)) {
			t.Errorf("round %d: %d wrong codes in a row, %d in all", round, a.WrongCodes, a.WrongCodesTotal)
		}
	}
}
