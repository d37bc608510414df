package integration

import (
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// DEV-12: the list tells where one is signed in, with what, since when, by which
// device, and which of them is this one; of another's it has nothing.
func TestSessionsPage(t *testing.T) {
	prepare := func(t *testing.T, m *minter) {
		carol := m.person(t, "carol")
		m.session(t, carol, carol.second, authcore.Attempt{ClientID: "onlyoffice", Audience: "files", Agent: "okhttp/4.12", From: authcore.Origin{Address: "192.0.2.7"}})
		m.session(t, carol, carol.second, authcore.Attempt{ClientID: "other", Agent: "curl/8.14"})
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		page := a.open("sessions", a.alice.now)
		a.wantText("sessions", page, http.StatusOK, "Firefox on Linux", "Chrome on Windows", "Browser", "Code generator", "UTC</time>",
			`action="/.doorward/sessions/end"`, `action="/.doorward/sessions/end-others"`, `href="/.doorward/sign-out"`)
		if n := strings.Count(page.body, "This session"); n != 1 {
			t.Errorf("%d sessions are this one", n)
		}
		for _, id := range a.sessionsOf(a.bob) {
			if strings.Contains(page.body, id) {
				t.Error("a session of another is in the list")
			}
		}
		if ids := a.sessionsOf(a.alice); strings.Contains(page.body, `name="session" value="`+ids[0]+`"`) || !strings.Contains(page.body, `name="session" value="`+ids[1]+`"`) {
			t.Error("this session is ended by signing out, the others by a form")
		}
		a.name, a.password = "carol", "mossy lantern kettle c"
		page = a.open("sessions", a.mustLogin())
		a.wantText("carol's sessions", page, http.StatusOK, "ONLYOFFICE app", "<bdi>files</bdi>", "<bdi>192.0.2.7</bdi>", "Program")
		for word, text := range map[string]string{"ended": "The session has ended.", "others": "All other sessions have ended."} {
			a.wantText(word, a.open("sessions?done="+word, a.alice.now), http.StatusOK, `role="status"`, text)
		}
		if strings.Contains(a.open("sessions?done=removed", a.alice.now).body, `role="status"`) {
			t.Error("a word of another page says something")
		}
	})
}

// A session is enough to end others, an old one too; this one ends as by a
// sign-out.
func TestEndSessions(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		ids := a.sessionsOf(a.alice) // now, too, stale
		a.wantGoes("another session", a.send("sessions/end", a.alice.stale, "session", ids[1]), "sessions?done=ended")
		a.wantSignedIn("the one that ended", a.alice.too, false)
		a.wantSignedIn("this session", a.alice.stale, true)
		a.wantGoes("it has ended", a.send("sessions/end", a.alice.stale, "session", ids[1]), "sessions?done=ended")
		got := a.send("sessions/end", a.alice.now, "session", ids[0])
		a.wantGoes("this session", got, "signed-out")
		if cookie := got.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "doorward=;") {
			t.Errorf("the cookie stays: %q", cookie)
		}
		a.wantSignedIn("the one that was left", a.alice.now, false)
		a.wantSignedIn("the last", a.alice.stale, true)
		a.wantSignedIn("bob's session", a.bob.now, true)

		before := a.sessionsOf(a.alice)
		a.wantGoes("all others", a.send("sessions/end-others", a.bob.stale), "sessions?done=others")
		for token, in := range map[string]bool{a.bob.now: false, a.bob.too: false, a.bob.stale: true} {
			a.wantSignedIn("bob", token, in)
		}
		if after := a.sessionsOf(a.alice); !reflect.DeepEqual(before, after) {
			t.Errorf("bob has ended sessions of alice: %v, %v", before, after)
		}
		for _, id := range []string{"", "x", a.alice.id} {
			a.wantStatus("no session", a.send("sessions/end", a.bob.stale, "session", id), http.StatusNotFound)
		}
	})
}

// SES-07: who changes his password is signed out everywhere, and only the new one
// opens; each thing that is wrong is told at its field.
func TestPasswordPage(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		const another = "copper meadow thistle"
		a.wantText("the page", a.open("password", a.alice.stale), http.StatusOK,
			`name="present" type="password"`, `autocomplete="current-password"`, `autocomplete="new-password"`, "At least 8 characters")
		change := func(present, new, again string) answer {
			return a.send("password", a.alice.now, "present", present, "new", new, "again", again)
		}
		for _, c := range []struct {
			what, present, new, again string
			status                    int
			field, text               string
		}{
			{"wrong", another, another, another, http.StatusForbidden, "present", "not your current password"},
			{"none", "", another, another, http.StatusForbidden, "present", "not your current password"},
			{"not the same", a.alice.password, another, another + "s", http.StatusUnprocessableEntity, "again", "are not the same"},
			{"too short", a.alice.password, "7 chars", "7 chars", http.StatusUnprocessableEntity, "new", "won't do"},
			{"common", a.alice.password, "password1", "password1", http.StatusUnprocessableEntity, "new", "won't do"},
			{"the present one", a.alice.password, a.alice.password, a.alice.password, http.StatusUnprocessableEntity, "new", "won't do"},
			{"empty", a.alice.password, "", "", http.StatusUnprocessableEntity, "new", "won't do"},
		} {
			got := change(c.present, c.new, c.again)
			a.wantText(c.what, got, c.status, `role="alert"`, `id="`+c.field+`-error"`, strings.ReplaceAll(c.text, "'", "&#39;"))
			if n := strings.Count(got.body, `aria-invalid="true"`); n != 1 {
				t.Errorf("%s: %d fields are wrong, want 1", c.what, n)
			}
			if strings.Contains(got.body, `value="`+c.new) && c.new != "" || strings.Contains(got.body, a.alice.password) {
				t.Errorf("%s: the page shows what was typed", c.what)
			}
		}
		a.wantSignedIn("after all that", a.alice.too, true)
		got := change(a.alice.password, another, another)
		a.wantGoes("changed", got, "sign-in?done=password")
		if cookie := got.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "doorward=;") {
			t.Errorf("the cookie stays: %q", cookie)
		}
		for _, token := range []string{a.alice.now, a.alice.too, a.alice.stale} {
			a.wantSignedIn("alice", token, false)
		}
		a.wantSignedIn("bob", a.bob.now, true)
		a.name, a.password = "alice", another
		a.mustLogin()
		a.password = a.alice.password
		if status, _ := a.login(a.addHOTP().code(0)); status != http.StatusUnauthorized {
			t.Errorf("the old password gives %d", status)
		}
	})
}

// A wrong present password counts as at a sign-in.
func TestPasswordPageCountsTries(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		for range authcore.DefaultLimits().PasswordAddress.InARow {
			got := a.send("password", a.alice.now, "present", "wrong", "new", "copper meadow thistle", "again", "copper meadow thistle")
			a.wantStatus("wrong", got, http.StatusForbidden)
		}
		got := a.send("password", a.alice.now, "present", a.alice.password, "new", "copper meadow thistle", "again", "copper meadow thistle")
		a.wantStatus("the right one after too many", got, http.StatusForbidden)
		a.wantSignedIn("alice", a.alice.now, true)
	})
}

var codeItem = regexp.MustCompile(`<li>([a-z2-7]{13})</li>`)

// DEV-08: backup codes are made by a form, shown in that one answer, which no
// cache keeps, and replace those before; each signs in once.
func TestBackupCodesPage(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		a.wantText("none", a.open("backup-codes", a.alice.now), http.StatusOK, "You have no backup codes", "stands in for a device")
		got := a.send("backup-codes", a.alice.now, "set", "-1")
		a.wantText("made", got, http.StatusOK, "keep them like a password", `role="status"`)
		first := codeItem.FindAllStringSubmatch(got.body, -1)
		if len(first) != 5 {
			t.Fatalf("%d codes were made", len(first))
		}
		for _, page := range []string{"backup-codes", "devices", "sessions"} {
			again := a.open(page, a.alice.now)
			for _, code := range first {
				if strings.Contains(again.body, code[1]) {
					t.Errorf("%s shows a code again", page)
				}
			}
		}
		a.name, a.password = "alice", a.alice.password
		if status, _ := a.login(first[0][1]); status != http.StatusCreated {
			t.Errorf("a code gives %d", status)
		}
		a.wantText("after one", a.open("backup-codes", a.alice.now), http.StatusOK, "You have 4 of 5 codes left.", "New ones replace all that you have.")
		a.wantText("after one", a.open("devices", a.alice.now), http.StatusOK, "You have 4 of 5 codes left.")
		again := a.send("backup-codes", a.alice.now, "set", "-1") // the form is sent again, as a browser that loads the page anew does
		a.wantText("again", again, http.StatusConflict, "No new codes were made")
		a.wantStatus("no set", a.send("backup-codes", a.alice.now), http.StatusUnprocessableEntity)
		a.wantText("anew", a.send("backup-codes", a.alice.now, "set", "0"), http.StatusOK, "Earlier ones no longer work.")
		if status, _ := a.login(first[1][1]); status != http.StatusUnauthorized {
			t.Errorf("a code that was replaced gives %d", status)
		}
		var list []struct{ Serial, Kind string }
		a.call("device/list", map[string]string{"user": "alice"}, &list)
		for _, d := range list {
			if d.Kind == "backup" {
				a.call("device/block", map[string]string{"device": d.Serial}, new(any))
			}
		}
		refused := a.send("backup-codes", a.alice.now, "set", "1")
		a.wantText("blocked", refused, http.StatusConflict, `role="alert"`, "No new codes were made")
		if codeItem.MatchString(refused.body) {
			t.Error("there are codes in the refusal")
		}
	})
}
