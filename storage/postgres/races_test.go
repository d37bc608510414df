package postgres_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/storagetest"
)

func init() { authtest.CheapHashes() }

const racePassword = "mossy lantern kettle vowel"

// pair is a user with two devices and two sessions, over a store in which the
// first transaction waits before a statement until another comes as far, or for a
// while, so that it has read what the first is about to change. SQLite has one
// writer, and shows nothing of it.
type pair struct {
	*authcore.Core
	user, other       authcore.User
	devices, sessions [2]string
	stock, others     string // devices of nobody and of the other user
	ring              *seal.Ring
	outbox            *authtest.Outbox
	hold              func(statement string) // in place of what newPair was told
}

// address is the token in the address of a picture of the key of what is in stock.
const address = "a token of 130 random bits"

// browserSecret is that of a browser of his that is registered.
const browserSecret = "another token of 130 random bits"

func newPair(t *testing.T, cluster *postgrestest.Cluster, held string, most time.Duration) *pair {
	t.Helper()
	var came atomic.Int64
	second := make(chan struct{})
	var now atomic.Value
	now.Store(held)
	faults := &storagetest.Faults{Before: func(query string) {
		if !strings.HasPrefix(query, now.Load().(string)) {
			return
		}
		switch came.Add(1) {
		case 1:
			select {
			case <-second:
			case <-time.After(most):
			}
		case 2:
			close(second)
		}
	}}
	db := open(t, postgres.Options{DSN: cluster.Database(t), Wrap: faults.Wrap, CallTimeout: time.Minute})
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	outbox := new(authtest.Outbox)
	p := &pair{ring: ring, outbox: outbox, hold: func(statement string) { now.Store(statement) }, Core: authcore.New(authcore.Options{
		Channels: map[authcore.DeviceKind]authcore.Channel{authcore.KindPhone: outbox},
		Store:    db, Live: authcore.NewLive(), Ring: ring, Clock: authcore.SystemClock{},
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Issuer: "doorward", Label: "Doorward",
	})}
	hash, err := argon2id.CreateHash(racePassword, authtest.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	p.user = authcore.User{ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Name: "alice", Phone: "+79001234567", Password: hash}
	if err := p.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), p.fill); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pair) fill(tx authcore.Tx) error {
	p.other = authcore.User{ID: uuid.NewString(), Tenant: p.user.Tenant, Name: "bob"}
	for _, u := range []authcore.User{p.user, p.other} {
		if err := tx.CreateUser(u); err != nil {
			return err
		}
	}
	p.stock, p.others = uuid.NewString(), uuid.NewString()
	for id, owner := range map[string]string{p.stock: "", p.others: p.other.ID} {
		d := authcore.Device{ID: id, Tenant: p.user.Tenant, UserID: owner, Serial: id[:8], Kind: authcore.KindHOTP, Status: authcore.StatusActive}
		d.Sealed = p.ring.Seal("devices", "secret", d.ID, []byte("12345678901234567890"))
		if err := tx.CreateDevice(d); err != nil {
			return err
		}
	}
	digest := sha256.Sum256([]byte(address))
	if _, err := tx.PutPicture(authcore.Picture{DeviceID: p.stock, Digest: digest[:], ExpiresAt: time.Now().Add(time.Hour)}); err != nil {
		return err
	}
	for i := range 2 {
		p.devices[i], p.sessions[i] = uuid.NewString(), uuid.NewString()
		d := authcore.Device{
			ID: p.devices[i], Tenant: p.user.Tenant, UserID: p.user.ID, Serial: p.devices[i][:8],
			Kind: authcore.KindTOTP, Status: authcore.StatusActive,
		}
		if err := tx.CreateDevice(d); err != nil {
			return err
		}
		s := authcore.Session{ID: p.sessions[i], Tenant: p.user.Tenant, UserID: p.user.ID, DeviceID: d.ID, OTPTime: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
		if err := tx.CreateSession(s); err != nil {
			return err
		}
	}
	browser := authcore.Device{
		ID: uuid.NewString(), Tenant: p.user.Tenant, UserID: p.user.ID, Serial: "BROWSER", Kind: authcore.KindClient,
		Status: authcore.StatusActive, LastCounter: -1,
	}
	if err := tx.CreateDevice(browser); err != nil {
		return err
	}
	secret := sha256.Sum256([]byte(browserSecret))
	return tx.CreateClient(authcore.Client{DeviceID: browser.ID, Marks: authcore.Marks{Secret: secret[:]}})
}

// through is the user who asks through one of his sessions, and has just shown
// both factors.
func (p *pair) through(i int) authcore.Actor {
	now := time.Now()
	return authcore.ActingUser(&authcore.Principal{UserID: p.user.ID, SessionID: p.sessions[i], AuthTime: now, OTPTime: now})
}

// Of two at once that would each take away what the other one leaves, one wins.
func TestOneOfTwoWins(t *testing.T) {
	cluster := postgrestest.Start(t)
	for _, c := range []struct {
		name, held string
		do         func(*pair, authcore.Actor, int) error
	}{
		{"removals of the last devices", "UPDATE devices SET status", func(p *pair, a authcore.Actor, i int) error {
			_, err := p.Devices.Deactivate(t.Context(), a, p.devices[i])
			return err
		}},
		{"ends of the other session", "UPDATE sessions SET ended_at", func(p *pair, a authcore.Actor, _ int) error {
			_, err := p.Sessions.RevokeOthers(t.Context(), a)
			return err
		}},
		{"assignments of a device in stock", "UPDATE devices SET status", func(p *pair, _ authcore.Actor, i int) error {
			_, err := p.Devices.Assign(t.Context(), authcore.Operator(), p.stock, []string{p.user.ID, p.other.ID}[i], false)
			if err != nil && authcore.ReasonOf(err) != authcore.ReasonAssigned {
				t.Errorf("it is refused with %v", err)
			}
			return err
		}},
		{"readers of a key", "UPDATE pictures SET taken_at", func(p *pair, _ authcore.Actor, _ int) error {
			_, err := p.Devices.Take(t.Context(), address, authcore.Origin{})
			return err
		}},
		{"changes of the password", "UPDATE users SET password", func(p *pair, a authcore.Actor, i int) error {
			return p.Users.ChangePassword(t.Context(), a, authcore.Attempt{Password: racePassword}, []string{"kettle vowel", "vowel mossy"}[i])
		}},
		{"binds of a session", "UPDATE sessions SET ended_at", func(p *pair, _ authcore.Actor, _ int) error {
			_, err := p.Logins.Bind(t.Context(), p.through(0), authcore.Attempt{Audience: "app.example.com"}, authcore.Binding{Secret: browserSecret})
			if err != nil && authcore.CodeOf(err) != authcore.CodeUnauthenticated {
				t.Errorf("it is refused with %v", err)
			}
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(t, cluster, c.held, 900*time.Millisecond)
			var won atomic.Int64
			var both sync.WaitGroup
			for i := range 2 {
				both.Go(func() {
					if c.do(p, p.through(i), i) == nil {
						won.Add(1)
					}
				})
			}
			both.Wait()
			if won.Load() != 1 {
				t.Errorf("%d won, want 1", won.Load())
			}
		})
	}
}

// Who ends his sessions and the operator who removes him take the rows in one
// order: or each would wait for the other, until one of them fails.
func TestRemovedBesideHimself(t *testing.T) {
	p := newPair(t, postgrestest.Start(t), "UPDATE users SET epoch", 300*time.Millisecond)
	removed := make(chan error, 1)
	go func() {
		_, err := p.Users.Remove(t.Context(), authcore.Operator(), p.user.ID)
		removed <- err
	}()
	<-time.After(100 * time.Millisecond) // it has come so far by now
	_, err := p.Sessions.RevokeOthers(t.Context(), p.through(0))
	if authcore.CodeOf(err) == authcore.CodeUnavailable {
		t.Errorf("ending his sessions: %v", err)
	}
	if err := <-removed; err != nil {
		t.Errorf("removing him: %v", err)
	}
}

// Who asks for a code and the operator who removes the user take the rows in one order
// too, and a code that can't be delivered is taken back in it.
func TestRemovedBesideHisCode(t *testing.T) {
	cluster := postgrestest.Start(t)
	for name, undelivered := range map[string]bool{"sent": false, "taken back": true} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, cluster, "DELETE FROM attempts WHERE kind = 'device'", 600*time.Millisecond)
			send := func() error {
				_, err := p.Devices.SendCode(t.Context(), authcore.Operator(), authcore.CodeToSend{User: p.user.ID, Device: p.devices[0], By: authcore.KindPhone})
				return err
			}
			if err := send(); err != nil {
				t.Fatal(err)
			}
			removed := make(chan error, 1)
			remove := func() {
				_, err := p.Users.Remove(t.Context(), authcore.Operator(), p.user.ID)
				removed <- err
			}
			if undelivered {
				p.outbox.Fail = func(context.Context, authcore.Message) error {
					go remove()
					<-time.After(200 * time.Millisecond) // it has come so far by now
					return authcore.Unavailable(errors.New("the provider is away"))
				}
			} else {
				go remove()
				<-time.After(200 * time.Millisecond)
			}
			err := send()
			if reason := authcore.ReasonOf(err); reason != authcore.ReasonNoUser && reason != authcore.ReasonUndelivered {
				t.Errorf("sending a code: %v", err)
			}
			if err := <-removed; err != nil {
				t.Errorf("removing him: %v", err)
			}
		})
	}
}

// Who logs in by a code and who has another one sent take the rows in one order: a page has
// buttons for both, and a device that answers needs neither.
func TestSentAgainBesideHisCode(t *testing.T) {
	p := newPair(t, postgrestest.Start(t), "nothing is held", 600*time.Millisecond)
	phone, err := p.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: p.user.ID, Kind: authcore.KindPhone})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Logins.Primary(t.Context(), authcore.Attempt{
		Name: p.user.Name, Password: racePassword, Audience: "doorward", ClientID: "web", From: authcore.Origin{Address: "192.0.2.1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func() error {
		_, err := p.Logins.SendTo(t.Context(), v, phone.Device.ID, true)
		return err
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	code := p.outbox.Last(t).Code
	p.hold("UPDATE attempts SET paused_until = 0, failures = 0,") // the code is used, and its tries are about to end
	again := make(chan error, 1)
	go func() {
		<-time.After(200 * time.Millisecond) // it has come so far by now
		again <- send()
	}()
	if _, err := p.Logins.Second(t.Context(), v, code); err != nil {
		t.Errorf("logging in: %v", err)
	}
	if err := <-again; err != nil {
		t.Errorf("sending a code: %v", err)
	}
}

// Who give devices from one to another and back take the users in one order: or two of
// them would wait for each other, until one fails.
func TestExchangedDevices(t *testing.T) {
	p := newPair(t, postgrestest.Start(t), "nothing is held", 0)
	var both sync.WaitGroup
	for i, device := range []string{p.devices[0], p.others} {
		both.Go(func() {
			for n := range 40 {
				owner := []string{p.other.ID, p.user.ID}[(i+n)%2]
				if _, err := p.Devices.Assign(t.Context(), authcore.Operator(), device, owner, true); err != nil {
					t.Errorf("giving it: %v", err)
					return
				}
			}
		})
	}
	both.Wait()
}

// Of two changes of a user at once each leaves what the other changed.
func TestUpdatesAtOnce(t *testing.T) {
	p := newPair(t, postgrestest.Start(t), "UPDATE users SET email", 900*time.Millisecond)
	email, phone := "alice@example.com", "+79001112233"
	var both sync.WaitGroup
	for _, c := range []authcore.Changes{{Email: &email}, {Phone: &phone}} {
		both.Go(func() {
			if _, err := p.Users.Update(t.Context(), authcore.Operator(), p.user.ID, c); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if u, err := p.Users.Get(t.Context(), authcore.Operator(), p.user.ID); err != nil || u.Email != email || u.Phone != phone {
		t.Errorf("he is %+v, %v", u, err)
	}
}
