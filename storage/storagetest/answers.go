package storagetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// sampleQuestion is a challenge to a device that answers.
func sampleQuestion(id, user string) authcore.Challenge {
	c := sampleChallenge(id, user)
	c.Number, c.Address, c.Request = "42", "192.0.2.1", "Transfer 100"
	return c
}

func answered(id string, a authcore.Answer, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.AnswerChallenge(id, a, at) }
}

// questionsTo checks what waits for a device, by ID.
func questionsTo(t *testing.T, s authcore.Store, device string, at time.Time, want ...string) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		list, err := tx.ChallengesTo(device, at)
		got := []string{}
		for _, c := range list {
			got = append(got, c.ID)
		}
		same(t, "questions to "+device, fmt.Sprint(got), fmt.Sprint(want))
		return err
	})
}

// answers: one counts, in time, and a no makes the code void.
func answers(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	yes, last := sampleQuestion("yes", "1"), start.Add(authcore.ChallengeLifetime-time.Millisecond)
	no, later := sampleQuestion("no", "1"), sampleQuestion("later", "2")
	no.Purpose, no.CreatedAt = authcore.PurposeApprove, start.Add(-time.Second)
	put(t, s, yes, no, later)
	onTheWay(t, s, "1", authcore.PurposeLogin, &yes)
	questionsTo(t, s, "d1", last, "no", "yes")
	questionsTo(t, s, "d1", yes.ExpiresAt)
	questionsTo(t, s, "none", start)
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.ChallengeByID("no")
		same(t, "the question", got, no)
		_, none := tx.ChallengeByID("none")
		wantCode(t, none, authcore.CodeNotFound)
		return err
	})
	won(t, s, false, "an answer to none", answered("none", authcore.AnswerYes, start))
	won(t, s, false, "an answer at the expiry", answered("yes", authcore.AnswerYes, yes.ExpiresAt))
	won(t, s, true, "a yes just in time", answered("yes", authcore.AnswerYes, last))
	won(t, s, false, "a yes again", answered("yes", authcore.AnswerYes, last))
	won(t, s, false, "a no after a yes", answered("yes", authcore.AnswerNo, last))
	questionsTo(t, s, "d1", last, "no")
	yes.Answer = authcore.AnswerYes
	onTheWay(t, s, "1", authcore.PurposeLogin, &yes)
	won(t, s, true, "a try after a yes", tried("yes", 5, last))
	won(t, s, true, "a redemption after a yes", redeemed("yes", last))

	won(t, s, true, "a no", answered("no", authcore.AnswerNo, start))
	won(t, s, false, "a yes after a no", answered("no", authcore.AnswerYes, start))
	won(t, s, false, "a try after a no", tried("no", 5, start))
	won(t, s, false, "a redemption after a no", redeemed("no", start))

	won(t, s, true, "a redemption", redeemed("later", start))
	questionsTo(t, s, "d2", start)
	won(t, s, false, "a yes after the code was used", answered("later", authcore.AnswerYes, start))
	won(t, s, false, "a no after the code was used", answered("later", authcore.AnswerNo, start))
	put(t, s, sampleQuestion("anew", "2"))
	won(t, s, false, "an answer to a replaced question", answered("later", authcore.AnswerYes, start))
	questionsTo(t, s, "d2", start, "anew")
}

// parallelAnswers: of many one counts, whatever they say, and the code is used or denied.
func parallelAnswers(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	people(t, s, "1", "2")
	put(t, s, sampleQuestion("a", "1"), sampleQuestion("b", "2"))
	faults.Reset()
	var n atomic.Int64
	says := func() authcore.Answer { return []authcore.Answer{authcore.AnswerYes, authcore.AnswerNo}[n.Add(1)%2] }
	wins := parallel(t, 500, func() (bool, error) { return decide(s, answered("a", says(), start)) })
	same(t, "answers of 500", wins, int64(1))
	if n := faults.CountMatching("UPDATE challenges SET answer"); n < 450 {
		t.Errorf("only %d of 500 reached the deciding statement", n)
	}
	wins = parallel(t, 100, func() (bool, error) {
		if n.Add(1)%2 == 0 {
			return decide(s, answered("b", authcore.AnswerNo, start))
		}
		return decide(s, func(tx authcore.Tx) (bool, error) {
			return tx.RedeemChallenge("b", start)
		})
	})
	same(t, "uses and denials of one code", wins, int64(1))
}

// keyed is a device that waits for an app's key.
func keyed(id, user, token string, at time.Time) authcore.Device {
	d := sampleDevice(id, user)
	d.Kind, d.Status, d.Awaits, d.Sealed, d.Enrolment, d.CreatedAt = authcore.KindMobile, authcore.StatusPending, authcore.AwaitsKey, nil, []byte(token), at
	return d
}

func given(id, token, key string, since time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) {
		return tx.GiveKey(id, []byte(token), []byte(key), since, start.Add(time.Minute))
	}
}

// appKeys: an app brings its key with the token, once, and as long as that is good.
func appKeys(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateDevice(keyed("app", "1", "t", start)))
		try(t, tx.CreateDevice(keyed("other", "1", "u", start)))
		return nil
	})
	holder := func(token, want string) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.DeviceByEnrolment([]byte(token))
			if want == "" {
				wantCode(t, err, authcore.CodeNotFound)
				return nil
			}
			same(t, "the holder of "+token, got.ID, want)
			return err
		})
	}
	holder("t", "app")
	holder("x", "")
	holder("", "")                           // as all that have none
	write(t, s, func(tx authcore.Tx) error { // nobody's enrolment takes its place
		n, err := tx.RemovePending("1")
		same(t, "removed", n, int64(0))
		return err
	})
	before := start.Add(-time.Millisecond)
	won(t, s, false, "a key with another's token", given("app", "u", "k", before))
	won(t, s, false, "a key without a token", given("d1", "", "k", before))
	won(t, s, false, "a key for none", given("none", "t", "k", before))
	won(t, s, false, "a key too late", given("app", "t", "k", start))
	won(t, s, true, "a key", given("app", "t", "k", before))
	won(t, s, false, "another key", given("app", "t", "l", before))
	holder("t", "")
	read(t, s, func(tx authcore.Tx) error {
		d, err := tx.DeviceByID("app")
		same(t, "what the key is of", fmt.Sprint(string(d.AppKey), len(d.Enrolment), d.Status, d.ChangedAt.Equal(start.Add(time.Minute))), "k0activetrue")
		return err
	})
	write(t, s, func(tx authcore.Tx) error {
		_, err := tx.MoveDevice("other", authcore.StatusDeactivated, authcore.StatusPending)
		return err
	})
	won(t, s, false, "a key for a device that is gone", given("other", "u", "k", before))
}

// parallelKeys: of several apps that bring a key one is the device.
func parallelKeys(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	people(t, s, "1")
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(keyed("app", "1", "t", start)) })
	faults.Reset()
	wins := parallel(t, 500, func() (bool, error) { return decide(s, given("app", "t", "k", start.Add(-time.Second))) })
	same(t, "keys of 500", wins, int64(1))
	if n := faults.CountMatching("UPDATE devices SET public_key"); n < 450 {
		t.Errorf("only %d of 500 reached the deciding statement", n)
	}
}
