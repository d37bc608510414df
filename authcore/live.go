package authcore

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Live is what outlives one configuration: the view, the verified tokens, the
// hash slots and the open requests. A reload starts warm with it.
type Live struct {
	View    *View
	Streams *Streams
	Hasher  *Hasher
	tokens  *tokenCache
	jump    clockJump
	skew    clockSkew
	writes  writes
	// calls counts those of integrators, unsigned those in the name of one, refusals the rows
	// that calls of nobody known leave in the audit trail, binds how often a user binds a
	// session to a device and a device fetches.
	calls, unsigned, refusals, binds rates

	meeting   chan struct{} // a place for each first look at a token that runs
	sending   chan struct{} // a place for each code that is being delivered
	telling   chan struct{} // a place for each transaction whose users are being told
	restoring chan struct{} // a place for each password that somebody asks to restore
	verifying chan struct{} // a place for each picture that a verifier looks at
	// forgotten counts how often the verified tokens were dropped.
	forgotten atomic.Int64
}

// NewLive makes an empty Live.
func NewLive() *Live {
	return &Live{
		View: &View{}, Streams: &Streams{}, Hasher: NewHasher(),
		tokens: newTokenCache(cachedTokens), meeting: make(chan struct{}, meetings), sending: make(chan struct{}, deliveries),
		telling: make(chan struct{}, deliveries), restoring: make(chan struct{}, deliveries), verifying: make(chan struct{}, deliveries),
	}
}

// The rhythm of Run.
const (
	pollEvery  = 250 * time.Millisecond
	pruneEvery = time.Hour
)

// Run follows the store until ctx ends. It runs once for a store. log is asked
// anew for each line: the configuration may change meanwhile.
func (l *Live) Run(ctx context.Context, store Store, clock Clock, log func() *slog.Logger) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var pruned time.Time
	pruning, last := false, make(chan bool, 1)
	defer func() {
		if pruning {
			<-last
		}
	}()
	failing := false
	var hints <-chan struct{}
	if n, ok := store.(Notifier); ok {
		hints = n.Changes()
	}
	for {
		now := clock.Now()
		l.jump.look(now, log())
		err := l.Refresh(ctx, store, now)
		l.skew.look(l.View.clockSkew(), log())
		if err != nil && !failing && ctx.Err() == nil {
			log().Error("the view of the store can't be refreshed", "error", err)
		}
		failing = err != nil
		if !failing && !pruning && now.Sub(pruned) >= pruneEvery {
			pruning = true
			go func() { last <- l.prune(ctx, store, now, log()) }() // a revocation does not wait for it
		}
		select {
		case <-ctx.Done():
			return
		case done := <-last:
			if pruning = false; done {
				pruned = now
			}
		case <-poll.C:
		case <-hints:
		}
	}
}

// Refresh brings the view up to date, once, and ends what was revoked. A store
// that panics is one that does not answer: nobody else would catch it here.
func (l *Live) Refresh(ctx context.Context, store Store, now time.Time) (err error) {
	defer func() {
		l.Streams.sweep(l.View, now)
		if l.View.outdated() {
			l.forget()
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			err = Errorf(CodeInternal, "the store panicked with a %T", p)
		}
	}()
	return l.View.refresh(ctx, store, now)
}

// forget drops what this node knows: each token is held against the store again,
// and open requests end. The count comes first: who was verified before it is
// verified again.
func (l *Live) forget() {
	l.forgotten.Add(1)
	l.tokens.clear()
	l.View.forget()
	l.Streams.EndAll()
}

// A first look at a token asks the store. When thousands come at once, as after
// a restart, they wait here, and leave one of the fewest connections that a store
// reads with, four, to the poll: without it nobody would be let in.
const (
	meetings = 3
	meetWait = 900 * time.Millisecond
)

// meet waits for its turn. The caller must call leave.
func (l *Live) meet(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, meetWait)
	defer cancel()
	select {
	case l.meeting <- struct{}{}:
		return func() { <-l.meeting }, nil
	case <-ctx.Done():
		return nil, Unavailable(ctx.Err())
	}
}

// obey makes changes count on this node at once.
func (l *Live) obey(now time.Time, changes ...EpochChange) {
	l.View.note(changes...)
	l.Streams.sweep(l.View, now)
}

// How long rows are kept.
const (
	keepAudit    = 90 * 24 * time.Hour
	keepEpochs   = MaxTokenLifetime + 24*time.Hour
	keepAuditMax = 1_000_000
	keepAttempts = 24 * time.Hour
	keepNamesMax = 100_000
	// Of client devices that are out of use: an integrator could make them all day.
	keepClients    = 90 * 24 * time.Hour
	keepClientsMax = 100_000
)

// prune removes one batch of old rows, and one of an import that broke off, and says
// whether those were the last.
func (l *Live) prune(ctx context.Context, store Store, now time.Time, log *slog.Logger) (done bool) {
	var n int64
	err := store.Write(ctx, func(tx Tx) (err error) {
		n, err = tx.Prune(Retention{
			Now: now, AuditBefore: now.Add(-keepAudit), AuditRows: keepAuditMax,
			AttemptBefore: now.Add(-keepAttempts), AttemptRows: keepNamesMax,
			SessionBefore: now.Add(-24 * time.Hour), EpochBefore: now.Add(-keepEpochs),
			ClientBefore: now.Add(-keepClients), ClientRows: keepClientsMax,
		})
		return err
	})
	idle := true
	if err == nil {
		idle, err = dropIdle(ctx, store, now)
	}
	if err != nil {
		log.Warn("old rows can't be pruned", "error", err)
		return true // until the next time
	}
	return n == 0 && idle
}
