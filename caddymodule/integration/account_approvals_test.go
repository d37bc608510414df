package integration

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

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
	_, err := m.Approvals.Approve(t.Context(), authcore.Operator(), d.Serial, authcore.Origin{})
	mustDo(t, err)
	login, err := m.Logins.Bind(t.Context(), m.asActor(t, token), authcore.Attempt{Audience: "doorward", ClientID: authcore.DoorPortal}, authcore.Binding{Secret: secret})
	mustDo(t, err)
	return login.Token
}

// To let a device in takes a session on another one and fresh factors; to refuse one and
// to change who lets them in takes fresh factors too (DEV-01, SES-06).
func TestWhoLetsADeviceIn(t *testing.T) {
	var serial, onDevice, staleOnDevice string
	var carol *person
	prepare := func(t *testing.T, m *minter) {
		carol = m.person(t, "carol")
		m.clock.Turn(-longAgo)
		staleOnDevice = m.bound(t, m.session(t, carol, carol.second, authcore.Attempt{}), "Old one")
		m.clock.Turn(longAgo)
		d, _ := m.asks(t, carol.now, "New one")
		serial = d.Serial
		onDevice = m.bound(t, carol.now, "Good one")
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		before := a.state()
		for _, what := range []string{"approve", "refuse", "strict"} {
			got := a.send("approvals/"+what, staleOnDevice, "id", serial, "strict", "1")
			a.wantGoes(what+" by old factors", got, "sign-in?again=1&to="+escaped("approvals?id="+serial))
		}
		a.wantText("by no device", a.send("approvals/approve", carol.too, "id", serial), http.StatusForbidden, "this takes a session on a registered device", `role="alert"`)
		a.wantStatus("by nobody's name", a.send("approvals/approve", onDevice), http.StatusNotFound)
		if after := a.state(); !reflect.DeepEqual(before, after) {
			t.Errorf("something has changed:\n%+v\n%+v", before, after)
		}
		a.wantText("the list", a.open("approvals?id="+serial, onDevice), http.StatusOK, "New one", serial, `value="`+serial+`"`)
		a.wantGoes("approve", a.send("approvals/approve", onDevice, "id", serial), "approvals?done=approved")
		if got := a.shown(serial).Status; got != "active" {
			t.Errorf("the device is %s", got)
		}
		for word, text := range map[string]string{
			"approved": "The device was approved.", "refused": "The device was refused.", "strict": "From now on only a registered device", "lifted": "A code lets a new browser",
		} {
			a.wantText(word, a.open("approvals?done="+word, onDevice), http.StatusOK, `role="status"`, text)
		}
	})
}

// SES-04: a page that loads itself anew is no use of the session, which would never be
// idle.
func TestWaitingIsNoUse(t *testing.T) {
	app := newBackend(t, nil)
	d, tokens := openToBrowsers(t, app, caddyfile("", "", "reverse_proxy "+app.Listener.Addr().String()), false, 16*time.Minute)
	for page, renews := range map[string]bool{"browser/wait": false, "browser": true, "approvals": true} {
		status, _, h := d.do(http.MethodGet, "/.doorward/"+page, "", append(navigation, "Cookie", "doorward="+tokens[0])...)
		if renewed := len(h["Set-Cookie"]) > 0; renewed != renews || status >= 400 {
			t.Errorf("%s: %d %v, want a new token: %v", page, status, h["Set-Cookie"], renews)
		}
	}
}

// A request that nobody has decided within a day waits for nobody any more: the browser
// says so and asks again.
func TestNobodyLetItIn(t *testing.T) {
	var serial, secret string
	var erin *person
	prepare := func(t *testing.T, m *minter) {
		erin = m.person(t, "erin")
		actor := m.asActor(t, erin.now)
		m.clock.Turn(-25 * time.Hour)
		d, s, err := m.Approvals.AskOwn(t.Context(), actor, authcore.OwnRequest{Way: authcore.WayDevice})
		mustDo(t, err)
		serial, secret = d.Serial, s
		m.clock.Turn(25 * time.Hour)
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		for _, page := range []string{"browser", "browser/wait", "browser/code"} {
			b := a.browser()
			b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "doorward", Value: erin.now, Path: "/"}, {Name: "doorward-device", Value: secret, Path: "/"}})
			b.open("/.doorward/"+page).want(http.StatusOK, "Nobody let this browser in within a day", "Register this browser").lacks(serial)
		}
	})
}

// Who decides sees what an app's request is about: the account, what the app calls the
// device, and who asked.
func TestWhatAnAppAsksFor(t *testing.T) {
	const device = "0D4F42A4-2a16-4fae-b366-2f1b7c1a4a21"
	var onDevice string
	prepare := func(t *testing.T, m *minter) {
		carol := m.person(t, "carol")
		onDevice = m.bound(t, carol.now, "Good one")
		account, err := m.Accounts.Add(t.Context(), authcore.Operator(), authcore.NewAccount{Name: "savings"})
		mustDo(t, err)
		_, err = m.Accounts.AddApprover(t.Context(), authcore.Operator(), authcore.Approver{Account: account.ID, UserID: "carol", Document: "98765432100"})
		mustDo(t, err)
		_, key, err := m.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: "the-bank", Dialect: "qitech"})
		mustDo(t, err)
		bank, err := m.Integrators.Admit(t.Context(), authcore.Knock{Dialect: "qitech", Name: "the-bank", Key: key, Later: true})
		mustDo(t, err)
		_, err = m.Approvals.Ask(t.Context(), bank, authcore.DeviceRequest{
			Account: account.ID, Key: device, Session: device, Document: "98765432100", Way: authcore.WayDevice,
		})
		mustDo(t, err)
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		a.wantText("an app's request", a.open("approvals", onDevice), http.StatusOK,
			"an app the same device key", "<bdi>savings</bdi>", "Device key", "<bdi>"+device+"</bdi>", "Asked by", "<bdi>the-bank</bdi>")
	})
}

// Who has as many browsers as there may be is told that, and where to make room; a way that
// is not open is another thing.
func TestTooManyBrowsers(t *testing.T) {
	var carol *person
	prepare := func(t *testing.T, m *minter) {
		carol = m.person(t, "carol")
		for n := range authcore.MaxClients {
			m.asks(t, carol.now, fmt.Sprint("browser ", n))
		}
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		a.wantText("one too many", a.send("browser", carol.now, "way", "device"), http.StatusConflict, "you have as many browsers as there may be", `href="/.doorward/approvals"`)
		a.wantText("no such way", a.send("browser", carol.now, "way", "pigeon"), http.StatusConflict, "that way is not open to you")
	})
}
