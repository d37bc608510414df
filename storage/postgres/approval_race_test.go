package postgres_test

import (
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/storagetest"
)

// desk is an account with two approvers, over a store in which, once it is held, the first
// transaction waits before a statement until another comes as far, or for a while.
type desk struct {
	*authcore.Core
	db      *storage.DB
	outbox  *authtest.Outbox
	account string
	held    atomic.Value // the statement; empty: none
	came    atomic.Int64
	second  chan struct{}
}

var documents = []string{"98765432100", "12345678909"}

func newDesk(t *testing.T, cluster *postgrestest.Cluster) *desk {
	t.Helper()
	d := &desk{outbox: new(authtest.Outbox), account: uuid.NewString()}
	d.held.Store("")
	faults := &storagetest.Faults{Before: d.wait}
	d.db = open(t, postgres.Options{DSN: cluster.Database(t), Wrap: faults.Wrap, CallTimeout: time.Minute})
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	limits := authcore.DefaultLimits()
	limits.Send.InARow = 1000
	d.Core = authcore.New(authcore.Options{
		Limits:   limits,
		Channels: map[authcore.DeviceKind]authcore.Channel{authcore.KindPhone: d.outbox},
		Store:    d.db, Live: authcore.NewLive(), Ring: ring, Clock: authcore.SystemClock{},
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Issuer: "doorward", Label: "Doorward",
	})
	if err := d.db.Write(t.Context(), d.fill); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) fill(tx authcore.Tx) error {
	if err := tx.CreateAccount(authcore.Account{ID: d.account, Tenant: authcore.DefaultTenant, Name: "savings", Status: authcore.AccountActive}); err != nil {
		return err
	}
	for i, name := range []string{"alice", "bob"} {
		u := authcore.User{ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Name: name, Phone: "+7900000000" + string(rune('1'+i))}
		if err := tx.CreateUser(u); err != nil {
			return err
		}
		if err := tx.CreateApprover(authcore.Approver{Account: d.account, UserID: u.ID, Document: documents[i]}); err != nil {
			return err
		}
	}
	return nil
}

// hold has the next transaction that comes to a statement wait there.
func (d *desk) hold(statement string) {
	d.second = make(chan struct{})
	d.came.Store(0)
	d.held.Store(statement)
}

func (d *desk) wait(query string) {
	held := d.held.Load().(string)
	if held == "" || !strings.HasPrefix(query, held) {
		return
	}
	switch d.came.Add(1) {
	case 1:
		select {
		case <-d.second:
		case <-time.After(700 * time.Millisecond):
		}
	case 2:
		close(d.second)
	}
}

func (d *desk) ask(t *testing.T, key string, approver int) error {
	_, err := d.Approvals.Ask(t.Context(), authcore.Operator(), authcore.DeviceRequest{
		Account: d.account, Key: key, Session: uuid.NewString(), Document: documents[approver], Way: authcore.WayPhone,
	})
	return err
}

func (d *desk) validate(t *testing.T, key, token string) error {
	_, err := d.Approvals.Validate(t.Context(), authcore.Operator(), authcore.DeviceRef{Account: d.account, Key: key}, token)
	return err
}

func (d *desk) resend(t *testing.T, key string) error {
	_, err := d.Approvals.Resend(t.Context(), authcore.Operator(), authcore.DeviceRef{Account: d.account, Key: key}, "", false)
	return err
}

func (d *desk) disable(t *testing.T, key string) error {
	_, err := d.Approvals.Disable(t.Context(), authcore.Operator(), authcore.DeviceRef{Account: d.account, Key: key})
	return err
}

func (d *desk) show(t *testing.T, key string) authcore.ClientDevice {
	t.Helper()
	got, err := d.Approvals.Show(t.Context(), authcore.Operator(), authcore.DeviceRef{Account: d.account, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// rows counts the audit rows of an action by reason.
func (d *desk) rows(t *testing.T, action string) map[string]int {
	t.Helper()
	counted := map[string]int{}
	err := d.db.Read(t.Context(), func(tx authcore.Tx) error {
		events, err := tx.Events(1000)
		for _, e := range events {
			if e.Action == action {
				counted[e.Reason]++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counted
}

// at runs both at once, held at a statement.
func (d *desk) at(statement string, one, other func() error) (first, second error) {
	d.hold(statement)
	var both sync.WaitGroup
	both.Go(func() { first = one() })
	both.Go(func() { second = other() })
	both.Wait()
	d.hold("")
	return first, second
}

// Law 2: of two that decide a request at once, wherever they meet, one wins.
func TestOneDecidesARequest(t *testing.T) {
	d := newDesk(t, postgrestest.Start(t))
	for _, held := range []string{"UPDATE approvals SET tries", "UPDATE devices SET status", "UPDATE approvals SET state", "UPDATE users SET id"} {
		t.Run("two right tokens at "+held, func(t *testing.T) {
			key := uuid.NewString()
			mustBe(t, d.ask(t, key, 0))
			token, before := d.outbox.Last(t).Code, d.rows(t, "client.approve")[""]
			one, other := d.at(held, func() error { return d.validate(t, key, token) }, func() error { return d.validate(t, key, token) })
			got := d.show(t, key)
			if one != nil || other != nil || d.rows(t, "client.approve")[""]-before != 1 || len(got.History) != 2 || got.Approval.Tries != 0 {
				t.Errorf("%v, %v; %+v", one, other, got)
			}
		})
		t.Run("approval against resend at "+held, func(t *testing.T) {
			key := uuid.NewString()
			mustBe(t, d.ask(t, key, 0))
			token := d.outbox.Last(t).Code
			approve, resend := d.at(held, func() error { return d.validate(t, key, token) }, func() error { return d.resend(t, key) })
			got := d.show(t, key)
			approved := approve == nil && authcore.ReasonOf(resend) == authcore.ReasonNoDevice && got.Status == authcore.StatusActive
			resent := authcore.ReasonOf(approve) == authcore.ReasonWrongCode && resend == nil && got.Status == authcore.StatusPending && got.Approval.Tries == 1
			if !approved && !resent {
				t.Errorf("%v, %v; %+v", approve, resend, got)
			}
		})
		t.Run("approval against disable at "+held, func(t *testing.T) {
			key := uuid.NewString()
			mustBe(t, d.ask(t, key, 1))
			token := d.outbox.Last(t).Code
			approve, disable := d.at(held, func() error { return d.validate(t, key, token) }, func() error { return d.disable(t, key) })
			lost := authcore.ReasonOf(approve) == authcore.ReasonWrongCode || authcore.ReasonOf(approve) == authcore.ReasonNoDevice
			if got := d.show(t, key); disable != nil || approve != nil && !lost || got.Status != authcore.StatusDeactivated {
				t.Errorf("%v, %v; %+v", approve, disable, got)
			}
		})
	}
}

// Law 3: of parallel wrong tokens five are looked at, and the last of them refuses.
func TestParallelWrongTokens(t *testing.T) {
	d := newDesk(t, postgrestest.Start(t))
	key := uuid.NewString()
	mustBe(t, d.ask(t, key, 0))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _ = d.validate(t, key, "000000") })
	}
	all.Wait()
	got, tries := d.show(t, key), d.rows(t, "client.try")
	if tries["wrong_code"] != 5 || tries["tries"] != 15 || got.Status != authcore.StatusRejected || got.Approval.Tries != 5 {
		t.Errorf("%v; %+v", tries, got)
	}
}

// Of two who ask for one new key at once both are answered with one device, if they name one
// approver; else the second is told that he is not that of this device.
func TestOneKeyIsOneDevice(t *testing.T) {
	d := newDesk(t, postgrestest.Start(t))
	for _, held := range []string{"INSERT INTO refs", "INSERT INTO devices", "INSERT INTO approvals"} {
		key := uuid.NewString()
		one, other := d.at(held, func() error { return d.ask(t, key, 0) }, func() error { return d.ask(t, key, 0) })
		if one != nil || other != nil || !d.alone(t, key) {
			t.Errorf("%s, one approver: %v, %v", held, one, other)
		}
		key = uuid.NewString()
		one, other = d.at(held, func() error { return d.ask(t, key, 0) }, func() error { return d.ask(t, key, 1) })
		if (one == nil) == (other == nil) || authcore.ReasonOf(one)+authcore.ReasonOf(other) != authcore.ReasonApprover || !d.alone(t, key) {
			t.Errorf("%s, two approvers: %v, %v", held, one, other)
		}
	}
}

// alone says whether there is one device of the key, and the key names it.
func (d *desk) alone(t *testing.T, key string) bool {
	t.Helper()
	var clients []authcore.Client
	if err := d.db.Read(t.Context(), func(tx authcore.Tx) (err error) { clients, err = tx.Clients(d.account); return err }); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range clients {
		if c.Key == key {
			n++
		}
	}
	return n == 1 && d.show(t, key).Key == key
}

func mustBe(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
