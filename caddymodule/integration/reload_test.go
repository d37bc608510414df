package integration

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// twoConfigs differ in the app and in the site, and share the store. WebSockets
// have a proxy of their own: Caddy 2.11.9 has a data race of its own when one
// with stream_close_delay ends while other requests run in it.
func twoConfigs(app *backend) [2]string {
	address := app.Listener.Addr().String()
	proxy := "reverse_proxy /ws " + address + " {\nstream_close_delay 1m\n}\nreverse_proxy " + address
	return [2]string{
		caddyfile("", "api onlyoffice\nopen /open", proxy),
		caddyfile("token_lifetime 1h", "api onlyoffice\nopen /open /other\nrequire /admin/* {\ngroup admins\n}", "header X-Second yes\n"+proxy),
	}
}

// REL-07, FI-11: reloads lose no request, no session, no counter, no WebSocket.
func TestReloadsUnderLoad(t *testing.T) {
	const reloads = 20
	app := streaming(t)
	configs := twoConfigs(app)
	d := openBefore(t, app, configs[0])
	o := d.openSession()
	guesser, worker := d.hasty().another("guesser"), d.hasty().another("worker")
	guessed, work := guesser.addHOTP(), worker.addHOTP()
	ws := d.socket(o.token)

	l := newLoad()
	for range 2 {
		l.forever("requests with a token", d.wantStatus("/", http.StatusOK, "Authorization", o.token), t)
		l.forever("open requests", d.wantStatus("/open", http.StatusOK), t)
		l.forever("requests without a token", d.wantStatus("/", http.StatusUnauthorized), t)
	}
	wrong, right := 0, 0
	for n := range reloads {
		if err := d.Load(configs[(n+1)%2]); err != nil {
			t.Fatalf("reload %d: %v", n, err)
		}
		ws.echoes(fmt.Sprint("after reload ", n))
		switch {
		case n%3 == 0:
			guesser.wrong(guessed, 1)
			wrong++
		case n%3 == 1:
			if status, _ := worker.login(work.code(right)); status != http.StatusCreated {
				t.Errorf("a login after reload %d gives %d", n, status)
			}
			right++
		}
	}
	l.stop(t, reloads)
	if a := guesser.shown(guessed.Serial); a.WrongCodes != wrong || a.WrongCodesTotal != wrong {
		t.Errorf("%d wrong codes are counted and %d in all, want %d", a.WrongCodes, a.WrongCodesTotal, wrong)
	}
	var sessions []admin.Session
	if d.call("session/list", admin.ListOf{User: "worker"}, &sessions); len(sessions) != right {
		t.Errorf("%d sessions are open, want %d", len(sessions), right)
	}
	d.call("session/revoke", admin.SessionRef{Session: o.session}, new(admin.Session))
	ws.ends("revoked after the reloads")
	d.wantOut("revoked after the reloads", o.token)
}

// Logins that are on their way while the configuration changes are answered
// 201, each with one session. Of those whose connection stock Caddy closed
// nobody knows: the session is there or not, and never twice.
func TestReloadsDuringLogins(t *testing.T) {
	app := streaming(t)
	configs := twoConfigs(app)
	d := openBefore(t, app, configs[0])
	device := d.addHOTP()
	caller := d.hasty()
	next, answered := 0, 0
	l := newLoad()
	l.forever("logins", func() error {
		next++
		status, err := caller.tryLogin(device.code(next - 1))
		if err == nil && status != http.StatusCreated {
			return fmt.Errorf("%d", status)
		}
		if err == nil {
			answered++
		}
		return nil
	}, t)
	for n := 0; n < 20 || n < 300 && l.count["logins"].Load() < 5; n++ {
		if err := d.Load(configs[(n+1)%2]); err != nil {
			t.Fatalf("reload %d: %v", n, err)
		}
	}
	l.stop(t, 5)
	var sessions []admin.Session
	if d.call("session/list", admin.ListOf{User: d.name}, &sessions); len(sessions) < answered || len(sessions) > next || 2*answered < next {
		t.Errorf("%d sessions are open after %d logins, of which %d were answered", len(sessions), next, answered)
	}
}

// Many reloads leave nothing behind, and neither do those that fail.
func TestReloadsLeakNothing(t *testing.T) {
	app := streaming(t)
	configs := twoConfigs(app)
	d := openBefore(t, app, configs[0])
	broken := brokenConfigs(t, d, app)
	round := func(n int) {
		if err := d.Load(configs[n%2]); err != nil {
			t.Fatal(err)
		}
		for _, c := range broken {
			if err := d.Load(c.elsewhere()); err == nil {
				t.Fatalf("%s: no error", c.name)
			}
		}
		d.wantOut("after a reload", "")
	}
	for n := range 4 { // what is made once is made now
		round(n)
	}
	d.client.CloseIdleConnections()
	before := held(t)
	for n := range 30 {
		round(n)
	}
	d.client.CloseIdleConnections()
	pollUntil(t, 10*time.Second, fmt.Sprintf("goroutines and files are those of before, %+v", before), func() bool {
		return held(t).within(before)
	})
}
