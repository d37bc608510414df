package integration

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

func formOf(fields ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return form
}

// link is where the row of a list leads that has a text in its title.
func (p shownPage) link(t *testing.T, title string) string {
	t.Helper()
	for _, row := range strings.Split(p.body, "<li>")[1:] {
		if m := regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(row); m != nil && strings.Contains(row, title) {
			return m[1]
		}
	}
	t.Fatalf("%s has no row %q:\n%s", p.path, title, p.body)
	return ""
}

const atApprovals = "/.doorward/approvals"

// A new browser waits, and looks by itself without a script; a registered one shows
// what waits under the same number, and lets it in. Then the new one goes on.
func TestApproveABrowserOnAnother(t *testing.T) {
	onBothVaults(t, func(t *testing.T, v *vault) {
		here, other := v.registered(firefox), v.window(chrome)
		here.open("/.doorward/devices").want(http.StatusOK).lacks("New devices that wait")
		here.open(atApprovals).want(http.StatusOK, "Nothing waits for your approval")
		wait := v.signIn(other, atVault).want(http.StatusOK, "On a registered device").submit(atBrowser, "way", "device").want(http.StatusOK, "Waiting to be let in", "Chrome, Windows")
		if got, want := wait.header.Get("Refresh"), "5;url="+query(atWait, atVault); got != want {
			t.Errorf("it looks again by %q, want %q", got, want)
		}
		still := other.open(query(atWait, atVault)+"&still=1").want(http.StatusOK, "no longer looks by itself")
		if got := still.header.Get("Refresh"); got != "" || strings.Contains(still.body, "http-equiv") {
			t.Errorf("who wants it still has %q", got)
		}
		other.open(query(atBrowser, atVault)).want(http.StatusOK, "Waiting to be let in")
		other.open(atApprovals).want(http.StatusOK, wait.serial(), "This browser is not one").lacks(`action="` + atApprovals + `/approve"`)

		here.open("/.doorward/devices").want(http.StatusOK, "New devices that wait for your approval: 1")
		list := here.open(atApprovals).want(http.StatusOK, "Chrome, Windows", "A browser of yours", wait.serial())
		list.submit(atApprovals+"/approve").want(http.StatusOK, "The device was approved", "Nothing waits")
		page := other.open(query(atWait, atVault)).want(http.StatusOK, `"Remote-User":["carol"]`)
		if page.path != atVault {
			t.Errorf("he is led to %s", page.path)
		}
		list.submit(atApprovals+"/approve").want(http.StatusConflict, "Nothing was done")
		list.submit(atApprovals+"/refuse").want(http.StatusConflict, "Nothing was done")
		other.open(atVault).want(http.StatusOK, `"Remote-User":["carol"]`)
	})
}

// Refusing takes no registered device. The browser that waits says so, and forgets its
// secret.
func TestRefuseABrowser(t *testing.T) {
	v := onSQLite(t)
	v.registered(firefox)
	other, bare := v.window(chrome), v.window(firefox)
	wait := v.signIn(other, atVault).submit(atBrowser, "way", "device").want(http.StatusOK)
	v.signIn(bare, "/").want(http.StatusOK)
	refused := bare.open(atApprovals).want(http.StatusOK, wait.serial()).submit(atApprovals + "/refuse")
	refused.want(http.StatusOK, "The device was refused")
	other.open(query(atWait, atVault)).want(http.StatusForbidden, "somebody refused it", "Register this browser")
	if other.device() != "" {
		t.Error("the browser keeps a secret that counts for nothing")
	}
	if got := v.shown(wait.serial()).Status; got != "rejected" {
		t.Errorf("the device is %s", got)
	}
}

// Who has stolen a password and a code lets nothing in: a session that is on no
// registered device approves neither its own browser nor another's.
func TestUnboundSessionApprovesNothing(t *testing.T) {
	onBothVaults(t, func(t *testing.T, v *vault) {
		here, thief := v.registered(firefox), v.window(chrome)
		wait := v.signIn(thief, atVault).submit(atBrowser, "way", "device").want(http.StatusOK)
		p := thief.follow(thief.send(http.MethodPost, atApprovals+"/approve", formOf("id", wait.serial())))
		p.want(http.StatusForbidden, "this takes a session on a registered device", "register this browser first")
		thief.follow(thief.send(http.MethodPost, atApprovals+"/strict", formOf("strict", "1")))
		if got := v.shown(wait.serial()).Status; got != "pending" {
			t.Errorf("the device is %s", got)
		}
		dave := v.as("dave", admin.AddUser{Phone: "+79007654321"})
		stranger := dave.window(firefox)
		dave.signIn(stranger, "/")
		stranger.open(atApprovals).want(http.StatusOK, "Nothing waits").lacks(wait.serial())
		for _, what := range []string{"approve", "refuse"} {
			mine := stranger.send(http.MethodPost, atApprovals+"/"+what, formOf("id", wait.serial()))
			none := stranger.send(http.MethodPost, atApprovals+"/"+what, formOf("id", "ABCDEFGHIJKL"))
			if mine.status != none.status || nonce.ReplaceAllString(mine.body, "") != nonce.ReplaceAllString(none.body, "") || mine.status < 400 {
				t.Errorf("%s what is another's: %d, what is not there: %d", what, mine.status, none.status)
			}
		}
		here.open(atApprovals).want(http.StatusOK, wait.serial())
	})
}

// Somebody wants his new browsers approved on registered ones alone: then no token is
// offered, none asked for by hand is sent, and only a registered device lifts it.
func TestOnlyRegisteredDevicesLetIn(t *testing.T) {
	v := onSQLite(t)
	here, other := v.registered(firefox), v.window(chrome)
	before := v.sentTo(hisPhone)
	set := here.open(atApprovals).want(http.StatusOK, "is enough to let one in").submit(atApprovals+"/strict").want(http.StatusOK, "From now on only a registered device")
	ways := v.signIn(other, atVault).want(http.StatusOK, "On a registered device").lacks("By a text message", "By an e-mail")
	ways.submit(atBrowser, "way", "phone").want(http.StatusConflict, "can't be done")
	if v.sentTo(hisPhone) != before || other.device() != "" {
		t.Error("a token was sent all the same")
	}
	other.open(atApprovals).want(http.StatusOK).lacks(`action="` + atApprovals + `/strict"`)
	other.follow(other.send(http.MethodPost, atApprovals+"/strict", formOf("strict", "0"))).want(http.StatusForbidden, "this takes a session on a registered device")
	set.want(http.StatusOK, "If you lose all of them").submit(atApprovals+"/strict").want(http.StatusOK, "A code lets a new browser of yours in again")
	other.open(atBrowser).want(http.StatusOK, "By a text message")

	dave := v.as("dave", admin.AddUser{})
	none := dave.window(firefox)
	dave.signIn(none, "/")
	none.follow(none.send(http.MethodPost, atApprovals+"/strict", formOf("strict", "1"))).want(http.StatusConflict, "no registered device")
}

func (v *vault) sentTo(address string) int {
	v.t.Helper()
	_, n := v.token(address)
	return n
}
