package integration

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// The whole way of a person: a page, a password, a code, and the page. The session
// is in a cookie that no script reads.
func TestSignIn(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	page := d.signIn(b, "/reports?month=3&of=a%20b")
	page.want(http.StatusOK, `"Remote-User":["alice"]`)
	if page.path != "/reports?month=3&of=a%20b" {
		t.Errorf("the sign-in leads to %s", page.path)
	}
	if b.cookie("doorward") == "" || b.cookie("doorward-flow") != "" {
		t.Error("the browser has no token, or a sign-in that is still under way")
	}
	if again := b.open("/.doorward/sign-in?to=/x"); again.path != "/x" {
		t.Errorf("who is signed in is asked again: %s", again.path)
	}
	anew := b.open("/.doorward/sign-in?to=/x&again=1").want(http.StatusOK, "Confirm that it's you", "once more")
	if form := anew.form("/.doorward/sign-in"); form.Get("name") != "alice" || form.Get("password") != "" || form.Get("again") != "1" {
		t.Errorf("the form has %v", form)
	}
}

// Law 12: whatever is wrong, the page is the same. The name stays, the password
// never does.
func TestRefusedSignInsAreAlike(t *testing.T) {
	d := open(t, "", "")
	off := d.another("bob")
	d.call("user/disable", admin.UserRef{User: "bob"}, &admin.User{})
	want := ""
	refuse := func(what, name, password string) {
		t.Helper()
		b := d.browser()
		p := b.open("/.doorward/sign-in?to=/x").submit("/.doorward/sign-in", "name", name, "password", password).
			want(http.StatusForbidden, "The name or the password is not right")
		form := p.form("/.doorward/sign-in")
		if form.Get("name") != name || form.Get("password") != "" || form.Get("to") != "/x" {
			t.Errorf("%s: the form has %v", what, form)
		}
		if password != "" && strings.Contains(p.body, password) {
			t.Errorf("%s: the page has the password", what)
		}
		if b.cookie("doorward") != "" || b.cookie("doorward-flow") != "" {
			t.Errorf("%s: a cookie was set", what)
		}
		body := strings.ReplaceAll(p.body, `value="`+name+`"`, `value="NAME"`)
		if want == "" {
			want = body
		}
		if body != want {
			t.Errorf("%s: the page is another one:\n%s\nwant\n%s", what, body, want)
		}
	}
	refuse("a wrong password", "alice", "wrong password 1")
	refuse("an unknown name", "mallory", "wrong password 2")
	refuse("a disabled user", "bob", off.password)
	refuse("no password", "alice", "")
	for range 20 {
		refuse("many tries", "alice", "wrong password 3")
	}
	refuse("throttled", "alice", d.password)
}

// WEB-08: what browsers and password managers go by.
func TestFieldsOfSignIn(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	p := b.open("/.doorward/sign-in").want(http.StatusOK)
	code := p.submit("/.doorward/sign-in", "name", d.name, "password", d.password).want(http.StatusOK)
	for _, c := range []struct {
		page shownPage
		text string
	}{
		{p, `name="name" type="text" value="" autocomplete="username"`},
		{p, `name="password" type="password" value="" autocomplete="current-password"`},
		{code, `name="code" type="text" value="" autocomplete="one-time-code"`},
	} {
		if !strings.Contains(c.page.body, c.text) {
			t.Errorf("%s has no %s:\n%s", c.page.path, c.text, c.page.body)
		}
	}
	for _, p := range []shownPage{p, code} {
		for _, never := range []string{"maxlength", "<script", "onclick", "javascript:", "onpaste"} {
			if strings.Contains(p.body, never) {
				t.Errorf("%s has %s", p.path, never)
			}
		}
	}
}

// A code that is pasted as apps show it, and nothing else, is that code.
func TestTypedCodes(t *testing.T) {
	d := open(t, "", "")
	device := d.addHOTP()
	p := d.showPassword(d.browser(), "/")
	code := device.code(0)
	for _, wrong := range []string{"", "000000", code[:3] + "." + code[3:], code + "0", "+" + code} {
		p.submit("/.doorward/code", "code", wrong).want(http.StatusForbidden, "This code is not right")
	}
	p.submit("/.doorward/code", "code", code[:3]+"\u00a0"+code[3:5]+"-"+code[5:]).want(http.StatusOK, "Remote-User")
}

// SES-03: what a client brings is never taken for its own: the token is new at each
// login, and the session that the browser had has ended.
func TestSignInMakesANewSession(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "doorward", Value: "planted"}, {Name: "doorward-flow", Value: "planted"}})
	d.signIn(b, "/").want(http.StatusOK, "Remote-User")
	first := b.cookie("doorward")
	if first == "planted" || first == "" || b.cookie("doorward-flow") != "" {
		t.Fatalf("the cookies are %q and %q", first, b.cookie("doorward-flow"))
	}
	old := d.sessions()
	device := d.addHOTP()
	b.open("/.doorward/sign-in?again=1&to=/").want(http.StatusOK).
		submit("/.doorward/sign-in", "password", d.password).want(http.StatusOK).
		submit("/.doorward/code", "code", device.code(0)).want(http.StatusOK, "Remote-User")
	now := d.sessions()
	if len(old) != 1 || len(now) != 1 || old[0].ID == now[0].ID || b.cookie("doorward") == first {
		t.Errorf("the sessions are %v, then %v", old, now)
	}
	d.wantOut("the old token", first)
}

// WEB-06: two tabs, and what one of the two proofs alone can do.
func TestOneSignInDoesNotFinishAnother(t *testing.T) {
	d := open(t, "", "")
	other := d.another("bob")
	theirs := other.addHOTP()
	b, device := d.browser(), d.addHOTP()
	first := d.showPassword(b, "/a")
	second := other.showPassword(b, "/b")
	again := first.submit("/.doorward/code", "code", theirs.code(0)).want(http.StatusForbidden, "another one was started")
	if again.form("/.doorward/sign-in").Get("to") != "/a" {
		t.Error("the way back is lost")
	}
	second.submit("/.doorward/code", "code", theirs.code(0)).want(http.StatusOK, `"Remote-User":["bob"]`)

	b = d.browser()
	p := d.showPassword(b, "/")
	for what, change := range map[string]func(*browser, url.Values){
		"a stolen cookie alone": func(_ *browser, form url.Values) { form.Del("flow") },
		"a stolen form alone":   func(thief *browser, _ url.Values) { thief.jar = d.browser().jar },
		"a form of no ticket": func(thief *browser, form url.Values) {
			thief.jar = d.browser().jar
			form.Set("flow", "e3b0c44298fc1c14") // of nothing
		},
	} {
		thief, form := *b, p.form("/.doorward/code")
		form.Set("code", device.code(0))
		change(&thief, form)
		if got := thief.send(http.MethodPost, "/.doorward/code", form); got.status != http.StatusForbidden || len(got.header["Set-Cookie"]) > 0 {
			t.Errorf("%s: %d %v", what, got.status, got.header["Set-Cookie"])
		}
	}
	p.submit("/.doorward/code", "code", device.code(0)).want(http.StatusOK, "Remote-User")
}

// The cookie of a sign-in that proves nothing any more is taken away, and who has
// none begins with the password.
func TestSignInThatIsOver(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	for _, path := range []string{"code", "enrol", "enrol/phone", "enrol/code", "enrol/app", "step-up"} {
		if p := b.open("/.doorward/" + path + "?to=/x"); p.path != "/.doorward/sign-in?to=%2Fx" {
			t.Errorf("%s leads to %s", path, p.path)
		}
	}
	p := d.showPassword(b, "/x")
	d.call("user/password", map[string]string{"user": "alice", "password": "another long password"}, &admin.User{})
	p.submit("/.doorward/code", "code", d.code()).want(http.StatusForbidden, "start again")
	if b.cookie("doorward-flow") != "" {
		t.Error("the browser has still the ticket")
	}
	b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "doorward-flow", Value: "x"}})
	b.open("/.doorward/code").want(http.StatusOK, "Sign in")
	if b.cookie("doorward-flow") != "" {
		t.Error("the browser has still what is no ticket")
	}
}

// The gate and the pages know the same cookies: else each would lead to the other
// without end. Who is signed in by a dialect's is signed in, and two tokens are none
// until he signs out.
func TestPagesKnowTheCookiesOfDialects(t *testing.T) {
	d := open(t, "", "")
	b, token := d.browser(), d.mustLogin()
	b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "asc_auth_key", Value: token}})
	if p := b.open("/.doorward/sign-in?to=/x").want(http.StatusOK, "Remote-User"); p.path != "/x" {
		t.Errorf("it leads to %s", p.path)
	}
	other := d.browser()
	d.signIn(other, "/").want(http.StatusOK, "Remote-User")
	other.jar.SetCookies(other.origin, []*http.Cookie{{Name: "asc_auth_key", Value: token}})
	other.open("/x").want(http.StatusUnauthorized)
	other.open("/.doorward/sign-in?to=/x").want(http.StatusOK, "Sign in").form("/.doorward/sign-in")
}
