package authcore

import (
	"testing"
	"time"
)

// held is what a token is held against.
type held struct {
	c claims
	s Session
	u User
	d Device
	b bond
}

// bind makes the session one that is bound.
func (r *held) bind() {
	r.s.ClientDevice, r.c.Client, r.c.Epochs = "c", "c", []int64{3, 3, 3, 3}
	r.b = bond{Device{ID: "c", UserID: "u", Kind: KindClient, Status: StatusActive, Epoch: 3}, true}
}

// TOK-14, law 6: at its first look a token is held against the rows as they
// are, each by itself, whatever the feed still knows.
func TestStands(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := &Gatekeeper{&Core{factors: Factors{KindTOTP}}}
	for _, c := range []struct {
		name   string
		change func(r *held)
		want   bool
	}{
		{"as it should be", func(*held) {}, true},
		{"token younger than the rows", func(r *held) { r.c.Epochs = []int64{9, 9, 9} }, true},
		{"ended", func(r *held) { r.s.EndedAt = now.Add(time.Hour) }, false},
		{"expired", func(r *held) { r.s.ExpiresAt = now }, false},
		{"disabled", func(r *held) { r.u.Disabled = true }, false},
		{"blocked", func(r *held) { r.d.Status = StatusBlocked }, false},
		{"kind not named", func(r *held) { r.d.Kind = KindHOTP }, false},
		{"user epoch", func(r *held) { r.u.Epoch = 4 }, false},
		{"device epoch", func(r *held) { r.d.Epoch = 4 }, false},
		{"session epoch", func(r *held) { r.s.Epoch = 4 }, false},
		{"another audience", func(r *held) { r.s.Audience = "b" }, false},
		{"all audiences, where each has its own", func(r *held) { r.s.Audience, r.s.ClientID = "*", DoorPortal }, false},
		{"another subject", func(r *held) { r.c.Subject = "v" }, false},
		{"another device", func(r *held) { r.c.Device = "e" }, false},
		{"a device that was given to another", func(r *held) { r.d.UserID = "v" }, false},
		{"a session for which no code was shown", func(r *held) { r.s.OTPTime = time.Time{} }, false},
		{"another tenant", func(r *held) { r.c.Tenant = "b" }, false},
		{"bound", func(r *held) { r.bind() }, true},
		{"bound, token younger than the rows", func(r *held) { r.bind(); r.c.Epochs[3] = 9 }, true},
		{"bound, and the token says nothing of it", func(r *held) { r.bind(); r.c.Client, r.c.Epochs = "", r.c.Epochs[:3] }, false},
		{"not bound, and the token says so", func(r *held) { r.bind(); r.s.ClientDevice, r.b = "", bond{} }, false},
		{"bound to another", func(r *held) { r.bind(); r.s.ClientDevice, r.b.device.ID = "e", "e" }, false},
		{"client device epoch", func(r *held) { r.bind(); r.b.device.Epoch = 4 }, false},
		{"client device blocked", func(r *held) { r.bind(); r.b.device.Status = StatusBlocked }, false},
		{"client device of another kind", func(r *held) { r.bind(); r.b.device.Kind = KindTOTP }, false},
		{"client device of another user", func(r *held) { r.bind(); r.b.device.UserID = "v" }, false},
		{"client device of no account that is active", func(r *held) { r.bind(); r.b.open = false }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := held{
				claims{Subject: "u", Device: "d", Tenant: "t", Audience: []string{"a"}, Epochs: []int64{3, 3, 3}, OTPTime: now.Unix()},
				Session{ID: "s", UserID: "u", DeviceID: "d", Audience: "a", OTPTime: now, ExpiresAt: now.Add(time.Second), Epoch: 3},
				User{ID: "u", Tenant: "t", Epoch: 3},
				Device{ID: "d", UserID: "u", Kind: KindTOTP, Status: StatusActive, Epoch: 3},
				bond{},
			}
			c.change(&r)
			if got := g.stands(r.c, r.s, r.u, r.d, r.b, now); got != c.want {
				t.Errorf("stands: %v, want %v", got, c.want)
			}
		})
	}
}

// A session is for its own site, or, when browsers have one login, for all if it is
// a browser's.
func TestCovers(t *testing.T) {
	for _, c := range []struct {
		audience, door string
		oneLogin, want bool
	}{
		{"a", "api", false, true},
		{"b", "api", false, false},
		{"b", DoorPortal, true, false},
		{"*", DoorPortal, true, true},
		{"*", DoorPortal, false, false},
		{"*", "api", true, false},
	} {
		g := &Gatekeeper{&Core{oneLogin: c.oneLogin}}
		if got := g.covers(Session{Audience: c.audience, ClientID: c.door}, claims{Audience: []string{"a"}}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// SES-04: only a browser's token is renewed, however long a session is.
func TestRenewIsForBrowsers(t *testing.T) {
	now := time.Now()
	g := &Gatekeeper{&Core{clock: SystemClock{}, idle: time.Hour}}
	if token, ok := g.Renew(&Principal{ClientID: "api", ExpiresAt: now.Add(time.Minute), ends: now.Add(time.Hour)}); ok || token != "" {
		t.Error("an API's token is renewed")
	}
}
