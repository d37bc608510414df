package storagetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// raceForRequest opens a store in which a device waits, with the request "a".
func raceForRequest(t *testing.T, open Open) (authcore.Store, *Faults) {
	t.Helper()
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	people(t, s, "1")
	registered(t, s, "1", "", authcore.StatusPending, "c")
	asked(t, s, sampleApproval("a", "c", "1"))
	faults.Reset()
	return s, faults
}

// parallelDecisions: of many who decide one request, in either way, one does.
func parallelDecisions(t *testing.T, open Open) {
	s, faults := raceForRequest(t, open)
	var n, approved atomic.Int64
	wins := parallel(t, 1000, func() (bool, error) {
		to := authcore.ApprovalApproved
		if n.Add(1)%2 == 0 {
			to = authcore.ApprovalRefused
		}
		ok, err := decide(s, decided("a", to, start))
		if ok && to == authcore.ApprovalApproved {
			approved.Add(1)
		}
		return ok, err
	})
	same(t, "winners of 1000", wins, int64(1))
	if n := faults.CountMatching("UPDATE approvals SET state"); n < 900 {
		t.Errorf("only %d of 1000 reached the deciding statement", n)
	}
	want := authcore.ApprovalRefused
	if approved.Load() == 1 {
		want = authcore.ApprovalApproved
	}
	read(t, s, func(tx authcore.Tx) error {
		a, err := tx.Approval("c")
		same(t, "what the winner has decided", a.State, want)
		return err
	})
}

// parallelRenewals: a token approves or is replaced, and of many that replace it
// one is alive.
func parallelRenewals(t *testing.T, open Open) {
	for round := range 10 {
		s, _ := raceForRequest(t, open)
		var n, approvals atomic.Int64
		wins := parallel(t, 40, func() (bool, error) {
			i := n.Add(1)
			if i%2 == 0 {
				return decide(s, renewed("a", sampleApproval(fmt.Sprint("new-", i), "c", "1"), 5))
			}
			ok, err := decide(s, decided("a", authcore.ApprovalApproved, start))
			if ok {
				approvals.Add(1)
			}
			return ok, err
		})
		same(t, fmt.Sprintf("winners of 40 in round %d", round), wins, int64(1))
		read(t, s, func(tx authcore.Tx) error {
			a, err := tx.Approval("c")
			same(t, "it is approved, or has another token", a.ID == "a" && a.State == authcore.ApprovalApproved, approvals.Load() == 1)
			return err
		})
	}
}

func parallelApprovalTries(t *testing.T, open Open) {
	s, _ := raceForRequest(t, open)
	wins := parallel(t, 200, func() (bool, error) { return decide(s, approvalTried("a", 5, start)) })
	same(t, "counted tries of 200", wins, int64(5))
	a := sampleApproval("a", "c", "1")
	a.Tries = 5
	requestIs(t, s, "c", &a)
}

// parallelVerifiers: of many who look at a request at once one asks the verifier.
func parallelVerifiers(t *testing.T, open Open) {
	s, _ := raceForRequest(t, open)
	wins := parallel(t, 200, func() (bool, error) {
		return decide(s, func(tx authcore.Tx) (bool, error) { return tx.AskVerifier("a", start.Add(-time.Second), start) })
	})
	same(t, "questions of 200", wins, int64(1))
}

// parallelShows: of many copies of one call one is the first.
func parallelShows(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	wins := parallel(t, 1000, func() (bool, error) { return decide(s, shown("a", start)) })
	same(t, "winners of 1000", wins, int64(1))
	if n := faults.CountMatching("INSERT INTO replays"); n < 900 {
		t.Errorf("only %d of 1000 reached the deciding statement", n)
	}
}

// parallelRefs: of many who let a name mean something one does, be it free or not.
func parallelRefs(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	old := ""
	for _, what := range []string{"a free name", "a name that means something"} {
		var n atomic.Int64
		wins := parallel(t, 200, func() (bool, error) {
			return decide(s, pointed(sampleRef("k"), old, fmt.Sprint(what, n.Add(1))))
		})
		same(t, "winners of 200 for "+what, wins, int64(1))
		read(t, s, func(tx authcore.Tx) (err error) {
			old, err = tx.ByRef(sampleRef("k"))
			return err
		})
	}
}

// parallelMoves: of many who close an account or block a device one does.
func parallelMoves(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	accounted(t, s, "a")
	var n atomic.Int64
	wins := parallel(t, 200, func() (bool, error) {
		to := authcore.AccountBlocked
		if n.Add(1)%2 == 0 {
			to = authcore.AccountClosed
		}
		return decide(s, func(tx authcore.Tx) (bool, error) { return tx.MoveAccount("a", to, authcore.AccountActive) })
	})
	same(t, "winners of 200", wins, int64(1))
}
