package storagetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// parallel runs fn n times at once and gives how often it was true.
func parallel(t *testing.T, n int, fn func() (bool, error)) int64 {
	t.Helper()
	var wins atomic.Int64
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for range n {
		wg.Go(func() {
			<-begin
			ok, err := fn()
			if err != nil {
				t.Error(err)
			}
			if ok {
				wins.Add(1)
			}
		})
	}
	close(begin)
	wg.Wait()
	return wins.Load()
}

// decide runs one deciding statement in a transaction of its own.
func decide(s authcore.Store, fn func(authcore.Tx) (bool, error)) (bool, error) {
	var ok bool
	err := s.Write(context.Background(), func(tx authcore.Tx) (err error) {
		ok, err = fn(tx)
		return err
	})
	return ok && err == nil, err
}

func parallelReserves(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	key := authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d1"}
	limit := authcore.DefaultLimits().Device
	wins := parallel(t, 200, func() (bool, error) {
		return decide(s, func(tx authcore.Tx) (bool, error) { return tx.Reserve(key, limit, start) })
	})
	same(t, "counted tries of 200", wins, int64(limit.InARow))
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Attempts(key)
		same(t, "the counter", got, authcore.Attempts{Failures: 10, Total: 10, PausedUntil: start.Add(limit.Pause)})
		return err
	})
}

func parallelConsumes(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(sampleDevice("d", "")) })
	faults.Reset()
	wins := parallel(t, 1000, func() (bool, error) {
		return decide(s, func(tx authcore.Tx) (bool, error) { return tx.ConsumeCounter("d", 77, 0, start) })
	})
	same(t, "winners of 1000", wins, int64(1))
	if n := faults.CountMatching("UPDATE devices SET last_counter"); n < 900 {
		t.Errorf("only %d of 1000 reached the deciding statement", n)
	}
}

func parallelRedeems(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	people(t, s, "1")
	put(t, s, sampleChallenge("a", "1"))
	faults.Reset()
	wins := parallel(t, 1000, func() (bool, error) { return decide(s, redeemed("a", start)) })
	same(t, "winners of 1000", wins, int64(1))
	if n := faults.CountMatching("UPDATE devices SET last_used_at"); n < 900 {
		t.Errorf("only %d of 1000 reached the store", n)
	}
}

func parallelChallengeTries(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	people(t, s, "1")
	c := sampleChallenge("a", "1")
	put(t, s, c)
	wins := parallel(t, 200, func() (bool, error) { return decide(s, tried("a", 5, start)) })
	same(t, "counted tries of 200", wins, int64(5))
	c.Tries = 5
	onTheWay(t, s, "1", authcore.PurposeLogin, &c)
}

// parallelChallenges: of codes that are made at once one is alive.
func parallelChallenges(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	people(t, s, "1")
	var made atomic.Int64
	stored := parallel(t, 50, func() (bool, error) {
		c := sampleChallenge(fmt.Sprint(made.Add(1)), "1")
		return decide(s, func(tx authcore.Tx) (bool, error) { return true, tx.PutChallenge(c) })
	})
	same(t, "stored challenges", stored, int64(50))
	alive := 0
	for id := range 50 {
		if ok, err := decide(s, redeemed(fmt.Sprint(id+1), start)); ok && err == nil {
			alive++
		}
	}
	same(t, "challenges alive", alive, 1)
}

// parallelBackupCodes holds the first one up between its statements, so that
// others of that moment have seen the code unused.
func parallelBackupCodes(t *testing.T, open Open) {
	var first sync.Once
	faults := &Faults{Before: func(query string) {
		if strings.HasPrefix(query, "UPDATE backup_codes SET used_at") {
			first.Do(func() { <-time.After(300 * time.Millisecond) })
		}
	}}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	people(t, s, "1")
	write(t, s, func(tx authcore.Tx) error { return tx.PutBackupCodes("d1", digests("a", "b")) })
	faults.Reset()
	wins := parallel(t, 1000, func() (bool, error) { return decide(s, spent("d1", "a", start)) })
	same(t, "winners of 1000", wins, int64(1))
	leftOver(t, s, "d1", 2, 1, start)
	if n := faults.CountMatching("UPDATE devices SET last_used_at"); n < 900 {
		t.Errorf("only %d of 1000 reached the store", n)
	}
}

// parallelBackupLists: of lists that are made at once one counts, and not the
// codes of several.
func parallelBackupLists(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	people(t, s, "1")
	var made atomic.Int64
	stored := parallel(t, 50, func() (bool, error) {
		n := made.Add(1)
		list := digests(fmt.Sprint("a", n), fmt.Sprint("b", n), fmt.Sprint("c", n))
		return decide(s, func(tx authcore.Tx) (bool, error) { return true, tx.PutBackupCodes("d1", list) })
	})
	same(t, "stored lists", stored, int64(50))
	leftOver(t, s, "d1", 3, 0, time.Time{})
}

// parallelInvitations: of many who enrol by one invitation one may.
func parallelInvitations(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	people(t, s, "1")
	write(t, s, func(tx authcore.Tx) error { return tx.PutInvite(sampleInvite("1", "t")) })
	faults.Reset()
	wins := parallel(t, 1000, func() (bool, error) { return decide(s, invited("1", "t", start)) })
	same(t, "winners of 1000", wins, int64(1))
	if n := faults.CountMatching("UPDATE invites SET used_at"); n < 900 {
		t.Errorf("only %d of 1000 reached the deciding statement", n)
	}
}

// blockWaits: a device that a backup code was found on stays active until the
// login ends, so that the block ends its session too.
func blockWaits(t *testing.T, open Open) {
	var s authcore.Store
	blocked := make(chan error, 1)
	early := false
	faults := &Faults{Before: func(query string) {
		if !strings.HasPrefix(query, "UPDATE backup_codes SET used_at") {
			return
		}
		go func() {
			_, err := decide(s, func(tx authcore.Tx) (bool, error) {
				return tx.MoveDevice("d1", authcore.StatusBlocked, authcore.StatusActive)
			})
			blocked <- err
		}()
		select {
		case err := <-blocked:
			early = true
			blocked <- err
		case <-time.After(300 * time.Millisecond):
		}
	}}
	s = open(t, Opts{Wrap: faults.Wrap})
	people(t, s, "1")
	write(t, s, func(tx authcore.Tx) error { return tx.PutBackupCodes("d1", digests("a", "b")) })
	won(t, s, true, "a code", spent("d1", "a", start))
	try(t, <-blocked)
	same(t, "blocked before the code was consumed", early, false)
	won(t, s, false, "a code after the block", spent("d1", "b", start))
}

// removalBesideLogin: what counts a code, and what uses it up, takes the rows of
// the device, the challenge and the tries in the order in which a removal does: or
// each would wait for the other, until one of them fails.
func removalBesideLogin(t *testing.T, open Open) {
	key := authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d1"}
	for name, steps := range map[string][2]func(authcore.Tx) (bool, error){
		"counting": {tried("a", 5, start), func(tx authcore.Tx) (bool, error) { return tx.Reserve(key, authcore.DefaultLimits().Device, start) }},
		"a counter": {
			func(tx authcore.Tx) (bool, error) { return tx.ConsumeCounter("d1", 77, 0, start) },
			func(tx authcore.Tx) (bool, error) { return true, tx.Succeed(key) },
		},
		"using up": {redeemed("a", start), func(tx authcore.Tx) (bool, error) {
			return true, errors.Join(tx.Succeed(key), tx.CreateSession(sampleSession("s", "1")))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, Opts{})
			people(t, s, "1")
			put(t, s, sampleChallenge("a", "1"))
			won(t, s, true, "a try before", func(tx authcore.Tx) (bool, error) { return tx.Reserve(key, authcore.DefaultLimits().Device, start) })
			removed := make(chan error, 1)
			won(t, s, true, name, func(tx authcore.Tx) (bool, error) {
				if ok, err := steps[0](tx); err != nil || !ok {
					return ok, err
				}
				go func() {
					removed <- s.Write(context.Background(), func(tx authcore.Tx) error {
						_, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: "1"}, start)
						return errors.Join(err, tx.RemoveUser("1"))
					})
				}()
				<-time.After(300 * time.Millisecond) // it waits by now, wherever it does
				return steps[1](tx)
			})
			try(t, <-removed)
			read(t, s, func(tx authcore.Tx) error {
				a, err := tx.Attempts(key)
				same(t, "what is left of the tries", a, authcore.Attempts{})
				return err
			})
		})
	}
}
