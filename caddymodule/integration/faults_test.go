package integration

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// REL-01, FI-18: whichever call of a login fails, there is no token, and the
// code is not lost: it works once when nothing fails.
func TestEveryFailingCallOfALogin(t *testing.T) {
	d, f := openFaulty(t)
	device := d.addHOTP()
	hits := d.app.hits.Load()
	failures := 0
	for n := 1; ; n++ {
		if n > 60 {
			t.Fatal("a login takes more than 60 calls")
		}
		code := device.code(n)
		var status int
		var token string
		pending := false
		f.alone(func() {
			f.FailNext(n, nil)
			status, token = d.login(code)
			pending = f.Pending()
			f.Reset()
		})
		if pending { // there are fewer calls than n: nothing failed
			if status != http.StatusCreated || token == "" {
				t.Errorf("without a failure the login gives %d", status)
			}
			break
		}
		failures++
		if status != http.StatusServiceUnavailable || token != "" {
			t.Errorf("with a failure of call %d the login gives %d, want 503 and no token", n, status)
		}
		if status, _ := d.login(code); status != http.StatusCreated {
			t.Errorf("after a failure of call %d the same code gives %d, want 201", n, status)
		}
		if status, _ := d.login(code); status != http.StatusUnauthorized {
			t.Errorf("after a failure of call %d the code is good twice: %d", n, status)
		}
	}
	if failures < 20 {
		t.Errorf("only %d calls failed: is the database reached?", failures)
	}
	if d.app.hits.Load() != hits {
		t.Error("the app was contacted")
	}
}

// A token that is seen for the first time is held against the store; whichever
// call fails, the app is not contacted.
func TestEveryFailingCallOfAFirstRequest(t *testing.T) {
	d, f := openFaulty(t)
	token := d.openSession().token
	for n := 1; ; n++ {
		hits := d.app.hits.Load()
		status, pending := 0, false
		f.alone(func() {
			f.FailNext(n, nil)
			status, _ = d.get("/", "Authorization", token)
			pending = f.Pending()
			f.Reset()
		})
		if pending {
			if status != http.StatusOK || n < 5 {
				t.Errorf("after %d calls the request gives %d", n-1, status)
			}
			return
		}
		if status != http.StatusServiceUnavailable || d.app.hits.Load() != hits {
			t.Errorf("with a failure of call %d the request gives %d, want 503 and no request at the app", n, status)
		}
	}
}

// TOK-13: an operation that fails tells the caller, and changes nothing.
func TestEveryFailingCallOfAnOperation(t *testing.T) {
	d, f := openFaulty(t)
	o := d.openSession()
	for _, c := range []struct {
		operation string
		in        any
		same      bool // the session goes on also when nothing fails
	}{
		{"device/show", admin.DeviceRef{Device: o.device.Serial}, true},
		{"user/list", admin.Nothing{}, true},
		{"session/revoke", admin.SessionRef{Session: o.session}, false},
		{"device/block", admin.DeviceRef{Device: o.device.Serial}, false},
		{"device/unblock", admin.DeviceRef{Device: o.device.Serial}, true},
		{"user/disable", admin.UserRef{User: d.name}, false},
		{"user/enable", admin.UserRef{User: d.name}, true},
	} {
		for n := 1; ; n++ {
			status, text, pending := 0, "", false
			f.alone(func() {
				f.FailNext(n, nil)
				status, text = d.adminRaw(c.operation, c.in)
				pending = f.Pending()
				f.Reset()
			})
			if pending {
				if status != http.StatusOK || n < 3 {
					t.Errorf("%s after %d calls: %d %s", c.operation, n-1, status, text)
				}
				break
			}
			if status != http.StatusServiceUnavailable || strings.Contains(text, "injected") {
				t.Errorf("%s with a failure of call %d: %d %s, want 503", c.operation, n, status, text)
			}
			if !c.same {
				d.wantIn(c.operation+" failed", o.token)
			}
		}
		if !c.same {
			d.wantOut(c.operation, o.token)
			if c.operation == "session/revoke" {
				d.renew(&o)
			}
		}
		if c.operation == "device/unblock" {
			d.renew(&o)
		}
	}
}

// Law 1 and section 3: a request of a known session costs no SQL at all.
func TestKnownSessionCostsNoSQL(t *testing.T) {
	d, f := openFaulty(t)
	token := d.openSession().token
	d.wantIn("the first request", token)
	f.alone(func() {
		f.Reset()
		for range 100 {
			d.wantIn("a later request", token)
		}
		if f.Count() != 0 || f.Begins() != 0 || f.Commits() != 0 {
			t.Errorf("100 requests cost %d statements in %d transactions", f.Count(), f.Begins())
		}
	})
	// The poll is all that runs beside it.
	pollUntil(t, 5*time.Second, "the store is polled", func() bool { return f.CountMatching("epochs") >= 4 })
	if all, polls := f.Count(), f.CountMatching("epochs"); all != polls {
		t.Errorf("%d statements ran, and %d of them are the poll", all, polls)
	}
}

// REL-04: a panic below us is an answer, and the process lives.
func TestPanicOfTheStore(t *testing.T) {
	d, f := openFaulty(t)
	o := d.openSession()
	device := d.addHOTP()
	f.panic.Store(true)
	hits := d.app.hits.Load()
	if status, token := d.login(device.code(0)); status != http.StatusInternalServerError || token != "" {
		t.Errorf("a login gives %d, want 500", status)
	}
	if status, _ := d.get("/", "Authorization", o.token); status != http.StatusInternalServerError || d.app.hits.Load() != hits {
		t.Errorf("a request gives %d, want 500 and no request at the app", status)
	}
	f.panic.Store(false)
	d.wantIn("after the panic", o.token)
	if status, _ := d.login(device.code(0)); status != http.StatusCreated {
		t.Errorf("after the panic a login gives %d, want 201", status)
	}
}
