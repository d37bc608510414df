package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// Whoever knows the name of an integrator can call in it where nothing is signed: that takes
// nothing from what the integrator signs, nor from who calls from elsewhere, and has an end.
func TestUnsignedCallsHaveARateOfTheirOwn(t *testing.T) {
	h := newCore(t, nil)
	acme := h.sharer(t, authcore.Integrator{Name: "acme", Rate: 2})
	in := func(k authcore.SharedKnock) (in int) {
		t.Helper()
		for range 4 {
			actor, err := h.Integrators.AdmitShared(t.Context(), k)
			if err == nil && actor.String() == "integrator:acme" {
				in++
				continue
			}
			wantReason(t, err, authcore.CodeThrottled, authcore.ReasonRate)
			if wait := retryAfter(err); wait != 30*time.Second {
				t.Errorf("it is to wait for %s, want 30s", wait)
			}
		}
		return in
	}
	from := func(address string) authcore.SharedKnock {
		return authcore.SharedKnock{Dialect: "fake", Name: "acme", Audience: site, From: authcore.Origin{Address: address}, Unsigned: true}
	}
	signed, _ := acme.call("a call")
	wantIn(t, "from one address", in(from("192.0.2.1")), 2)
	wantIn(t, "from another", in(from("192.0.2.2")), 2)
	wantIn(t, "from a network that one caller has", in(from("2001:db8::1")), 2)
	wantIn(t, "from another address of it", in(from("2001:db8::2")), 0)
	wantIn(t, "signed, from the first address", in(signed), 2)
}

// Who shows a name alone learns of which tenant it is, and may do nothing.
func TestUnsignedMayDoNothing(t *testing.T) {
	h := newCore(t, nil)
	h.sharer(t, authcore.Integrator{Name: "acme"})
	u := h.user(t, "alice")
	k := authcore.SharedKnock{Dialect: "fake", Name: "acme", Audience: site, From: authcore.Origin{Address: "192.0.2.1"}, Unsigned: true}
	actor, err := h.Integrators.AdmitShared(t.Context(), k)
	must(t, err)
	if actor.Tenant() != authcore.DefaultTenant {
		t.Errorf("it is of the tenant %q", actor.Tenant())
	}
	_, err = h.Devices.Register(t.Context(), actor, authcore.Enrolment{User: u.ID, Kind: authcore.KindTOTP})
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Devices.List(t.Context(), actor, "")
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Users.Get(t.Context(), actor, u.ID)
	wantCode(t, err, authcore.CodeNotFound)
	wantCode(t, h.Integrators.MayAsk(t.Context(), actor, "fly", k.From), authcore.CodeForbidden)
}

// What nothing verifies is refused: a caller that forgot to say how is nobody, and who says
// that nothing is signed shows neither a token nor a signature.
func TestUnsignedIsSaid(t *testing.T) {
	h := newCore(t, nil)
	acme, keyed := h.sharer(t, authcore.Integrator{Name: "acme"}), h.partner(t, authcore.Integrator{Name: "keyed"})
	far := h.sharer(t, authcore.Integrator{Name: "far", Allow: prefixes(t, "198.51.100.0/24")})
	token := h.appToken(t, acme).Token
	for what, change := range map[string]func(*authcore.SharedKnock){
		"nothing is said":            func(k *authcore.SharedKnock) { k.Unsigned, k.Verify = false, nil },
		"a signature beside it":      func(*authcore.SharedKnock) {},
		"a token beside it":          func(k *authcore.SharedKnock) { k.Verify, k.Token = nil, token },
		"a token alone":              func(k *authcore.SharedKnock) { k.Unsigned, k.Verify, k.Token, k.Name = false, nil, token, "" },
		"an unknown name":            func(k *authcore.SharedKnock) { k.Verify, k.Name = nil, "nobody" },
		"of who shares no secret":    func(k *authcore.SharedKnock) { k.Verify, k.Name = nil, keyed.Name },
		"another dialect":            func(k *authcore.SharedKnock) { k.Verify, k.Dialect = nil, "surepassid" },
		"from where he may not be":   func(k *authcore.SharedKnock) { k.Verify, k.Name = nil, far.Name },
		"no name, where several are": func(k *authcore.SharedKnock) { k.Verify, k.Name = nil, "" },
	} {
		k, _ := acme.call(what)
		k.Unsigned = true
		change(&k)
		actor, err := h.Integrators.AdmitShared(t.Context(), k)
		if actor != (authcore.Actor{}) {
			t.Errorf("%s: %s is let in", what, actor)
		}
		wantReason(t, err, authcore.CodeUnauthenticated, authcore.ReasonIntegrator)
	}
}
