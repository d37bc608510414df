package authcore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// causeOf is nil while ctx lives.
func causeOf(ctx context.Context) error { return context.Cause(ctx) }

// REL-02: a view that can't be refreshed for 30 s decides nothing any more.
func TestStaleView(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	l, unseen := h.login(t, m), h.login(t, m)
	h.passes(t, l.Token)
	careless := h.again(t, func(o *authcore.Options) { o.Live, o.BestEffort = h.live, true })

	h.clock.Turn(30 * time.Second)
	h.passes(t, l.Token)
	h.clock.Turn(time.Second)
	for name, token := range map[string]string{"known": l.Token, "unseen": unseen.Token, "nonsense": "x.y.z"} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Gatekeeper.Authenticate(t.Context(), token, site)
			wantCode(t, err, authcore.CodeUnavailable)
		})
	}
	t.Run("the JWKS and Ready too", func(t *testing.T) {
		_, err := h.Keys.JWKS()
		wantCode(t, err, authcore.CodeUnavailable)
		_, err = h.Ready()
		wantCode(t, err, authcore.CodeUnavailable)
	})
	t.Run("best effort passes a known session, without the store", func(t *testing.T) {
		h.faults.Reset()
		careless.passes(t, l.Token)
		careless.refuses(t, "x.y.z")
		if h.faults.Count() != 0 {
			t.Error("the store was asked")
		}
	})
	t.Run("best effort asks the store about others", func(t *testing.T) {
		h.faults.FailNext(1, nil)
		_, err := careless.Gatekeeper.Authenticate(t.Context(), unseen.Token, site)
		wantCode(t, err, authcore.CodeUnavailable)
		h.faults.Reset()
	})
	t.Run("best effort obeys the end of a token", func(t *testing.T) {
		h.clock.Turn(12 * time.Hour)
		careless.refuses(t, l.Token)
		h.clock.Turn(-12 * time.Hour)
	})
	h.refresh(t)
	h.passes(t, l.Token)
	_, err := h.Ready()
	must(t, err)
}

// Law 1: a view that never was true decides nothing, best effort or not.
func TestViewThatNeverWas(t *testing.T) {
	h := newCore(t, nil)
	l := h.login(t, h.member(t, "alice"))
	o := h.options
	o.Live, o.BestEffort = authcore.NewLive(), true
	_, err := authcore.New(o).Gatekeeper.Authenticate(t.Context(), l.Token, site)
	wantCode(t, err, authcore.CodeUnavailable)
}

// REL-01: whatever call of the first look at a token fails, it is refused, and
// it is not remembered.
func TestFirstLookFailsClosed(t *testing.T) {
	h := newCore(t, nil)
	l := h.login(t, h.member(t, "alice"))
	for n := 1; ; n++ {
		h.faults.FailNext(n, nil)
		p, err := h.Gatekeeper.Authenticate(t.Context(), l.Token, site)
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err)
			if n < 5 {
				t.Errorf("only %d calls failed", n-1)
			}
			break
		}
		wantCode(t, err, authcore.CodeUnavailable)
		if p != nil {
			t.Errorf("call %d failed, and a principal came out", n)
		}
	}
	// A refresh that fails leaves the view as it was: it goes stale.
	h.clock.Turn(31 * time.Second)
	h.faults.FailNext(2, nil)
	if err := h.live.Refresh(t.Context(), h.store, h.clock.Now()); err == nil {
		t.Fatal("the refresh did not fail")
	}
	_, err := h.Gatekeeper.Authenticate(t.Context(), l.Token, site)
	wantCode(t, err, authcore.CodeUnavailable)
}

// TOK-13: a revocation that the store did not take is an error to the caller,
// and the token stays what it was.
func TestFailedRevocationIsReported(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	for n := 1; ; n++ {
		l := h.login(t, m)
		h.faults.Reset()
		h.faults.FailNext(n, errors.New("away"))
		_, err := h.Sessions.Revoke(t.Context(), authcore.Operator(), l.Session.ID)
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err)
			h.refuses(t, l.Token)
			return
		}
		wantCode(t, err, authcore.CodeUnavailable)
		if strings.Contains(authcore.MessageOf(err), "away") {
			t.Error("the driver's text reached the caller")
		}
		h.passes(t, l.Token)
	}
}
