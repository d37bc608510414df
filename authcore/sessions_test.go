package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// DEV-12: a user ends all his sessions but the one he asks through: at once here,
// and on another node; nobody else's.
func TestRevokeOthers(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	own, first, second := h.login(t, m), h.login(t, m), h.login(t, m)
	bystander := h.login(t, h.member(t, "bob"))
	node := h.again(t, nil)
	for _, l := range []authcore.Login{own, first, second, bystander} {
		node.passes(t, l.Token)
		h.passes(t, l.Token)
	}
	var open authcore.Stream
	stream := h.Gatekeeper.Attach(t.Context(), &open, h.passes(t, first.Token))
	defer open.End()
	me := authcore.ActingUser(h.passes(t, own.Token))
	h.clock.Turn(time.Hour) // a session is enough
	h.refresh(t)
	if n, err := h.Sessions.RevokeOthers(t.Context(), me); err != nil || n != 2 {
		t.Fatalf("%d ended, %v", n, err)
	}
	if stream.Err() == nil {
		t.Error("what was open stays open")
	}
	node.refresh(t)
	for _, h := range []*house{h, node} {
		h.refuses(t, first.Token)
		h.refuses(t, second.Token)
		h.passes(t, own.Token)
		h.passes(t, bystander.Token)
	}
	if n := h.reasons(t, "session.revoke")[""]; n != 2 {
		t.Errorf("%d audited", n)
	}
	if n, err := h.Sessions.RevokeOthers(t.Context(), me); err != nil || n != 0 {
		t.Errorf("%d ended again, %v", n, err)
	}
}

// Only a user does, and through a session that is open.
func TestWhoMayRevokeOthers(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	kept, ended := h.login(t, m), h.login(t, m)
	his := authcore.ActingUser(h.passes(t, ended.Token))
	_, err := h.Sessions.Revoke(t.Context(), authcore.Operator(), ended.Session.ID)
	must(t, err)
	for name, c := range map[string]struct {
		actor authcore.Actor
		want  authcore.Code
	}{
		"nobody":                      {authcore.Actor{}, authcore.CodeForbidden},
		"the operator":                {authcore.Operator(), authcore.CodeForbidden},
		"through an ended session":    {his, authcore.CodeUnauthenticated},
		"through no session":          {authcore.ActingUser(&authcore.Principal{UserID: m.user.ID, AuthTime: h.clock.Now(), OTPTime: h.clock.Now()}), authcore.CodeUnauthenticated},
		"through a session of others": {authcore.ActingUser(h.passes(t, h.login(t, h.member(t, "bob")).Token)), ""},
	} {
		_, err := h.Sessions.RevokeOthers(t.Context(), c.actor)
		if c.want == "" {
			must(t, err)
			continue
		}
		if err == nil || authcore.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	h.passes(t, kept.Token)
}

// Of sessions that end each other at once one stays.
func TestOneOfManyRevokersStays(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	var actors []authcore.Actor
	for range 5 {
		actors = append(actors, authcore.ActingUser(h.passes(t, h.login(t, m).Token)))
	}
	if won := parallel(len(actors), func(i int) error {
		_, err := h.Sessions.RevokeOthers(t.Context(), actors[i])
		return err
	}); won != 1 {
		t.Errorf("%d won, want 1", won)
	}
	if open, err := h.Sessions.List(t.Context(), authcore.Operator(), "alice"); err != nil || len(open) != 1 {
		t.Errorf("%d sessions, %v", len(open), err)
	}
}
