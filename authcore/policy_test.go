package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// Law 1, law 10, SES-06: the decision of the gate.
func TestDecide(t *testing.T) {
	now := authtest.NewClock().Now()
	since := func(age time.Duration) *authcore.Principal {
		return &authcore.Principal{UserID: "u", Groups: []string{"staff", "admins"}, OTPTime: now.Add(-age)}
	}
	demand := func(age time.Duration, groups ...string) []authcore.Demand {
		return []authcore.Demand{{OTPMaxAge: age, Groups: groups}}
	}
	const pass = authcore.Code("")
	for _, c := range []struct {
		name    string
		open    bool
		demands []authcore.Demand
		p       *authcore.Principal
		want    authcore.Code
	}{
		{"zero values", false, nil, nil, authcore.CodeUnauthenticated},
		{"an empty principal", false, nil, &authcore.Principal{}, authcore.CodeUnauthenticated},
		{"a login", false, nil, since(0), pass},
		{"open", true, nil, nil, pass},
		{"open, with a demand, without a login", true, demand(0), nil, authcore.CodeUnauthenticated},
		{"open, with a demand of another group", true, demand(0, "owners"), since(0), authcore.CodeForbidden},
		{"one of the groups", false, demand(0, "owners", "admins"), since(0), pass},
		{"none of the groups", false, demand(0, "owners"), since(0), authcore.CodeForbidden},
		{"a group in another case", false, demand(0, "Admins"), since(0), authcore.CodeForbidden},
		{"a group by its beginning", false, demand(0, "admin"), since(0), authcore.CodeForbidden},
		{"all demands apply, the last too", false, append(demand(0, "staff"), demand(0, "owners")...), since(0), authcore.CodeForbidden},
		{"all demands apply, the first too", false, append(demand(0, "owners"), demand(0, "staff")...), since(0), authcore.CodeForbidden},
		{"the code is just young enough", false, demand(5 * time.Minute), since(5 * time.Minute), pass},
		{"the code is too old", false, demand(5 * time.Minute), since(5*time.Minute + time.Nanosecond), authcore.CodeStepUp},
		{"any age", false, demand(0), since(1000 * time.Hour), pass},
		{"another node's clock is ahead", false, demand(5 * time.Minute), since(-30 * time.Second), pass},
		{"the clock was set back", false, demand(5 * time.Minute), since(-31 * time.Second), authcore.CodeStepUp},
		{"no code at all", false, demand(5 * time.Minute), &authcore.Principal{UserID: "u"}, authcore.CodeStepUp},
		{"the group comes before the age", false, demand(time.Minute, "owners"), since(time.Hour), authcore.CodeForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := authcore.Decide(c.open, c.demands, c.p, now)
			if c.want == pass {
				must(t, err)
				return
			}
			wantCode(t, err, c.want)
		})
	}
	t.Run("the gatekeeper asks its clock", func(t *testing.T) {
		h := newCore(t, nil)
		h.clock.Turn(6 * time.Minute)
		wantCode(t, h.Gatekeeper.Decide(false, demand(5*time.Minute), since(0)), authcore.CodeStepUp)
		must(t, h.Gatekeeper.Decide(false, demand(7*time.Minute), since(0)))
	})
}

// Law 6, OTP-13: the one function that decides that a second factor counts.
func TestFactorsSatisfied(t *testing.T) {
	now := authtest.NewClock().Now()
	good := authcore.Device{ID: "d", Kind: authcore.KindTOTP, Status: authcore.StatusActive}
	both := authcore.Factors{authcore.KindTOTP, authcore.KindHOTP}
	for _, c := range []struct {
		name    string
		factors authcore.Factors
		change  func(d *authcore.Device)
		at      time.Time
		want    bool
	}{
		{"an active device of a named kind", both, func(*authcore.Device) {}, now, true},
		{"no kind named", nil, func(*authcore.Device) {}, now, false},
		{"another kind named", authcore.Factors{authcore.KindHOTP}, func(*authcore.Device) {}, now, false},
		{"e-mail, not named", both, func(d *authcore.Device) { d.Kind = "email" }, now, false},
		{"e-mail, named", authcore.Factors{"email"}, func(d *authcore.Device) { d.Kind = "email" }, now, true},
		{"no kind", both, func(d *authcore.Device) { d.Kind = "" }, now, false},
		{"pending", both, func(d *authcore.Device) { d.Status = authcore.StatusPending }, now, false},
		{"blocked", both, func(d *authcore.Device) { d.Status = authcore.StatusBlocked }, now, false},
		{"deactivated", both, func(d *authcore.Device) { d.Status = authcore.StatusDeactivated }, now, false},
		{"rejected", both, func(d *authcore.Device) { d.Status = authcore.StatusRejected }, now, false},
		{"no status", both, func(d *authcore.Device) { d.Status = "" }, now, false},
		{"no device", both, func(d *authcore.Device) { d.ID = "" }, now, false},
		{"expires later", both, func(d *authcore.Device) { d.ExpiresAt = now.Add(time.Millisecond) }, now, true},
		{"has expired", both, func(d *authcore.Device) { d.ExpiresAt = now }, now, false},
		{"no code was accepted", both, func(*authcore.Device) {}, time.Time{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := good
			c.change(&d)
			if got := c.factors.Satisfied(d, c.at); got != c.want {
				t.Errorf("satisfied: %v, want %v", got, c.want)
			}
		})
	}
}

// PATH-05: an open path says what it means.
func TestOpenPathCheck(t *testing.T) {
	for _, good := range []string{"/", "/healthz", "/public/*", "/*", "/a/b.c/~d"} {
		if err := authcore.OpenPath(good).Check(); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "*", "healthz", "/a*", "/a/*/b", "/*/*", "/a/**", "/a/../b", "/a//b", "/a%20b", "/a?b", "/a#b", `/a\b`, "/a;b",
		"{env.X}", "/{http.request.uri}", "/a b", "/é", "/./a", "https://example.com/",
	} {
		wantCode(t, authcore.OpenPath(bad).Check(), authcore.CodeInvalid)
	}
}
