package authcore_test

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

// A token that was revoked costs a fresh node one look at the store, however
// often it is shown: the feed before its start is not read.
func TestRevokedTokenCostsOneLook(t *testing.T) {
	for _, c := range revocations {
		t.Run(c.name, func(t *testing.T) {
			h := newCore(t, nil)
			m := h.member(t, "alice")
			l := h.login(t, m)
			must(t, c.revoke(t, h, m, l))
			node := h.again(t, nil)
			node.refuses(t, l.Token)
			h.faults.Reset()
			for range 10 {
				node.refuses(t, l.Token)
			}
			if n := h.faults.Begins(); n != 0 {
				t.Errorf("%d transactions for a token that is known to be revoked", n)
			}
		})
	}
}

// What the store refuses for now, and not for good, is not remembered.
func TestRefusedForNowIsNotRemembered(t *testing.T) {
	h := newCore(t, nil)
	l := h.login(t, h.member(t, "alice"))
	strict := func(o *authcore.Options) {
		o.Live, o.Factors = h.live, authcore.Factors{authcore.KindTOTP}
	}
	h.again(t, strict).refuses(t, l.Token)
	h.again(t, func(o *authcore.Options) { o.Live = h.live }).passes(t, l.Token)
}

// Law 2 of a restore: nothing that was open or used before works after it.
func TestRestored(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	l := h.login(t, m)
	h.passes(t, l.Token)
	node := h.again(t, nil) // it should not be running
	node.passes(t, l.Token)
	if _, err := h.Restored(t.Context(), authcore.Actor{}); authcore.CodeOf(err) != authcore.CodeForbidden {
		t.Errorf("nobody may say that a store was restored: %v", err)
	}
	h.passes(t, l.Token)
	r, err := h.Restored(t.Context(), authcore.Operator())
	must(t, err)
	if r.Sessions != 1 || r.TOTP+r.HOTP == 0 {
		t.Errorf("retired %+v", r)
	}
	h.refuses(t, l.Token) // also from the cache
	node.refresh(t)
	node.refuses(t, l.Token)
}
