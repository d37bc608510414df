package integration

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// within asks and wants the answer in time.
func (d *door) within(bound time.Duration, what string, want int, ask func() int) {
	d.t.Helper()
	started := time.Now()
	if got := ask(); got != want {
		d.t.Errorf("%s gives %d, want %d", what, got, want)
	}
	if took := time.Since(started); took > bound {
		d.t.Errorf("%s took %s, want %s at most", what, took, bound)
	}
}

func (d *door) path(path string, headers ...string) func() int {
	return func() int { status, _ := d.get(path, headers...); return status }
}

// Law 13, REL-02, REL-03, FI-05: while every statement hangs the answers come
// in time, known sessions go on, and all of it heals without a restart.
func TestFrozenDatabase(t *testing.T) {
	const bound = 3 * time.Second
	d, _ := openFaulty(t)
	known, unknown := d.openSession(), d.openSession()
	device := d.addHOTP()
	d.wantIn("before", known.token)
	thaw := freeze(t, d.Dir+"/doorward.db")
	hits := d.app.hits.Load()
	d.within(bound, "a login", http.StatusServiceUnavailable, func() int { status, _ := d.login(device.code(0)); return status })
	d.within(bound, "a token seen for the first time", http.StatusServiceUnavailable, d.path("/", "Authorization", unknown.token))
	d.within(bound, "ready", http.StatusServiceUnavailable, d.path("/.doorward/ready"))
	d.within(time.Second, "no token", http.StatusUnauthorized, d.path("/"))
	d.within(time.Second, "health", http.StatusOK, d.path("/.doorward/health"))
	if d.app.hits.Load() != hits {
		t.Error("the app was contacted")
	}
	d.within(time.Second, "a known session", http.StatusOK, d.path("/", "Authorization", known.token))
	d.within(6*time.Second, "an operation", http.StatusServiceUnavailable, func() int {
		status, _ := d.adminRaw("device/block", admin.DeviceRef{Device: device.Serial})
		return status
	})
	thaw()
	pollUntil(t, 5*time.Second, "it is ready again", func() bool { return d.path("/.doorward/ready")() == http.StatusOK })
	d.wantIn("a token that could not be known", unknown.token)
	if status, _ := d.login(device.code(1)); status != http.StatusCreated {
		t.Errorf("a login gives %d after it, want 201", status)
	}
}

// Section 4: a view that is 30 seconds old decides nothing. It takes its time,
// so it runs beside others.
func TestStaleViewRefusesKnownSessions(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	s := startServer(t, dir, faultyConfig("api onlyoffice", `respond "ok"`))
	s.enrol()
	device := s.addHOTP()
	_, token := s.login(device.code(0))
	request := s.path("/", "Authorization", token)
	s.within(time.Second, "a request", http.StatusOK, request)
	thaw := freeze(t, dir+"/doorward.db")
	frozen := time.Now()
	pollUntil(t, authcore.StaleAfter+5*time.Second, "a known session is refused", func() bool { return request() != http.StatusOK })
	if lasted := time.Since(frozen); lasted < authcore.StaleAfter-time.Second {
		t.Errorf("known sessions were refused after %s, want about %s", lasted, authcore.StaleAfter)
	}
	s.within(time.Second, "a known session on a stale view", http.StatusServiceUnavailable, request)
	s.within(time.Second, "health", http.StatusOK, s.path("/.doorward/health"))
	thaw()
	pollUntil(t, 5*time.Second, "the session goes on", func() bool { return request() == http.StatusOK })
}

// Law 13: a database that is away at the start is waited for while the process
// serves.
func TestStoreIsAwayAtStart(t *testing.T) {
	app := newBackend(t, nil)
	dir := shortDir(t)
	database := dir + "/doorward.db"
	faultsOf(database).away.Store(3)
	config := caddyfile("", "api onlyoffice\nopen /open", "reverse_proxy "+app.Listener.Addr().String())
	config = strings.Replace(config, `sqlite "{$KIT_DIR}/doorward.db"`, "faulty "+database, 1)
	c := caddytestkit.Start(t, config)
	d := &door{Caddy: c, app: app, client: c.Client("gate"), name: "alice", password: "none", t: t}
	d.within(time.Second, "health", http.StatusOK, d.path("/.doorward/health"))
	d.within(3*time.Second, "ready", http.StatusServiceUnavailable, d.path("/.doorward/ready"))
	d.within(3*time.Second, "a request", http.StatusServiceUnavailable, d.path("/", "Authorization", "Bearer x"))
	d.within(3*time.Second, "a login", http.StatusServiceUnavailable, func() int { status, _ := d.login("123456"); return status })
	if app.hits.Load() != 0 {
		t.Error("the app was contacted")
	}
	d.within(3*time.Second, "an open path", http.StatusOK, d.path("/open"))
	pollUntil(t, 15*time.Second, "it heals", func() bool { return d.path("/.doorward/ready")() == http.StatusOK })
	var u admin.UserWithPassword
	d.call("user/add", admin.AddUser{Name: d.name}, &u)
	d.password = u.Password
	d.wantIn("after it", d.openSession().token)
}

// Law 13, at the start too: a database that hangs while it is opened holds up
// neither the start nor the answers.
func TestFrozenAtStart(t *testing.T) {
	app := newBackend(t, nil)
	dir := shortDir(t)
	thaw := freeze(t, dir+"/doorward.db")
	config := caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	config = strings.Replace(config, `sqlite "{$KIT_DIR}/doorward.db"`, "faulty "+dir+"/doorward.db", 1)
	started := time.Now()
	c := caddytestkit.Start(t, config)
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("the start took %s", took)
	}
	d := &door{Caddy: c, app: app, client: c.Client("gate"), name: "alice", password: "none", t: t}
	d.within(time.Second, "health", http.StatusOK, d.path("/.doorward/health"))
	d.within(3*time.Second, "a login", http.StatusServiceUnavailable, func() int { status, _ := d.login("123456"); return status })
	thaw()
	pollUntil(t, 15*time.Second, "it heals", func() bool { return d.path("/.doorward/ready")() == http.StatusOK })
}

// A reload while the database hangs leaves known sessions as they are.
func TestReloadWhileFrozen(t *testing.T) {
	d, _ := openFaulty(t)
	known := d.openSession()
	d.wantIn("before", known.token)
	thaw := freeze(t, d.Dir+"/doorward.db")
	if err := d.Load(faultyConfig("api onlyoffice\nopen /x", "reverse_proxy "+d.app.Listener.Addr().String())); err != nil {
		t.Fatal(err)
	}
	d.client.CloseIdleConnections()
	d.wantIn("after a reload", known.token)
	thaw()
	pollUntil(t, 15*time.Second, "it is ready", func() bool { return d.path("/.doorward/ready")() == http.StatusOK })
	if status, _ := d.login(d.addHOTP().code(0)); status != http.StatusCreated {
		t.Errorf("a login gives %d after it, want 201", status)
	}
}
