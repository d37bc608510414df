package integration

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	dispenser "github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/sqlite"
	"github.com/doorward/doorward/storage/storagetest"
)

func init() { caddy.RegisterModule(new(faultyStore)) }

// faultyStore is the guest doorward.stores.faulty: SQLite that misbehaves as
// the faults of its path say.
type faultyStore struct {
	Path string `json:"path"`
}

func (*faultyStore) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.stores.faulty", New: func() caddy.Module { return new(faultyStore) }}
}

func (s *faultyStore) UnmarshalCaddyfile(d *dispenser.Dispenser) error {
	d.Next()
	if !d.AllArgs(&s.Path) {
		return d.ArgErr()
	}
	return nil
}

func (s *faultyStore) StoreKey() string         { return "faulty:" + s.Path }
func (s *faultyStore) SealKey() ([]byte, error) { return sqlite.SealKey(s.Path) }

// OpenStore fails as often as it was told to.
func (s *faultyStore) OpenStore(ctx context.Context) (authcore.Store, error) {
	f := faultsOf(s.Path)
	if f.away.Add(-1) >= 0 {
		return nil, authcore.Unavailable(os.ErrDeadlineExceeded)
	}
	db, err := sqlite.Open(ctx, sqlite.Options{Path: s.Path, Wrap: f.Wrap})
	if err != nil {
		return nil, err
	}
	return &faultyDB{db, f}, nil
}

// faults are what goes wrong with one path.
type faults struct {
	*storagetest.Faults
	full
	away  atomic.Int64 // how often it can't be opened
	panic atomic.Bool  // whether every call of a request panics
	poll  sync.RWMutex // locked: what belongs to no request waits
	meet  atomic.Pointer[barrier]
	file  string // while this exists, every statement waits
}

var faultsByPath sync.Map

func faultsOf(path string) *faults {
	f := &faults{Faults: new(storagetest.Faults), file: path + ".frozen"}
	f.Before = func(string) { f.thaw() }
	known, _ := faultsByPath.LoadOrStore(path, f)
	return known.(*faults)
}

// thaw waits while the file is there. A file reaches another process too.
func (f *faults) thaw() {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := os.Stat(f.file); err != nil {
			return
		}
		<-again.C
	}
}

// freeze stops every statement until the returned function is called.
func freeze(t testing.TB, database string) (thaw func()) {
	t.Helper()
	file := database + ".frozen"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	thaw = func() { _ = os.Remove(file) }
	t.Cleanup(thaw)
	return thaw
}

// alone runs do while nothing but requests reaches the database, so that the
// calls can be counted.
func (f *faults) alone(do func()) {
	f.poll.Lock()
	defer f.poll.Unlock()
	do()
}

type faultyDB struct {
	authcore.Store
	faults *faults
}

func (s *faultyDB) Read(ctx context.Context, fn func(authcore.Tx) error) error {
	defer s.enter(ctx)()
	return s.Store.Read(ctx, fn)
}

func (s *faultyDB) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	defer s.enter(ctx)()
	if meet := s.faults.meet.Load(); meet != nil && ctx.Value(caddy.ReplacerCtxKey) != nil {
		meet.wait(ctx)
	}
	return s.Store.Write(ctx, fn)
}

func (s *faultyDB) enter(ctx context.Context) (leave func()) {
	if ctx.Value(http.ServerContextKey) == nil {
		s.faults.poll.RLock()
		return s.faults.poll.RUnlock
	}
	if s.faults.panic.Load() {
		panic("the store panics")
	}
	return func() {}
}

// openFaulty starts a gateway over a database that can be made to fail.
func openFaulty(t testing.TB) (*door, *faults) {
	t.Helper()
	app := newBackend(t, nil)
	d := openBefore(t, app, faultyConfig("api onlyoffice", "reverse_proxy "+app.Listener.Addr().String()))
	return d, faultsOf(d.Dir + "/doorward.db")
}

func faultyConfig(site, rest string) string {
	return strings.Replace(caddyfile("", site, rest), "store sqlite", "store faulty", 1)
}
