package authcore

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"testing"
	"time"
)

// feed is a Store that gives what a test says, and lets it act in between.
type feed struct {
	Store
	tx feedTx
	at func()
}

type feedTx struct {
	Tx
	changes []EpochChange
	cursor  Cursor
	keys    []SigningKey
}

func (f feedTx) EpochsSince(Cursor) ([]EpochChange, Cursor, error) { return f.changes, f.cursor, nil }
func (f feedTx) SigningKeys() ([]SigningKey, error)                { return f.keys, nil }

func (f feed) Read(_ context.Context, fn func(Tx) error) error {
	err := fn(f.tx)
	if f.at != nil {
		f.at()
	}
	return err
}

func (f feed) Write(context.Context, func(Tx) error) error { return errors.New("not here") }

func testKey(t *testing.T, id string) SigningKey {
	t.Helper()
	public, _, err := generateKey(EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	return SigningKey{ID: id, Algorithm: EdDSA, Public: public}
}

// TOK-11: a refresh that read the store earlier, and ends later, takes no key
// away that another one has found meanwhile: Run and a rotation meet like that.
func TestSlowRefreshTakesNoKeyAway(t *testing.T) {
	now := time.Unix(1, 0)
	v := &View{}
	changed := []EpochChange{{Subject{Kind: SubjectKeys}, 1}}
	young := feed{tx: feedTx{changes: changed, cursor: Cursor{Position: "2"}, keys: []SigningKey{testKey(t, "old"), testKey(t, "young")}}}
	slow := feed{tx: feedTx{changes: changed, cursor: Cursor{Position: "1"}, keys: []SigningKey{testKey(t, "old")}}}
	done := make(chan error, 1)
	slow.at = func() {
		go func() { done <- v.refresh(t.Context(), young, now) }()
		select {
		case err := <-done: // it must wait for this one
			done <- err
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := v.refresh(t.Context(), slow, now); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, ok := v.signingKeys().verifying("young", now); !ok {
		t.Error("the young key is gone")
	}
}

// Only integers revoke: a change that is seen late, or twice, sets nothing back.
func TestEpochsOnlyRise(t *testing.T) {
	v := &View{}
	p := &Principal{UserID: "u", DeviceID: "d", SessionID: "s", epochs: epochs{user: 5, device: 5, session: 5}}
	for _, c := range []struct {
		subject Subject
		epoch   int64
		behind  bool
	}{
		{Subject{SubjectUser, "another"}, 9, false},
		{Subject{SubjectDevice, "u"}, 9, false}, // an id of another kind
		{Subject{SubjectUser, "u"}, 5, false},
		{Subject{SubjectUser, "u"}, 6, true},
		{Subject{SubjectUser, "u"}, 5, true},
	} {
		v.note(EpochChange{c.subject, c.epoch})
		if got := v.behind(p); got != c.behind {
			t.Errorf("after %v %d behind is %v, want %v", c.subject, c.epoch, got, c.behind)
		}
	}
	for _, s := range []Subject{{SubjectDevice, "d"}, {SubjectSession, "s"}} {
		v := &View{}
		v.note(EpochChange{s, 6})
		if !v.behind(p) {
			t.Errorf("%v revokes nothing", s)
		}
	}
}

// SES-07: the epoch of a client device revokes who is bound to it, and nobody else. For
// who is not bound nothing more is looked up.
func TestEpochOfAClientDevice(t *testing.T) {
	v := &View{}
	v.note(EpochChange{Subject{SubjectDevice, "c"}, 6}, EpochChange{Subject{SubjectDevice, ""}, 6})
	for client, want := range map[string]map[int64]bool{"": {0: false}, "c": {5: true, 6: false}, "e": {5: false}} {
		for epoch, want := range want {
			p := &Principal{UserID: "u", DeviceID: "d", SessionID: "s", ClientDevice: client, epochs: epochs{client: epoch}}
			if got := v.behind(p); got != want {
				t.Errorf("bound to %q under %d: behind is %v", client, epoch, got)
			}
		}
	}
	p := &Principal{UserID: "u", DeviceID: "d", SessionID: "s", ClientDevice: "c", epochs: epochs{client: 6}}
	if n := testing.AllocsPerRun(100, func() { _ = v.behind(p) }); n != 0 {
		t.Errorf("it costs %.0f allocations", n)
	}
}

// A clock that goes back makes a view no older and no younger than 0.
func TestAgeOfAView(t *testing.T) {
	now := time.Unix(1000, 0)
	v := &View{}
	if v.age(now) < 1000*time.Hour {
		t.Error("a view that never was is not ancient")
	}
	v.asOf = now
	for by, want := range map[time.Duration]time.Duration{0: 0, time.Minute: time.Minute, -time.Minute: 0} {
		if got := v.age(now.Add(by)); got != want {
			t.Errorf("age %s, want %s", got, want)
		}
	}
}

// A node remembers so many revocations and no more. When it forgets, it forgets
// what it had verified as well, so that a revoked token stays refused.
func TestCrowdedView(t *testing.T) {
	l := NewLive()
	key := tokenKey{1}
	for i := range crowd {
		l.View.note(EpochChange{Subject{SubjectSession, strconv.Itoa(i)}, 1})
	}
	l.tokens.put(key, &Principal{})
	store := feed{tx: feedTx{cursor: Cursor{Position: "1"}}}
	refresh := func() {
		t.Helper()
		if err := l.Refresh(t.Context(), store, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	refresh()
	if len(l.View.epochs) != crowd || l.tokens.get(key) == nil {
		t.Errorf("%d revocations are kept, and the token: %v", len(l.View.epochs), l.tokens.get(key))
	}
	l.View.note(EpochChange{Subject{SubjectSession, "one more"}, 1})
	refresh()
	if len(l.View.epochs) != 0 || l.tokens.get(key) != nil || l.forgotten.Load() != 1 {
		t.Errorf("%d revocations are kept, and the token: %v", len(l.View.epochs), l.tokens.get(key))
	}
}

// After a failover a view asks on from where it was, and reads the keys again.
func TestViewOfAnotherDatabase(t *testing.T) {
	v := &View{}
	first := feed{tx: feedTx{cursor: Cursor{Database: "a", Position: "7"}, keys: []SigningKey{testKey(t, "lost")}}}
	second := feed{tx: feedTx{cursor: Cursor{Database: "b", Position: "3"}, keys: []SigningKey{testKey(t, "kept")}}}
	for _, f := range []feed{first, second} {
		if err := v.refresh(t.Context(), f, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := v.signingKeys().verifying("lost", time.Unix(1, 0)); ok || v.cursor != second.tx.cursor {
		t.Errorf("the view keeps a key of the other database, or its cursor: %v", v.cursor)
	}
}

// Whoever was verified before a node forgot what revokes him is verified again,
// and a request that he had begun ends.
func TestForgottenIsVerifiedAgain(t *testing.T) {
	l, now := NewLive(), time.Unix(1000, 0)
	l.View.asOf = now
	g := &Gatekeeper{&Core{live: l, clock: fixedClock{now}, log: slog.New(slog.DiscardHandler)}}
	p := &Principal{ExpiresAt: now.Add(time.Hour)}
	key := keyOf("t", "a", g.policy)
	l.tokens.put(key, p)
	if got, err := g.Authenticate(t.Context(), "t", "a"); got != p || err != nil {
		t.Fatalf("a known token: %v", err)
	}
	l.forgotten.Add(1) // as a forget does that is on its way
	if _, err := g.Authenticate(t.Context(), "t", "a"); CodeOf(err) != CodeUnauthenticated || l.tokens.get(key) != nil {
		t.Errorf("a token that was verified before: %v", err)
	}
	var s Stream
	ctx := g.Attach(t.Context(), &s, p)
	defer s.End()
	if context.Cause(ctx) != ErrRevoked { //nolint:errorlint // the cause itself
		t.Errorf("a request that was let in before goes on: %v", context.Cause(ctx))
	}
}
