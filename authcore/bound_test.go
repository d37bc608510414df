package authcore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// ended are the ways in which a client device stops to count. The store is changed as the
// service does that is about it.
var ended = []struct {
	name string
	end  func(t *testing.T, h *house, d authcore.Device, account string)
}{
	{"blocked", func(t *testing.T, h *house, d authcore.Device, _ string) {
		_, err := h.Devices.Block(t.Context(), authcore.Operator(), d.ID)
		must(t, err)
	}},
	{"deactivated", func(t *testing.T, h *house, d authcore.Device, _ string) {
		_, err := h.Devices.Deactivate(t.Context(), authcore.Operator(), d.ID)
		must(t, err)
	}},
	{"blocked and active again", func(t *testing.T, h *house, d authcore.Device, _ string) {
		must(t, h.block(t, d.ID))
	}},
	{"rejected", func(t *testing.T, h *house, d authcore.Device, _ string) {
		h.write(t, func(tx authcore.Tx) error {
			_, err := tx.MoveDevice(d.ID, authcore.StatusRejected, authcore.StatusActive)
			return err
		})
		h.raise(t, d.ID)
	}},
	{"its account is closed", func(t *testing.T, h *house, d authcore.Device, account string) {
		h.write(t, func(tx authcore.Tx) error {
			_, err := tx.MoveAccount(account, authcore.AccountClosed, authcore.AccountActive)
			return err
		})
		h.raise(t, d.ID)
	}},
	{"its user is removed", func(t *testing.T, h *house, d authcore.Device, _ string) {
		_, err := h.Users.Remove(t.Context(), authcore.Operator(), d.UserID)
		must(t, err)
	}},
}

// raise ends what is bound to a device, as whatever revokes it does.
func (h *house) raise(t testing.TB, device string) {
	t.Helper()
	of, now := authcore.Subject{Kind: authcore.SubjectDevice, ID: device}, h.clock.Now()
	h.write(t, func(tx authcore.Tx) error {
		_, err := tx.EndSessions(of, now)
		_, bumped := tx.BumpEpoch(of, now)
		return errors.Join(err, bumped)
	})
	h.refresh(t)
}

// boundHouse is a member with one session that is bound and one that is not.
func boundHouse(t *testing.T, change func(*authcore.Options)) (h *house, m *member, d authcore.Device, account string, bound, free authcore.Login) {
	t.Helper()
	h = newCore(t, change)
	m = h.browser(t, "alice")
	account = h.bank(t, m.user).ID
	d = h.registered(t, m.user, authcore.Client{Account: account, Key: "k", Marks: authcore.Marks{Secret: digest("secret")}})
	free = h.login(t, m)
	old := h.login(t, m)
	bound, err := h.Logins.Bind(t.Context(), authcore.ActingUser(h.passes(t, old.Token)), atDoor(authcore.DoorPortal), authcore.Binding{Secret: "secret"})
	must(t, err)
	return h, m, d, account, bound, free
}

func atDoor(door string) authcore.Attempt {
	a := attempt("")
	a.ClientID = door
	return a
}

// SES-07, SES-11: with a client device everything ends that is bound to it, streams
// included: here at once, on another node by the feed, and at the first look of a node that
// never heard of it. The user's other sessions go on, unless he is gone himself.
func TestBoundSessionsEndWithTheirDevice(t *testing.T) {
	for _, c := range ended {
		t.Run(c.name, func(t *testing.T) {
			h, _, d, account, bound, free := boundHouse(t, nil)
			node := h.again(t, nil)
			var atHere, atThere authcore.Stream
			here := h.Gatekeeper.Attach(t.Context(), &atHere, h.passes(t, bound.Token))
			defer atHere.End()
			there := node.Gatekeeper.Attach(t.Context(), &atThere, node.passes(t, bound.Token))
			defer atThere.End()
			c.end(t, h, d, account)
			h.refuses(t, bound.Token)
			if !errors.Is(causeOf(here), authcore.ErrRevoked) {
				t.Errorf("here the stream ended with %v", causeOf(here))
			}
			node.refresh(t)
			node.refuses(t, bound.Token)
			if !errors.Is(causeOf(there), authcore.ErrRevoked) {
				t.Errorf("there the stream ended with %v", causeOf(there))
			}
			late := h.again(t, nil)
			h.write(t, func(tx authcore.Tx) error {
				_, err := tx.Prune(authcore.Retention{Now: h.clock.Now(), EpochBefore: h.clock.Now().Add(time.Hour)})
				return err
			})
			late.refuses(t, bound.Token)
			if c.name != "its user is removed" {
				late.passes(t, free.Token)
			}
		})
	}
}

// At its first look a token is held against the rows, whatever the feed says: one that
// a device can't be bound to any more opens nothing.
func TestBoundSessionsAreHeldAgainstTheStore(t *testing.T) {
	for name, change := range map[string]func(tx authcore.Tx, d authcore.Device, account string) error{
		"its account is blocked": func(tx authcore.Tx, _ authcore.Device, account string) error {
			_, err := tx.MoveAccount(account, authcore.AccountBlocked, authcore.AccountActive)
			return err
		},
		"its status": func(tx authcore.Tx, d authcore.Device, _ string) error {
			_, err := tx.MoveDevice(d.ID, authcore.StatusBlocked, authcore.StatusActive)
			return err
		},
		"it is gone": func(tx authcore.Tx, d authcore.Device, _ string) error {
			return tx.RemoveDevice(d.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, _, d, account, bound, free := boundHouse(t, nil)
			h.again(t, nil).passes(t, bound.Token)
			h.write(t, func(tx authcore.Tx) error { return change(tx, d, account) })
			late := h.again(t, nil)
			late.refuses(t, bound.Token)
			late.passes(t, free.Token)
		})
	}
}

// TOK-08: a token without a client device is what it was before there were any; with one
// it has its epoch, and neither stands without the other.
func TestBoundTokens(t *testing.T) {
	h, _, d, _, bound, free := boundHouse(t, nil)
	plain, f := newForge(t, h, free.Token), newForge(t, h, bound.Token)
	if _, there := plain.claims["cdev"]; there || len(plain.claims["ep"].([]any)) != 3 {
		t.Errorf("a session that is not bound has %v", plain.claims)
	}
	if f.claims["cdev"] != d.ID || len(f.claims["ep"].([]any)) != 4 {
		t.Errorf("a bound session has %v", f.claims)
	}
	h.passes(t, f.withClaim(t, "unknown", 1))
	h.passes(t, plain.withClaim(t, "unknown", 1))
	for _, c := range []struct {
		name, claim string
		of          *forge
		value       any
	}{
		{"cdev missing", "cdev", f, absent{}},
		{"cdev null", "cdev", f, nil},
		{"cdev empty", "cdev", f, ""},
		{"cdev a number", "cdev", f, 1},
		{"cdev of another", "cdev", f, "00000000-0000-0000-0000-000000000000"},
		{"cdev, the device of the code", "cdev", f, f.claims["dev"]},
		{"ep of three", "ep", f, []int{0, 0, 0}},
		{"ep of five", "ep", f, []int{0, 0, 0, 0, 0}},
		{"the client device's epoch behind", "ep", f, []int{0, 0, 0, -1}},
		{"ep of four without cdev", "ep", plain, []int{0, 0, 0, 0}},
		{"cdev empty, without its epoch", "cdev", plain, ""},
		{"cdev null, without its epoch", "cdev", plain, nil},
		{"cdev of a session that is not bound", "cdev", plain, d.ID},
	} {
		t.Run(c.name, func(t *testing.T) { h.refuses(t, c.of.withClaim(t, c.claim, c.value)) })
	}
	t.Run("both, of a session that is not bound", func(t *testing.T) {
		plain.claims["cdev"] = d.ID
		h.refuses(t, plain.withClaim(t, "ep", []int{0, 0, 0, 0}))
	})
	h.passes(t, f.withClaim(t, "unknown", 2)) // none of these has taught the node anything
}

// Law 1: a client device at the gate.
func TestDecideByDevice(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	bound := &authcore.Principal{UserID: "u", ClientDevice: "d", Groups: []string{"staff"}, OTPTime: now}
	free := &authcore.Principal{UserID: "u", Groups: []string{"staff"}, OTPTime: now}
	device, group, age := authcore.Demand{Device: true}, authcore.Demand{Groups: []string{"owners"}}, authcore.Demand{OTPMaxAge: time.Minute}
	for _, c := range []struct {
		name    string
		demands []authcore.Demand
		p       *authcore.Principal
		at      time.Time
		code    authcore.Code // empty: it passes
		reason  authcore.Reason
	}{
		{"bound", []authcore.Demand{device}, bound, now, "", ""},
		{"not bound", []authcore.Demand{device}, free, now, authcore.CodeForbidden, authcore.ReasonClientDevice},
		{"not bound, and no demand", []authcore.Demand{{}}, free, now, "", ""},
		{"nobody", []authcore.Demand{device}, nil, now, authcore.CodeUnauthenticated, ""},
		{"the last of many demands", []authcore.Demand{{}, age, device}, free, now, authcore.CodeForbidden, authcore.ReasonClientDevice},
		{"the first of many demands", []authcore.Demand{device, {}, age}, free, now, authcore.CodeForbidden, authcore.ReasonClientDevice},
		{"after the group", []authcore.Demand{device, group}, free, now, authcore.CodeForbidden, ""},
		{"after the age", []authcore.Demand{device, age}, free, now.Add(time.Hour), authcore.CodeStepUp, ""},
		{"bound, and not in the group", []authcore.Demand{device, group}, bound, now, authcore.CodeForbidden, ""},
		{"bound, and too old", []authcore.Demand{{Device: true, OTPMaxAge: time.Minute}}, bound, now.Add(time.Hour), authcore.CodeStepUp, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := authcore.Decide(true, c.demands, c.p, c.at) // an open path too
			if c.code == "" {
				must(t, err)
				return
			}
			if wantCode(t, err, c.code); authcore.ReasonOf(err) != c.reason {
				t.Errorf("the reason is %q", authcore.ReasonOf(err))
			}
		})
	}
}
