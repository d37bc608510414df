package authcore_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// source is an identity source of a test. It counts how often it is asked.
type source struct {
	asked  int
	verify func(context.Context, authcore.Proof) (string, error)
}

func (s *source) Verify(ctx context.Context, p authcore.Proof) (string, error) {
	s.asked++
	if s.verify != nil {
		return s.verify(ctx, p)
	}
	if subject, ok := strings.CutPrefix(p.Token, "good:"); ok {
		return subject, nil
	}
	return "", authcore.Errorf(authcore.CodeUnauthenticated, "no")
}

// withSource is a house with one source, google.
func withSource(t *testing.T) (*house, *source) {
	t.Helper()
	s := &source{}
	h := newCore(t, func(o *authcore.Options) { o.Identities = map[string]authcore.IdentitySource{"google": s} })
	return h, s
}

func (h *house) link(t testing.TB, user, subject string) {
	t.Helper()
	_, err := h.Users.Link(t.Context(), authcore.Operator(), user, "google", subject)
	must(t, err)
}

func (h *house) external(t testing.TB, source, token string) (*authcore.Verified, error) {
	t.Helper()
	return h.Logins.External(t.Context(), attempt(""), source, authcore.Proof{Token: token})
}

func TestExternalProofThenCode(t *testing.T) {
	h, s := withSource(t)
	m := h.member(t, "alice")
	h.link(t, "alice", "1234")
	for _, name := range []string{"google", "Google", "GOOGLE"} {
		v, err := h.external(t, name, "good:1234")
		must(t, err)
		l, err := h.Logins.Second(t.Context(), v, m.code(t))
		must(t, err)
		if p := h.passes(t, l.Token); p.UserID != m.user.ID || l.User.Name != "alice" {
			t.Errorf("%s proves %+v", name, p)
		}
		_, err = h.Logins.Second(t.Context(), v, m.wrong(t))
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	if s.asked != 3 {
		t.Errorf("the source was asked %d times, want 3", s.asked)
	}
	if got := h.reasons(t, "login.identity"); got[""] != 3 || len(got) != 1 {
		t.Errorf("the audit has %v", got)
	}
}

// spendExternal is spend for a proof.
func (h *house) spendExternal(t *testing.T, a authcore.Attempt, source string, p authcore.Proof) spent {
	t.Helper()
	var before, after runtime.MemStats
	h.faults.Reset()
	runtime.ReadMemStats(&before)
	v, err := h.Logins.External(t.Context(), a, source, p)
	runtime.ReadMemStats(&after)
	var e *authcore.Error
	if !errors.As(err, &e) || v != nil {
		t.Fatalf("%v, error %v, want one of ours", v, err)
	}
	return spent{e.Code, e.Message, e.RetryAfter, h.faults.Count(), h.faults.Begins(), (after.TotalAlloc - before.TotalAlloc) / hashSize}
}

// Law 12: whatever is wrong with a proof, the answer and the cost are those of a
// wrong password.
func TestExternalRefusalsAreThoseOfAWrongPassword(t *testing.T) {
	authcore.RealHashes(t)
	h, s := withSource(t)
	s.verify = func(_ context.Context, p authcore.Proof) (string, error) {
		if subject, ok := strings.CutPrefix(p.Token, "good:"); ok {
			return subject, nil
		}
		return p.Token, errors.New(p.Token + " is no proof")
	}
	for _, name := range []string{"alice", "bob"} {
		h.user(t, name)
		h.link(t, name, name)
	}
	_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "bob", true)
	must(t, err)
	wrong := attempt("alice")
	wrong.Password = "wrong horse battery"
	want := h.spend(t, wrong)
	if want.hashes != 1 || want.code != authcore.CodeUnauthenticated {
		t.Fatalf("a wrong password spent %+v", want)
	}
	n := 0
	for _, c := range []struct{ reason, source, token string }{
		{"wrong_proof", "google", "bad"},
		{"wrong_proof", "google", "alice"}, // an error, and a name beside it
		{"wrong_proof", "google", ""},
		{"wrong_proof", "google", "good:"},
		{"wrong_proof", "google", "good:" + strings.Repeat("x", 256)},
		{"wrong_proof", "google", "good:a\x00"},
		{"wrong_proof", "google", "good:\xff"},
		{"unlinked", "google", "good:carol"},
		{"unlinked", "google", "good:Alice"},
		{"disabled", "google", "good:bob"},
		{"unknown_source", "github", "good:alice"},
		{"unknown_source", "", "good:alice"},
		{"unknown_source", "?", "good:alice"},
		{"unknown_source", "\x00\xff" + strings.Repeat("x", 1<<16), "good:alice"},
	} {
		t.Run(fmt.Sprintf("%s/%.20s", c.reason, c.token), func(t *testing.T) {
			a := attempt("")
			a.From.Address = fmt.Sprintf("192.0.2.%d", n)
			n++
			before := h.reasons(t, "login.identity")[c.reason]
			if got := h.spendExternal(t, a, c.source, authcore.Proof{Token: c.token}); got != want {
				t.Errorf("spent %+v, want %+v as for a wrong password", got, want)
			}
			if got := h.reasons(t, "login.identity")[c.reason]; got != before+1 {
				t.Errorf("the audit has %v", h.reasons(t, "login.identity"))
			}
		})
	}
	t.Run("a user who is linked elsewhere, in another tenant", func(t *testing.T) {
		a := attempt("")
		a.Tenant = "other"
		if got := h.spendExternal(t, a, "google", authcore.Proof{Token: "good:alice"}); got != want {
			t.Errorf("spent %+v, want %+v", got, want)
		}
	})
	t.Run("throttled", func(t *testing.T) {
		a := attempt("")
		a.From.Address = "198.51.100.1"
		for range 10 {
			_, err := h.Logins.External(t.Context(), a, "google", authcore.Proof{Token: "bad"})
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
		asked := s.asked
		if got := h.spendExternal(t, a, "google", authcore.Proof{Token: "good:alice"}); got != want {
			t.Errorf("spent %+v, want %+v", got, want)
		}
		if s.asked != asked {
			t.Error("the source was asked for who is throttled")
		}
		if h.reasons(t, "login.identity")["throttled"] != 1 {
			t.Errorf("the audit has %v", h.reasons(t, "login.identity"))
		}
	})
}

// Law 3: a try is counted, and the count committed, before the source is asked;
// names of sources that don't exist share one counter.
func TestProofsAreCountedBeforeTheyAreVerified(t *testing.T) {
	h, s := withSource(t)
	h.user(t, "alice")
	h.link(t, "alice", "1234")
	s.verify = func(context.Context, authcore.Proof) (string, error) {
		h.write(t, func(authcore.Tx) error { return nil }) // waits for ever if a transaction is open
		h.faults.FailNext(1, nil)
		return "", authcore.Errorf(authcore.CodeUnauthenticated, "no")
	}
	for range 10 { // the store fails after the count: it stays
		_, err := h.external(t, "google", "x")
		wantCode(t, err, authcore.CodeUnavailable)
		h.faults.Reset()
	}
	s.verify = nil
	_, err := h.external(t, "google", "good:1234")
	wantCode(t, err, authcore.CodeUnauthenticated)
	if s.asked != 10 {
		t.Errorf("the source was asked %d times, want 10", s.asked)
	}
	h.clock.Turn(20 * time.Minute)
	_, err = h.external(t, "google", "good:1234")
	must(t, err)

	t.Run("a good one is taken back", func(t *testing.T) {
		for range 9 {
			_, err := h.external(t, "google", "x")
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
		for range 12 {
			_, err := h.external(t, "google", "good:1234")
			must(t, err)
		}
	})
	t.Run("sources that don't exist", func(t *testing.T) {
		for n := range 11 {
			_, err := h.external(t, fmt.Sprintf("no-%d", n), "x")
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
		if got := h.reasons(t, "login.identity")["throttled"]; got != 2 {
			t.Errorf("%d were throttled, want 2: %v", got, h.reasons(t, "login.identity"))
		}
		_, err := h.external(t, "google", "good:1234")
		must(t, err)
	})
}

// A source that is away is told, and costs no try, also when the caller's time
// is up.
func TestSourceThatIsAway(t *testing.T) {
	h, s := withSource(t)
	h.user(t, "alice")
	h.link(t, "alice", "1234")
	for range 11 {
		ctx, cancel := context.WithCancel(t.Context())
		s.verify = func(context.Context, authcore.Proof) (string, error) {
			cancel()
			return "1234", authcore.Unavailable(nil)
		}
		v, err := h.Logins.External(ctx, attempt(""), "google", authcore.Proof{Code: "c"})
		if wantCode(t, err, authcore.CodeUnavailable); v != nil {
			t.Error("verified although the source is away")
		}
	}
	s.verify = nil
	_, err := h.external(t, "google", "good:1234")
	must(t, err)
}

func TestExternalFailsClosed(t *testing.T) {
	h, _ := withSource(t)
	h.user(t, "alice")
	h.link(t, "alice", "1234")
	for n := 1; ; n++ {
		h.faults.FailNext(n, nil)
		v, err := h.external(t, "google", "good:1234")
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err)
			if n < 8 {
				t.Errorf("only %d calls failed", n-1)
			}
			return
		}
		wantCode(t, err, authcore.CodeUnavailable)
		if v != nil {
			t.Errorf("verified although call %d to the store failed", n)
		}
	}
}
