package authcore

import (
	"testing"
	"time"
)

// TOK-14, law 6: at its first look a token is held against the rows as they
// are, each by itself, whatever the feed still knows.
func TestStands(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := &Gatekeeper{&Core{factors: Factors{KindTOTP}}}
	type rows struct {
		c claims
		s Session
		u User
		d Device
		b bond
	}
	for _, c := range []struct {
		name   string
		change func(r *rows)
		want   bool
	}{
		{"as it should be", func(*rows) {}, true},
		{"token younger than the rows", func(r *rows) { r.c.Epochs = []int64{9, 9, 9} }, true},
		{"ended", func(r *rows) { r.s.EndedAt = now.Add(time.Hour) }, false},
		{"expired", func(r *rows) { r.s.ExpiresAt = now }, false},
		{"disabled", func(r *rows) { r.u.Disabled = true }, false},
		{"blocked", func(r *rows) { r.d.Status = StatusBlocked }, false},
		{"kind not named", func(r *rows) { r.d.Kind = KindHOTP }, false},
		{"user epoch", func(r *rows) { r.u.Epoch = 4 }, false},
		{"device epoch", func(r *rows) { r.d.Epoch = 4 }, false},
		{"session epoch", func(r *rows) { r.s.Epoch = 4 }, false},
		{"another audience", func(r *rows) { r.s.Audience = "b" }, false},
		{"all audiences, where each has its own", func(r *rows) { r.s.Audience, r.s.ClientID = "*", DoorPortal }, false},
		{"another subject", func(r *rows) { r.c.Subject = "v" }, false},
		{"another device", func(r *rows) { r.c.Device = "e" }, false},
		{"a device that was given to another", func(r *rows) { r.d.UserID = "v" }, false},
		{"a session for which no code was shown", func(r *rows) { r.s.OTPTime = time.Time{} }, false},
		{"another tenant", func(r *rows) { r.c.Tenant = "b" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rows{
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
