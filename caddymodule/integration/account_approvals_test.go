package integration

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// asActor is the user of a token, as the core knows him.
func (m *minter) asActor(t *testing.T, token string) authcore.Actor {
	t.Helper()
	p, err := m.Gatekeeper.Authenticate(t.Context(), token, "doorward")
	mustDo(t, err)
	return authcore.ActingUser(p)
}

// asks has a browser ask to be let in; it is called name.
func (m *minter) asks(t *testing.T, token, name string) (d authcore.ClientDevice, secret string) {
	t.Helper()
	actor := m.asActor(t, token)
	ways, err := m.Approvals.OwnWays(t.Context(), actor)
	mustDo(t, err)
	d, secret, err = m.Approvals.AskOwn(t.Context(), actor, authcore.OwnRequest{Name: "new", Way: append(ways, authcore.WayDevice)[0]})
	mustDo(t, err)
	_, err = m.Devices.Rename(t.Context(), authcore.Operator(), d.ID, name)
	mustDo(t, err)
	return d, secret
}

// bound is a session in place of that of token, on a browser that an operator lets in.
func (m *minter) bound(t *testing.T, token, name string) string {
	t.Helper()
	d, secret := m.asks(t, token, name)
	_, err := m.Approvals.Approve(t.Context(), authcore.Operator(), d.Serial)
	mustDo(t, err)
	login, err := m.Logins.Bind(t.Context(), m.asActor(t, token), authcore.Attempt{Audience: "doorward", ClientID: authcore.DoorPortal}, authcore.Binding{Secret: secret})
	mustDo(t, err)
	return login.Token
}

// To let a device in takes a session on another one and fresh factors; to refuse one and
// to change who lets them in takes fresh factors too (DEV-01, SES-06).
func TestWhoLetsADeviceIn(t *testing.T) {
	var serial, staleOnDevice string
	prepare := func(t *testing.T, m *minter) {
		alice := m.person(t, "carol")
		m.clock.Turn(-longAgo)
		staleOnDevice = m.bound(t, m.session(t, alice, alice.second, authcore.Attempt{}), "Old one")
		m.clock.Turn(longAgo)
		d, _ := m.asks(t, alice.now, "New one")
		serial = d.Serial
		carol = alice
		carolOnDevice = m.bound(t, alice.now, "Good one")
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		before := a.state()
		for _, what := range []string{"approve", "refuse", "strict"} {
			got := a.send("approvals/"+what, staleOnDevice, "id", serial, "strict", "1")
			a.wantGoes(what+" by old factors", got, "sign-in?again=1&to="+escaped("approvals?id="+serial))
		}
		a.wantText("by no device", a.send("approvals/approve", carol.too, "id", serial), http.StatusForbidden, "this takes a session on a registered device", `role="alert"`)
		a.wantStatus("by nobody's name", a.send("approvals/approve", carolOnDevice), http.StatusNotFound)
		if after := a.state(); !reflect.DeepEqual(before, after) {
			t.Errorf("something has changed:\n%+v\n%+v", before, after)
		}
		a.wantText("the list", a.open("approvals?id="+serial, carolOnDevice), http.StatusOK, "New one", serial, `value="`+serial+`"`)
		a.wantGoes("approve", a.send("approvals/approve", carolOnDevice, "id", serial), "approvals?done=approved")
		if got := a.shown(serial).Status; got != "active" {
			t.Errorf("the device is %s", got)
		}
		for word, text := range map[string]string{
			"approved": "The device was approved.", "refused": "The device was refused.", "strict": "From now on only a registered device", "lifted": "A code lets a new browser",
		} {
			a.wantText(word, a.open("approvals?done="+word, carolOnDevice), http.StatusOK, `role="status"`, text)
		}
	})
}

var (
	carol         *person
	carolOnDevice string
)

// SES-04: a page that loads itself anew is no use of the session: it would never be idle.
func TestWaitingIsNoUse(t *testing.T) {
	var old string
	prepare := func(t *testing.T, m *minter) {
		dora := m.person(t, "dora")
		const past = 20 * 60 * 1e9 // of the half hour that a browser may do nothing
		m.clock.Turn(-past)
		old = m.session(t, dora, dora.second, authcore.Attempt{})
		m.clock.Turn(past)
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		for page, renews := range map[string]bool{"browser/wait": false, "browser": true, "approvals": true} {
			got := a.open(page, old)
			renewed := slices.ContainsFunc(got.header["Set-Cookie"], func(c string) bool { return strings.HasPrefix(c, "doorward=e") })
			if renewed != renews || got.status >= 400 {
				t.Errorf("%s: %d, renewed: %v, want %v", page, got.status, renewed, renews)
			}
		}
	})
}
