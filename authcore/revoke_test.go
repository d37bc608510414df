package authcore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// revocations are the ways in which a login can lose what it opened.
var revocations = []struct {
	name   string
	revoke func(t *testing.T, h *house, m *member, l authcore.Login) error
}{
	{"session revoked", func(t *testing.T, h *house, _ *member, l authcore.Login) error {
		_, err := h.Sessions.Revoke(t.Context(), authcore.Operator(), l.Session.ID)
		return err
	}},
	{"user disabled", func(t *testing.T, h *house, m *member, _ authcore.Login) error {
		_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), m.user.ID, true)
		return err
	}},
	{"user disabled and enabled", func(t *testing.T, h *house, m *member, _ authcore.Login) error {
		for _, disabled := range []bool{true, false} {
			if _, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), m.user.ID, disabled); err != nil {
				return err
			}
		}
		return nil
	}},
	{"user removed", func(t *testing.T, h *house, m *member, _ authcore.Login) error {
		_, err := h.Users.Remove(t.Context(), authcore.Operator(), m.user.ID)
		return err
	}},
	{"password changed", func(t *testing.T, h *house, m *member, _ authcore.Login) error {
		_, err := h.Users.SetPassword(t.Context(), authcore.Operator(), m.user.ID, "kettle vowel mossy lantern")
		return err
	}},
	{"device blocked", func(t *testing.T, h *house, m *member, _ authcore.Login) error {
		_, err := h.Devices.Block(t.Context(), authcore.Operator(), m.device.Device.ID)
		return err
	}},
	{"device blocked and unblocked", func(t *testing.T, h *house, m *member, _ authcore.Login) error {
		return h.block(t, m.device.Device.ID)
	}},
	{"device deactivated", func(t *testing.T, h *house, m *member, _ authcore.Login) error {
		_, err := h.Devices.Deactivate(t.Context(), authcore.Operator(), m.device.Device.ID)
		return err
	}},
}

// TOK-13, TOK-14, SES-07: refused at once here, on another node after its next
// look at the store, and by a node that sees the token for the first time long
// after the feed was pruned.
func TestRevocation(t *testing.T) {
	for _, c := range revocations {
		t.Run(c.name, func(t *testing.T) {
			h := newCore(t, nil)
			m, bystander := h.member(t, "alice"), h.member(t, "bob")
			l, other := h.login(t, m), h.login(t, bystander)
			node := h.again(t, nil)
			for _, h := range []*house{h, node} { // both know both tokens
				h.passes(t, l.Token)
				h.passes(t, other.Token)
			}
			must(t, c.revoke(t, h, m, l))
			h.refuses(t, l.Token)
			node.refresh(t)
			node.refuses(t, l.Token)
			h.write(t, func(tx authcore.Tx) error {
				n, err := tx.Prune(authcore.Retention{Now: h.clock.Now(), EpochBefore: h.clock.Now().Add(time.Hour)})
				if n == 0 {
					t.Error("nothing was pruned")
				}
				return err
			})
			late := h.again(t, nil)
			late.refuses(t, l.Token)
			for _, h := range []*house{h, node, late} {
				h.passes(t, other.Token) // nobody else was touched
			}
		})
	}
}

// SES-07: who was enabled again logs in anew.
func TestEnabledAgain(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	old := h.login(t, m)
	for _, disabled := range []bool{true, false} {
		_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", disabled)
		must(t, err)
	}
	m.verified = h.verified(t, "alice")
	h.passes(t, h.login(t, m).Token)
	h.refuses(t, old.Token)
}

// SES-11: what is open ends with what opened it, here and on another node.
func TestOpenStreamsEnd(t *testing.T) {
	h := newCore(t, nil)
	node := h.again(t, nil)
	for i, c := range revocations {
		t.Run(c.name, func(t *testing.T) {
			m := h.member(t, "user"+string(rune('a'+i)))
			l, kept := h.login(t, m), h.login(t, h.member(t, "other"+string(rune('a'+i))))
			var atHere, atThere, atOther authcore.Stream
			here := h.Gatekeeper.Attach(t.Context(), &atHere, h.passes(t, l.Token))
			defer atHere.End()
			there := node.Gatekeeper.Attach(t.Context(), &atThere, node.passes(t, l.Token))
			defer atThere.End()
			other := node.Gatekeeper.Attach(t.Context(), &atOther, node.passes(t, kept.Token))
			defer atOther.End()
			must(t, c.revoke(t, h, m, l))
			if !errors.Is(causeOf(here), authcore.ErrRevoked) {
				t.Errorf("here the stream ended with %v, want ErrRevoked", causeOf(here))
			}
			node.refresh(t)
			if !errors.Is(causeOf(there), authcore.ErrRevoked) {
				t.Errorf("there the stream ended with %v, want ErrRevoked", causeOf(there))
			}
			if other.Err() != nil {
				t.Errorf("a bystander's stream ended with %v", causeOf(other))
			}
		})
	}
}

func TestOpenStreamsEndWithTheToken(t *testing.T) {
	h := newCore(t, nil)
	l := h.login(t, h.member(t, "alice"))
	p := h.passes(t, l.Token)
	var open, complete authcore.Stream
	stream := h.Gatekeeper.Attach(t.Context(), &open, p)
	defer open.End()
	finished := h.Gatekeeper.Attach(t.Context(), &complete, p)
	complete.End()
	complete.End() // twice is once
	h.clock.Turn(12*time.Hour - time.Second)
	h.refresh(t)
	if stream.Err() != nil {
		t.Fatal("ended before the token")
	}
	h.clock.Turn(time.Second)
	h.refresh(t)
	if !errors.Is(causeOf(stream), authcore.ErrRevoked) {
		t.Errorf("ended with %v, want ErrRevoked", causeOf(stream))
	}
	if errors.Is(causeOf(finished), authcore.ErrRevoked) {
		t.Error("a request that was complete was revoked")
	}
}

// Section 4: when nobody follows the store any more, nothing stays open.
func TestStreamsEndWithTheStore(t *testing.T) {
	h := newCore(t, nil)
	p := h.passes(t, h.login(t, h.member(t, "alice")).Token)
	var open authcore.Stream
	stream := h.Gatekeeper.Attach(t.Context(), &open, p)
	defer open.End()
	if stream.Err() != nil {
		t.Fatal("ended before")
	}
	h.live.Streams.EndAll()
	if !errors.Is(causeOf(stream), authcore.ErrRevoked) {
		t.Errorf("ended with %v, want ErrRevoked", causeOf(stream))
	}
}
