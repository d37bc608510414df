package authcore_test

import (
	"errors"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Whatever ends an account, or what its approver may, ends what is bound to his devices: on
// this node before it is answered, open requests too, and on the others as they hear of it.
func TestWhatEndsBoundSessionsAtOnce(t *testing.T) {
	for what, end := range map[string]func(h *house, a authcore.Account, u authcore.User) error{
		"block": func(h *house, a authcore.Account, _ authcore.User) error {
			_, err := h.Accounts.Block(t.Context(), authcore.Operator(), a.ID)
			return err
		},
		"close": func(h *house, a authcore.Account, _ authcore.User) error {
			_, err := h.Accounts.Close(t.Context(), authcore.Operator(), a.ID)
			return err
		},
		"remove the approver": func(h *house, a authcore.Account, u authcore.User) error {
			_, err := h.Accounts.RemoveApprover(t.Context(), authcore.Operator(), a.ID, u.ID)
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			h := newCore(t, nil)
			m := h.member(t, "alice")
			a := h.bank(t, m.user)
			h.registered(t, m.user, authcore.Client{Account: a.ID, Marks: authcore.Marks{Secret: digest("secret")}})
			second := h.again(t, nil)
			bound, free := h.loginWith(t, m, "secret").Token, h.login(t, m).Token
			p := h.passes(t, bound)
			if p.ClientDevice == "" {
				t.Fatal("the session is not bound")
			}
			second.refresh(t)
			second.passes(t, bound)
			var stream authcore.Stream
			open := h.Gatekeeper.Attach(t.Context(), &stream, p)
			defer stream.End()
			must(t, end(h, a, m.user))
			h.refuses(t, bound)
			if !errors.Is(causeOf(open), authcore.ErrRevoked) {
				t.Errorf("what was open ended with %v, want ErrRevoked", causeOf(open))
			}
			h.passes(t, free)
			second.refresh(t)
			second.refuses(t, bound)
		})
	}
}

// What a block has ended stays ended; whoever logs in after it is bound again.
func TestUnblockBringsNoSessionBack(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	a := h.bank(t, m.user)
	h.registered(t, m.user, authcore.Client{Account: a.ID, Marks: authcore.Marks{Secret: digest("secret")}})
	bound := h.loginWith(t, m, "secret").Token
	h.passes(t, bound)
	_, err := h.Accounts.Block(t.Context(), authcore.Operator(), a.ID)
	must(t, err)
	if p := h.passes(t, h.loginWith(t, m, "secret").Token); p.ClientDevice != "" {
		t.Error("a session is bound to a device of a blocked account")
	}
	_, err = h.Accounts.Unblock(t.Context(), authcore.Operator(), a.ID)
	must(t, err)
	h.refuses(t, bound)
	if p := h.passes(t, h.loginWith(t, m, "secret").Token); p.ClientDevice == "" {
		t.Error("no session is bound after an unblock")
	}
}
