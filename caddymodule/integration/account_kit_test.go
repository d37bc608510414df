package integration

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/sqlite"
)

// accounts is a gateway with people who have signed in before it started, so that
// some of them have shown their factors a while ago.
type accounts struct {
	*door
	alice, bob *person
}

// person has two devices, and a session by each: now by the first, and by the
// second both now and so long ago that it changes no factor (law 7).
type person struct {
	name, password  string
	id              string
	first, second   authcore.Registered
	now, too, stale string // tokens
	counter         int64  // the next of each device
}

// longAgo is longer than the ten minutes that factors are fresh, and shorter than
// a browser may idle.
const longAgo = 12 * time.Minute

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	chrome  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)

// onBothStores runs a test on each database. Prepare, if any, finds the core
// before the gateway starts.
func onBothStores(t *testing.T, prepare func(*testing.T, *minter), test func(*testing.T, *accounts)) {
	t.Helper()
	stores := map[string]func(*testing.T) (open func() (authcore.Store, error), config string){
		"sqlite": func(t *testing.T) (func() (authcore.Store, error), string) {
			path := filepath.Join(shortDir(t), "doorward.db")
			return func() (authcore.Store, error) { return sqlite.Open(t.Context(), sqlite.Options{Path: path}) }, "sqlite " + path
		},
		"postgres": func(t *testing.T) (func() (authcore.Store, error), string) {
			dsn := onePostgres(t).Database(t)
			return func() (authcore.Store, error) {
				return postgres.Open(t.Context(), postgres.Options{DSN: dsn})
			}, "postgres " + dsn
		},
	}
	for name, make := range stores {
		t.Run(name, func(t *testing.T) {
			open, config := make(t)
			test(t, openAccounts(t, open, config, prepare))
		})
	}
}

// onePostgres is a server for all tests of this package: to start one takes
// seconds. TestMain closes it.
func onePostgres(t *testing.T) *postgrestest.Cluster {
	t.Helper()
	if startedPostgres == nil {
		cluster, err := postgrestest.New()
		mustDo(t, err)
		startedPostgres = cluster
	}
	return startedPostgres
}

var startedPostgres *postgrestest.Cluster

func closePostgres() {
	if startedPostgres != nil {
		startedPostgres.Close()
	}
}

func openAccounts(t *testing.T, open func() (authcore.Store, error), config string, prepare func(*testing.T, *minter)) *accounts {
	t.Helper()
	key := seal.NewKey()
	store, err := open()
	mustDo(t, err)
	m := newMinter(t, store, key)
	a := &accounts{alice: m.person(t, "alice"), bob: m.person(t, "bob")}
	if prepare != nil {
		prepare(t, m)
	}
	mustDo(t, store.Close())
	app := newBackend(t, nil)
	c := caddytestkit.Start(t, `{
		`+caddytestkit.Globals+`
		doorward {
			store `+config+`
			seal_key `+base64.StdEncoding.EncodeToString(key)+`
			factors totp hotp email
			channel email log {
				insecure
			}
		}
	}
	http:// {
		bind "unix/{$KIT_DIR}/gate.sock"
		doorward {
			api onlyoffice
		}
		reverse_proxy `+app.Listener.Addr().String()+`
	}`)
	a.door = &door{Caddy: c, app: app, client: c.Client("gate"), t: t}
	a.waitReady()
	return a
}

// minter is a core whose clock is turned by hand, over a database that no gateway
// has opened yet.
type minter struct {
	*authcore.Core
	clock *authtest.Clock
}

func newMinter(t *testing.T, store authcore.Store, key []byte) *minter {
	t.Helper()
	ring, err := seal.NewRing(key)
	mustDo(t, err)
	m := &minter{clock: authtest.NewClock()}
	m.clock.Turn(time.Since(m.clock.Now()))
	m.Core = authcore.New(authcore.Options{
		Store: store, Live: authcore.NewLive(), Ring: ring, Clock: m.clock, Log: slog.New(slog.DiscardHandler), Issuer: "doorward",
		Factors:  authcore.Factors{authcore.KindTOTP, authcore.KindHOTP, authcore.KindEmail},
		Channels: map[authcore.DeviceKind]authcore.Channel{authcore.KindEmail: new(authtest.Outbox)},
	})
	m.clock.Turn(-longAgo)
	mustDo(t, m.Prepare(t.Context())) // makes the signing key, which counts from then on
	m.clock.Turn(longAgo)
	mustDo(t, m.Prepare(t.Context())) // sees that the clock is the database's
	return m
}

func (m *minter) person(t *testing.T, name string) *person {
	t.Helper()
	p := &person{name: name, password: "mossy lantern kettle " + name[:1]}
	u, err := m.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: name, Password: p.password})
	mustDo(t, err)
	p.id, p.first, p.second = u.ID, m.hotp(t, name), m.hotp(t, name)
	m.clock.Turn(-longAgo)
	p.stale = m.session(t, p, p.second, authcore.Attempt{Agent: firefox})
	m.clock.Turn(longAgo)
	p.too = m.session(t, p, p.second, authcore.Attempt{Agent: chrome})
	p.now = m.session(t, p, p.first, authcore.Attempt{Agent: firefox})
	return p
}

func (m *minter) hotp(t *testing.T, name string) authcore.Registered {
	t.Helper()
	d, err := m.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: name, Kind: authcore.KindHOTP})
	mustDo(t, err)
	return d
}

// session signs p in with a code of d.
func (m *minter) session(t *testing.T, p *person, d authcore.Registered, a authcore.Attempt) (token string) {
	t.Helper()
	a.Name, a.Password = p.name, p.password
	if a.ClientID == "" {
		a.ClientID = authcore.DoorPortal
	}
	if a.Audience == "" {
		a.Audience = "doorward"
	}
	v, err := m.Logins.Primary(t.Context(), a)
	mustDo(t, err)
	login, err := m.Logins.Second(t.Context(), v, authtest.HOTP(t, d.Secret, p.counter))
	mustDo(t, err)
	p.counter++
	return login.Token
}

// answer is what a page gives, without what differs each time.
type answer struct {
	status int
	body   string
	header http.Header
}

var nonce = regexp.MustCompile(`nonce-[A-Z2-7]+|nonce="[A-Z2-7]+"`)

func (a *accounts) open(path, token string) answer {
	a.t.Helper()
	return a.ask(http.MethodGet, path, token, "")
}

// send posts a form as a browser does: names and values in turn.
func (a *accounts) send(path, token string, fields ...string) answer {
	a.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return a.ask(http.MethodPost, path, token, form.Encode())
}

func (a *accounts) ask(method, path, token, form string) answer {
	a.t.Helper()
	headers := []string{"Sec-Fetch-Site", "same-origin"}
	if method == http.MethodPost {
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		headers = append(headers, "Cookie", "doorward="+token)
	}
	status, body, header := a.do(method, "/.doorward/"+path, form, headers...)
	return answer{status, nonce.ReplaceAllString(body, ""), header}
}

// wantStatus also holds what every answer of these pages has: no cache keeps it.
func (a *accounts) wantStatus(what string, got answer, status int) {
	a.t.Helper()
	if got.status != status {
		a.t.Errorf("%s: %d %s, want %d\n%s", what, got.status, got.header.Get("Location"), status, got.body)
	}
	if keep := got.header.Get("Cache-Control"); keep != "no-store" {
		a.t.Errorf("%s: Cache-Control %q, want no-store", what, keep)
	}
}

func (a *accounts) wantGoes(what string, got answer, location string) {
	a.t.Helper()
	a.wantStatus(what, got, http.StatusSeeOther)
	if to := got.header.Get("Location"); to != "/.doorward/"+location {
		a.t.Errorf("%s: leads to %s, want /.doorward/%s", what, to, location)
	}
}

func (a *accounts) wantText(what string, got answer, status int, texts ...string) {
	a.t.Helper()
	a.wantStatus(what, got, status)
	for _, text := range texts {
		if !strings.Contains(got.body, text) {
			a.t.Errorf("%s: %q is not in\n%s", what, text, got.body)
		}
	}
}

func (a *accounts) wantSignedIn(what, token string, in bool) {
	a.t.Helper()
	if got := a.open("sessions", token).status == http.StatusOK; got != in {
		a.t.Errorf("%s: signed in: %v, want %v", what, got, in)
	}
}

// state is all that the operator sees of everybody.
func (a *accounts) state() (s struct {
	Users    []admin.User
	Devices  []admin.Device
	Sessions []admin.Session
},
) {
	a.t.Helper()
	a.call("user/list", admin.Nothing{}, &s.Users)
	a.call("device/list", admin.ListOf{}, &s.Devices)
	a.call("session/list", admin.ListOf{}, &s.Sessions)
	return s
}

func (a *accounts) statusOf(d authcore.Registered) string { return a.shown(d.Device.Serial).Status }

// sessionsOf are the IDs of a user's sessions, the newest first.
func (a *accounts) sessionsOf(p *person) (ids []string) {
	a.t.Helper()
	var list []admin.Session
	a.call("session/list", admin.ListOf{User: p.name}, &list)
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}
