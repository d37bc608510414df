package stomp_test

import (
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// A question goes out with where its answer is to go, and the answer comes in, through a
// real broker.
func TestQuestionAndAnswer(t *testing.T) {
	reply, to := fresh("answers"), fresh("alice")
	l, _ := channel(t, local()+"reply "+reply)
	taken, _, _ := listen(t, l, 0)
	c := broker().Dial(t)
	questions := device(t, c, to)
	for _, text := range []string{"eyJ.one", "eyJ.two"} {
		if err := ask(t, l, to, text); err != nil {
			t.Fatal(err)
		}
		m := next(t, questions)
		if string(m.Body) != text || m.ContentType != "application/jose" || m.Header.Get("reply-to") != reply || m.Header.Get("persistent") != "true" {
			t.Errorf("%q comes with %v", m.Body, m.Header)
		}
		answer(t, c, m.Header.Get("reply-to"), "answer to "+text)
		wantTaken(t, taken, "answer to "+text)
	}
}

// What the core could not take comes again; what it took does not.
func TestAcknowledgedWhenTaken(t *testing.T) {
	reply := fresh("answers")
	l, end := channel(t, local()+"reply "+reply)
	taken, tries, stop := listen(t, l, 1)
	answer(t, broker().Dial(t), reply, "one")
	wantTaken(t, taken, "one")
	if n := tries.Load(); n != 2 {
		t.Errorf("taken at try %d, want 2", n)
	}
	stop()
	end()
	next, _ := channel(t, local()+"reply "+reply)
	taken, _, _ = listen(t, next, 0)
	answer(t, broker().Dial(t), reply, "two")
	wantTaken(t, taken, "two")
}

// An answer that was brought and not taken when the configuration ends comes to the next.
func TestReloadLosesNoAnswer(t *testing.T) {
	reply := fresh("answers")
	l, end := channel(t, local()+"reply "+reply)
	_, tries, stop := listen(t, l, 1<<30)
	answer(t, broker().Dial(t), reply, "one")
	eventually(t, "the answer is brought", func() error { return least(tries.Load(), 1) })
	stop()
	end()
	next, _ := channel(t, local()+"reply "+reply)
	taken, _, _ := listen(t, next, 0)
	wantTaken(t, taken, "one")
}

// The broker is killed: what it gave a receipt for is there when it is back, and the gateway
// connects by itself, for questions and for answers.
func TestKilledBroker(t *testing.T) {
	reply, to := fresh("answers"), fresh("alice")
	l, _ := channel(t, local()+"reply "+reply)
	taken, tries, _ := listen(t, l, 1)
	answer(t, broker().Dial(t), reply, "before")
	eventually(t, "the answer is brought", func() error { return least(tries.Load(), 1) }) // and refused: it is not acknowledged
	if err := ask(t, l, to, "eyJ.before"); err != nil {
		t.Fatal(err)
	}
	broker().Kill()
	eventually(t, "the gateway sees it", func() error {
		if err := ask(t, l, to, "eyJ.away"); authcore.CodeOf(err) != authcore.CodeUnavailable {
			return err
		}
		return nil
	})
	if err := broker().Run(); err != nil {
		t.Fatal(err)
	}
	wantTaken(t, taken, "before")
	eventually(t, "a question after", func() error { return ask(t, l, to, "eyJ.after") })
	c := broker().Dial(t)
	questions := device(t, c, to)
	var got []string
	for len(got) == 0 || got[len(got)-1] != "eyJ.after" {
		got = append(got, string(next(t, questions).Body))
	}
	if all := strings.Join(got, " "); !strings.HasPrefix(all, "eyJ.before ") {
		t.Errorf("%s came", all)
	}
	answer(t, c, reply, "after")
	wantTaken(t, taken, "after")
}

// A long message is thrown away and not brought again, and those after it come.
func TestLongAnswer(t *testing.T) {
	reply := fresh("answers")
	l, end := channel(t, local()+"reply "+reply)
	taken, tries, stop := listen(t, l, 0)
	c := broker().Dial(t)
	answer(t, c, reply, strings.Repeat("x", 4<<10+1))
	answer(t, c, reply, strings.Repeat("x", 1<<20))
	longest := strings.Repeat("y", 4<<10)
	answer(t, c, reply, longest)
	wantTaken(t, taken, longest)
	stop()
	end()
	if n := tries.Load(); n != 1 {
		t.Errorf("%d are brought, want 1", n)
	}
	next, _ := channel(t, local()+"reply "+reply)
	taken, _, _ = listen(t, next, 0)
	answer(t, c, reply, "next")
	wantTaken(t, taken, "next")
}
