package integration

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// vault is a gateway before an app whose /vault opens on registered devices alone,
// and somebody who has a phone and an address.
type vault struct {
	*door
	post *postbox
}

const (
	hisPhone = "+79001234567"
	hisEmail = "carol@example.com"
)

// sendsToken has a channel deliver the token alone where there is one.
const sendsToken = "body `{\"to\":{{json .To}},\"text\":{{if .Code}}{{json .Code}}{{else}}{{json .Text}}{{end}}}`"

// openVault starts one over a store; globals stands in the doorward block.
func openVault(t *testing.T, store, globals string) *vault {
	t.Helper()
	app, post := newBackend(t, nil), newPostbox(t)
	channel := post.URL + "/ {\n" + sendsToken + "\n}"
	config := caddyfile("factors totp hotp\nchannel phone http "+channel+"\nchannel email http "+channel+"\n"+globals, "require /vault* device",
		"reverse_proxy "+app.Listener.Addr().String())
	v := &vault{openBefore(t, app, strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, store, 1)), post}
	v.add("carol", admin.AddUser{Phone: hisPhone, Email: hisEmail})
	return v
}

// add makes a user whom the door's signIn then signs in.
func (v *vault) add(name string, u admin.AddUser) {
	v.t.Helper()
	u.Name = name
	var made admin.UserWithPassword
	v.call("user/add", u, &made)
	v.name, v.password = name, made.Password
}

// as is the same vault for another user.
func (v *vault) as(name string, u admin.AddUser) *vault {
	v.t.Helper()
	d := *v.door
	other := &vault{&d, v.post}
	other.add(name, u)
	return other
}

func onSQLite(t *testing.T) *vault {
	t.Helper()
	return openVault(t, `store sqlite "{$KIT_DIR}/doorward.db"`, "")
}

// onBothVaults runs a test on each database.
func onBothVaults(t *testing.T, test func(*testing.T, *vault)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, onSQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		dsn := onePostgres(t).Database(t)
		test(t, openVault(t, "store postgres "+dsn+"\nseal_key "+strings.Repeat("A", 43)+"=", ""))
	})
}

// window is a browser that calls itself something.
func (v *vault) window(agent string) *browser {
	v.t.Helper()
	b := v.browser()
	b.headers["User-Agent"] = agent
	return b
}

// token is the youngest that was sent to an address, and how many were.
func (v *vault) token(to string) (token string, sent int) {
	v.t.Helper()
	v.post.mu.Lock()
	defer v.post.mu.Unlock()
	for _, text := range v.post.texts[to] {
		if tokenForm.MatchString(text) { // others tell what was changed
			token, sent = text, sent+1
		}
	}
	return token, sent
}

var tokenForm = regexp.MustCompile(`^[2-9a-z]{6}$`)

const (
	atBrowser = "/.doorward/browser"
	atCode    = "/.doorward/browser/code"
	atWait    = "/.doorward/browser/wait"
	atVault   = "/vault/deep?a=1&b=2"
)

// registered is a browser that was let in by a token, and is at the vault.
func (v *vault) registered(agent string) *browser {
	v.t.Helper()
	b := v.window(agent)
	page := v.signIn(b, atVault).want(http.StatusOK, "Register this browser").submit(atBrowser, "way", "phone")
	token, _ := v.token(hisPhone)
	page.submit(atCode, "code", token).want(http.StatusOK, `"Remote-User":["`+v.name+`"]`)
	return b
}

// device is the value of the cookie that the browser has as a registered device.
func (b *browser) device() string { return b.cookie("doorward-device") }

var serialShown = regexp.MustCompile(`<strong>([A-Z2-7]{12})</strong>`)

// serial is the number that a page of who waits shows.
func (p shownPage) serial() string {
	p.b.t.Helper()
	found := serialShown.FindStringSubmatch(p.body)
	if found == nil {
		p.b.t.Fatalf("%s (%d) shows no number:\n%s", p.path, p.status, p.body)
	}
	return found[1]
}

// lacks fails the test if the page has one of these texts.
func (p shownPage) lacks(texts ...string) shownPage {
	p.b.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.body, text) {
			p.b.t.Errorf("%s has %q:\n%s", p.path, text, p.body)
		}
	}
	return p
}

// query is the address of a page that leads on to a path.
func query(page, to string) string { return page + "?" + url.Values{"to": {to}}.Encode() }
