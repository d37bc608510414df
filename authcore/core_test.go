package authcore_test

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage/sqlite"
	"github.com/doorward/doorward/storage/storagetest"
)

const (
	password = "mossy lantern kettle vowel"
	site     = "app.example.com"
	issuer   = "https://app.example.com"
)

// A property that fails prints how: a file of it would lie in the checkout after
// every mutation.
func init() { _ = flag.Set("rapid.nofailfile", "true") }

// house is one core over a real SQLite file, with a clock that is turned by
// hand and a driver that counts statements.
type house struct {
	*authcore.Core
	live    *authcore.Live
	clock   *authtest.Clock
	store   authcore.Store
	ring    *seal.Ring
	sealKey []byte
	faults  *storagetest.Faults
	file    string
	options authcore.Options
}

// newCore builds and prepares a house. change may alter the options.
func newCore(t testing.TB, change func(*authcore.Options)) *house {
	t.Helper()
	h := &house{clock: authtest.NewClock(), faults: &storagetest.Faults{}, sealKey: seal.NewKey()}
	h.file = filepath.Join(t.TempDir(), "doorward.db")
	// The time limits are wide, so that a slow machine fails no test.
	store, err := sqlite.Open(t.Context(), sqlite.Options{
		Path: h.file, Wrap: h.faults.Wrap, CallTimeout: 2 * time.Minute, Waiters: 4096,
	})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	h.store = store
	h.ring, err = seal.NewRing(h.sealKey)
	must(t, err)
	h.options = authcore.Options{
		Store: store, Live: authcore.NewLive(), Ring: h.ring, Clock: h.clock, Node: "n1",
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Issuer: issuer, Label: "Doorward",
	}
	if change != nil {
		change(&h.options)
	}
	h.Core, h.live = authcore.New(h.options), h.options.Live
	must(t, h.Prepare(t.Context()))
	return h
}

// again is another node (or the same one after a restart): a new core and a
// new Live over the same store.
func (h *house) again(t testing.TB, change func(*authcore.Options)) *house {
	t.Helper()
	next := *h
	next.options.Live = authcore.NewLive()
	if change != nil {
		change(&next.options)
	}
	next.Core, next.live = authcore.New(next.options), next.options.Live
	must(t, next.Prepare(t.Context()))
	return &next
}

func (h *house) refresh(t testing.TB) {
	t.Helper()
	must(t, h.live.Refresh(t.Context(), h.store, h.clock.Now()))
}

// Who measures hashes asks for authcore.RealHashes.
func init() { authtest.CheapHashes() }

// hashed is a hash of password.
func hashed() (string, error) { return argon2id.CreateHash(password, authcore.HashParams()) }

// user is what Users.Add makes.
func (h *house) user(t testing.TB, name string) authcore.User {
	t.Helper()
	hash, err := hashed()
	must(t, err)
	u := authcore.User{ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Name: name, Password: hash, CreatedAt: h.clock.Now()}
	h.write(t, func(tx authcore.Tx) error { return tx.CreateUser(u) })
	return u
}

func (h *house) device(t testing.TB, user string, kind authcore.DeviceKind) authcore.Registered {
	t.Helper()
	r, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: user, Kind: kind})
	must(t, err)
	return r
}

func attempt(name string) authcore.Attempt {
	return authcore.Attempt{
		Name: name, Password: password, Audience: site, ClientID: "onlyoffice",
		From: authcore.Origin{Address: "192.0.2.1", RequestID: "r1"},
	}
}

// verified shows the right password. It costs a hash: use one for many codes.
func (h *house) verified(t testing.TB, name string) *authcore.Verified {
	t.Helper()
	v, err := h.Logins.Primary(t.Context(), attempt(name))
	must(t, err)
	return v
}

// member is a user with a HOTP device who has shown his password. Each login
// uses the next code.
type member struct {
	user     authcore.User
	device   authcore.Registered
	verified *authcore.Verified
	next     int64
}

func (h *house) member(t testing.TB, name string) *member {
	t.Helper()
	u := h.user(t, name)
	return &member{user: u, device: h.device(t, name, authcore.KindHOTP), verified: h.verified(t, name)}
}

// code is the next right one, and uses it up.
func (m *member) code(t testing.TB) string {
	t.Helper()
	m.next++
	return authtest.HOTP(t, m.device.Secret, m.next-1)
}

// wrong is a code that no counter near the next one has.
func (m *member) wrong(t testing.TB) string {
	t.Helper()
	near := map[string]bool{}
	for n := range int64(20) {
		near[authtest.HOTP(t, m.device.Secret, m.next+n)] = true
	}
	for _, code := range []string{"000000", "111111", "222222", "333333"} {
		if !near[code] {
			return code
		}
	}
	t.Fatal("every wrong code is right")
	return ""
}

func (h *house) login(t testing.TB, m *member) authcore.Login {
	t.Helper()
	l, err := h.Logins.Second(t.Context(), m.verified, m.code(t))
	must(t, err)
	return l
}

// passes says that the token opens the site, and gives whom it proves.
func (h *house) passes(t testing.TB, token string) *authcore.Principal {
	t.Helper()
	p, err := h.Gatekeeper.Authenticate(t.Context(), token, site)
	must(t, err)
	return p
}

func (h *house) refuses(t testing.TB, token string) {
	t.Helper()
	p, err := h.Gatekeeper.Authenticate(t.Context(), token, site)
	wantCode(t, err, authcore.CodeUnauthenticated)
	if p != nil {
		t.Error("a refusal came with a principal")
	}
}

// reasons counts the audit rows of an action by reason.
func (h *house) reasons(t testing.TB, action string) map[string]int {
	t.Helper()
	counted := map[string]int{}
	h.read(t, func(tx authcore.Tx) error {
		events, err := tx.Events(100_000)
		for _, e := range events {
			if e.Action == action {
				counted[e.Reason]++
			}
		}
		return err
	})
	return counted
}

func (h *house) attempts(t testing.TB, device string) authcore.Attempts {
	t.Helper()
	_, a, err := h.Devices.Get(t.Context(), authcore.Operator(), device)
	must(t, err)
	return a
}

func (h *house) read(t testing.TB, fn func(authcore.Tx) error) {
	t.Helper()
	must(t, h.store.Read(context.WithoutCancel(t.Context()), fn))
}

func (h *house) write(t testing.TB, fn func(authcore.Tx) error) {
	t.Helper()
	must(t, h.store.Write(context.WithoutCancel(t.Context()), fn))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code authcore.Code) {
	t.Helper()
	if err == nil || authcore.CodeOf(err) != code {
		t.Errorf("error %v, want code %s", err, code)
	}
}
