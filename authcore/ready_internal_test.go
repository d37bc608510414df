package authcore

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/seal"
)

type fixedClock struct{ time.Time }

func (c fixedClock) Now() time.Time { return c.Time }

type quietTx struct{ Tx }

func (quietTx) Canary() ([]byte, error) { return nil, nil }

type quietStore struct{ Store }

func (quietStore) Read(_ context.Context, fn func(Tx) error) error { return fn(quietTx{}) }

// REL-10: readiness remarks on a clock that was set.
func TestReadyRemarksOnTheClock(t *testing.T) {
	now := time.Now()
	live := NewLive()
	c := New(Options{Live: live, Store: quietStore{}, Clock: fixedClock{now}})
	live.View.asOf = now
	if remark, err := c.Ready(); err != nil || remark != "" {
		t.Errorf("remark %q, %v; want none", remark, err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	live.jump.look(now, log)
	live.jump.look(setWall(now, 2*time.Hour), log)
	live.View.asOf = now
	if remark, err := c.Ready(); err != nil || remark == "" {
		t.Errorf("remark %q, %v; want one", remark, err)
	}
}

// CRY-04, law 14: sealed values without the proof of their key make no new proof.
func TestLostProofOfTheSealKey(t *testing.T) {
	ring, err := seal.NewRing(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{Live: NewLive(), Store: lostProof{}, Ring: ring})
	if err := c.ProveSeal(t.Context()); CodeOf(err) != CodeInvalid {
		t.Errorf("error %v, want invalid", err)
	}
}

type lostProof struct{ Store }

func (lostProof) Read(_ context.Context, fn func(Tx) error) error  { return fn(lostTx{}) }
func (lostProof) Write(_ context.Context, fn func(Tx) error) error { return fn(lostTx{}) }

type lostTx struct{ Tx }

func (lostTx) Canary() ([]byte, error)   { return nil, notFound("canary") }
func (lostTx) CreateCanary([]byte) error { return nil }
func (lostTx) SealedWithout([]byte, int) ([]SealedValue, error) {
	return []SealedValue{{Table: "seal_canary"}, {Table: "devices"}}, nil
}
