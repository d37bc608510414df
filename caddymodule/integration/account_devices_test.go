package integration

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Who is not signed in is led to the sign-in and from there back: whatever a
// cookie says, and whatever is posted.
func TestAccountNeedsASession(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		before, id := a.state(), a.alice.first.Device.Serial
		for page, back := range map[string]string{
			"devices": "devices", "device?id=" + id: "device?id=" + id, "device/block?id=" + id: "device/block?id=" + id,
			"device/remove?id=" + id: "device/remove?id=" + id, "backup-codes": "backup-codes", "sessions": "sessions", "password": "password",
			"devices?done=added": "devices", "device?id=%00": "device", "approvals?done=approved": "approvals",
			"browser?way=phone&to=/x": "browser?to=%2Fx", "browser/code?to=//x": "browser?to=%2F", "browser/wait?to=/x&still=1": "browser?to=%2Fx",
		} {
			for _, token := range []string{"", "x", a.alice.now[:len(a.alice.now)-4]} {
				a.wantGoes(page, a.open(page, token), "sign-in?to="+escaped(back))
			}
		}
		for page, back := range map[string]string{
			"device/rename": "device?id=" + id, "device/block": "device/block?id=" + id, "device/remove": "device/remove?id=" + id,
			"backup-codes": "backup-codes?id=" + id, "sessions/end": "sessions?id=" + id, "sessions/end-others": "sessions?id=" + id, "password": "password?id=" + id,
			"approvals/approve": "approvals?id=" + id, "approvals/refuse": "approvals?id=" + id, "approvals/strict": "approvals?id=" + id,
			"browser": "browser?to=%2F", "browser/code": "browser?to=%2F", "browser/code/send": "browser?to=%2F",
		} {
			a.wantGoes("POST "+page, a.send(page, "", "id", id, "name", "mine"), "sign-in?to="+escaped(back))
		}
		if after := a.state(); !reflect.DeepEqual(before, after) {
			t.Errorf("something has changed:\n%+v\n%+v", before, after)
		}
		a.wantGoes("the root", a.open("", a.alice.now), "devices")
	})
}

func escaped(page string) string {
	return strings.NewReplacer("/", "%2F", "?", "%3F", "=", "%3D", "%", "%25").Replace("/.doorward/" + page)
}

// The list has what one uses, each with what it is, and what can be added; of
// another's there is nothing (DEV-12).
func TestDevicesPage(t *testing.T) {
	prepare := func(t *testing.T, m *minter) {
		for _, e := range []authcore.Enrolment{
			{Kind: authcore.KindEmail, Address: "alice@example.com", Serial: "letters"},
			{Kind: authcore.KindTOTP, Serial: "retired"},
			{Kind: authcore.KindTOTP, Serial: "stopped"},
		} {
			e.User = "alice"
			_, err := m.Devices.Register(t.Context(), authcore.Operator(), e)
			mustDo(t, err)
		}
		_, err := m.Devices.Deactivate(t.Context(), authcore.Operator(), "retired")
		mustDo(t, err)
		_, err = m.Devices.Block(t.Context(), authcore.Operator(), "stopped")
		mustDo(t, err)
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		page := a.open("devices", a.alice.now)
		a.wantText("devices", page, http.StatusOK, a.alice.first.Device.Serial, a.alice.second.Device.Serial,
			"Code generator", "E-mail", "alice@example.com", "Authenticator app", "Blocked", "Active", "Last used", "Never",
			`href="/.doorward/device?id=letters"`, "Add an authenticator app", "Add an e-mail address", "You have no backup codes",
			"Signed in as <bdi>alice</bdi>")
		for _, text := range []string{"retired", "Add a phone", "bob", a.bob.first.Device.Serial, `role="status"`} {
			if strings.Contains(page.body, text) {
				t.Errorf("the list has %q", text)
			}
		}
		if n := strings.Count(page.body, "You signed in here with it."); n != 1 {
			t.Errorf("%d devices have opened this session, want 1", n)
		}
		for word, text := range map[string]string{
			"added": "The device was added.", "renamed": "The name was saved.", "blocked": "The device was blocked.", "removed": "The device was removed.",
		} {
			a.wantText(word, a.open("devices?done="+word, a.alice.now), http.StatusOK, `role="status"`, text)
		}
		for _, word := range []string{"", "ended", "%3Cb%3E", "added&done=removed%00"} {
			if page := a.open("devices?done="+word, a.alice.now); word != "added&done=removed%00" && strings.Contains(page.body, `role="status"`) {
				t.Errorf("done=%s says something", word)
			}
		}
		a.wantText("a device", a.open("device?id="+a.alice.first.Device.Serial, a.alice.now), http.StatusOK, `action="/.doorward/device/rename"`, "Block", "Remove")
		if blocked := a.open("device?id=stopped", a.alice.now); strings.Contains(blocked.body, "device/block") {
			t.Error("a blocked device can be blocked")
		}
	})
}

// A session is enough to give a device a name, an old one too.
func TestRenameDevice(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		id := a.alice.first.Device.Serial
		a.wantGoes("a name", a.send("device/rename", a.alice.stale, "id", id, "name", "Мой ключ"), "devices?done=renamed")
		a.wantText("the list", a.open("devices", a.alice.now), http.StatusOK, "<bdi>Мой ключ</bdi>")
		long := strings.Repeat("x", 65)
		a.wantText("a name too long", a.send("device/rename", a.alice.now, "id", id, "name", long), http.StatusUnprocessableEntity,
			`role="alert"`, `aria-invalid="true"`, `aria-describedby="name-hint name-error"`, `value="`+long+`"`)
		if n := strings.Count(a.send("device/rename", a.alice.now, "id", id, "name", long).body, long); n != 1 {
			t.Errorf("what was typed stands %d times, want 1: in the field", n)
		}
		a.wantText("the old one stays", a.open("devices", a.alice.now), http.StatusOK, "Мой ключ")
		a.wantGoes("none", a.send("device/rename", a.alice.now, "id", id, "name", ""), "devices?done=renamed")
		if strings.Contains(a.open("devices", a.alice.now).body, "Мой ключ") {
			t.Error("the name was not taken away")
		}
	})
}

// DEV-12, SES-07: who stops a device ends the sessions that it opened, in both
// browsers, and no other; the last one stays.
func TestStopDevices(t *testing.T) {
	for word, status := range map[string]string{"block": "blocked", "remove": "deactivated"} {
		t.Run(word, func(t *testing.T) {
			onBothStores(t, nil, func(t *testing.T, a *accounts) {
				other, own := a.alice.second, a.alice.first
				before := a.state()
				a.wantText("asking", a.open("device/"+word+"?id="+other.Device.Serial, a.alice.now), http.StatusOK,
					"all sessions opened with it end", `method="post" action="/.doorward/device/`+word+`"`)
				a.wantText("asking about one's own", a.open("device/"+word+"?id="+own.Device.Serial, a.alice.now), http.StatusOK, "you will be signed out")
				if after := a.state(); !reflect.DeepEqual(before, after) {
					t.Errorf("asking has changed something:\n%+v\n%+v", before, after)
				}
				a.wantGoes(word, a.send("device/"+word, a.alice.now, "id", other.Device.Serial), "devices?done="+doneBy[word])
				if got := a.statusOf(other); got != status {
					t.Errorf("after %s the device is %s", word, got)
				}
				a.wantSignedIn("a session by the device", a.alice.too, false)
				a.wantSignedIn("this session", a.alice.now, true)
				a.wantSignedIn("bob's session", a.bob.now, true)
				last := a.send("device/"+word, a.alice.now, "id", own.Device.Serial)
				a.wantText("the last device", last, http.StatusConflict, "last device", `role="alert"`)
				if got := a.statusOf(own); got != "active" {
					t.Errorf("the last device is %s", got)
				}
				a.wantSignedIn("this session", a.alice.now, true)
			})
		})
	}
}

var doneBy = map[string]string{"block": "blocked", "remove": "removed"}

// Who stops the device that he has signed in with is signed out.
func TestStopTheDeviceOfThisSession(t *testing.T) {
	for word := range doneBy {
		t.Run(word, func(t *testing.T) {
			onBothStores(t, nil, func(t *testing.T, a *accounts) {
				got := a.send("device/"+word, a.alice.now, "id", a.alice.first.Device.Serial)
				a.wantGoes(word, got, "sign-in?done=device")
				if cookie := got.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "doorward=;") || !strings.Contains(cookie, "Max-Age=0") {
					t.Errorf("the cookie stays: %q", cookie)
				}
				a.wantSignedIn("this session", a.alice.now, false)
				a.wantSignedIn("a session by the other device", a.alice.too, true)
				again := a.send("device/block", a.alice.too, "id", a.alice.first.Device.Serial)
				if word == "block" {
					a.wantText("blocking it again", again, http.StatusConflict, "not active")
				} else {
					a.wantStatus("blocking what is gone", again, http.StatusNotFound)
				}
			})
		})
	}
}

// DEV-01, SES-06: a change of factors needs both, shown ten minutes ago at most.
func TestOldFactorsChangeNothing(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		before, id := a.state(), a.alice.first.Device.Serial
		for page, back := range map[string]string{
			"device/block": "device/block?id=" + id, "device/remove": "device/remove?id=" + id,
			"backup-codes": "backup-codes?id=" + id, "password": "password?id=" + id,
		} {
			got := a.send(page, a.alice.stale, "id", id, "set", "-1", "present", a.alice.password, "new", "another good one", "again", "another good one")
			a.wantGoes(page, got, "sign-in?again=1&to="+escaped(back))
		}
		if after := a.state(); !reflect.DeepEqual(before, after) {
			t.Errorf("something has changed:\n%+v\n%+v", before, after)
		}
		a.wantText("the codes", a.open("backup-codes", a.alice.now), http.StatusOK, "You have no backup codes")
	})
}
