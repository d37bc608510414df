package faults

import (
	"context"
	"database/sql/driver"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/sqlite"
)

// Some experiments need what no process lets them turn: its clock, and the
// calls of its driver. They put a core over a real store instead.

const coreAudience, corePassword = "app.example.com", "mossy lantern kettle vowel"

type wrapper = func(driver.Connector) driver.Connector

// core is a node without its door.
type core struct {
	*authcore.Core
	t     testing.TB
	store authcore.Store
	live  *authcore.Live
	ring  *seal.Ring
}

// stores open a new database of each kind.
func stores() map[string]func(testing.TB, wrapper) authcore.Store {
	return map[string]func(testing.TB, wrapper) authcore.Store{
		"sqlite": func(t testing.TB, wrap wrapper) authcore.Store {
			s, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "a.db"), Wrap: wrap, CallTimeout: 10 * time.Second})
			return opened(t, s, err)
		},
		"postgres": func(t testing.TB, wrap wrapper) authcore.Store {
			dsn := postgrestest.Start(t).Database(t)
			s, err := postgres.Open(t.Context(), postgres.Options{DSN: dsn, Wrap: wrap, CallTimeout: 10 * time.Second, Writers: 1})
			return opened(t, s, err)
		},
	}
}

func opened(t testing.TB, s authcore.Store, err error) authcore.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// newCore makes a node over a store; nodes of one store have one ring.
func newCore(t testing.TB, store authcore.Store, ring *seal.Ring, clock authcore.Clock) *core {
	t.Helper()
	live := authcore.NewLive()
	c := &core{t: t, store: store, live: live, ring: ring, Core: authcore.New(authcore.Options{
		Store: store, Live: live, Ring: ring, Clock: clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Node: "n", Issuer: "https://app.example.com", Label: "Doorward",
	})}
	if err := c.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func newRing(t testing.TB) *seal.Ring {
	t.Helper()
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// enrol makes a user with a device, and gives its secret.
func (c *core) enrol(name string, kind authcore.DeviceKind) authcore.Registered {
	c.t.Helper()
	_, err := c.Users.Add(c.t.Context(), authcore.Operator(), authcore.NewUser{Name: name, Password: corePassword})
	if err != nil {
		c.t.Fatal(err)
	}
	d, err := c.Devices.Register(c.t.Context(), authcore.Operator(), authcore.Enrolment{User: name, Kind: kind})
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

// login shows the password and a code.
func (c *core) login(name, code string) (authcore.Login, error) {
	v, err := c.verified(name)
	if err != nil {
		return authcore.Login{}, err
	}
	return c.Logins.Second(context.Background(), v, code)
}

func (c *core) verified(name string) (*authcore.Verified, error) {
	return c.Logins.Primary(context.Background(), authcore.Attempt{
		Name: name, Password: corePassword, Audience: coreAudience, ClientID: "test", From: authcore.Origin{Address: "192.0.2.1"},
	})
}

// passes asks with a token, on a view that was just read.
func (c *core) passes(token string, clock *authtest.Clock) error {
	c.t.Helper()
	if err := c.live.Refresh(c.t.Context(), c.store, clock.Now()); err != nil {
		c.t.Fatal(err)
	}
	_, err := c.Gatekeeper.Authenticate(c.t.Context(), token, coreAudience)
	return err
}
