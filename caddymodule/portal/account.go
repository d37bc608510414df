package portal

import (
	"net/url"
	"regexp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

// accountPages are for who is signed in, and about what is his.
var accountPages = map[string]page{
	"":                    {get: home},
	"devices":             {get: own("devices", devices)},
	"device":              {get: one("device", device)},
	"device/rename":       {post: one("device", renameDevice)},
	"device/block":        {get: one("device/block", blocking.ask), post: one("device/block", blocking.do)},
	"device/remove":       {get: one("device/remove", removing.ask), post: one("device/remove", removing.do)},
	"backup-codes":        {get: own("backup-codes", backupCodes), post: own("backup-codes", newBackupCodes)},
	"sessions":            {get: own("sessions", sessions)},
	"sessions/end":        {post: own("sessions", endSession)},
	"sessions/end-others": {post: own("sessions", endOtherSessions)},
	"password":            {get: own("password", password), post: own("password", changePassword)},
}

// account is a visit of who is signed in. The core holds the actor against each
// thing that he names: nothing here asks whose it is.
type account struct {
	*visit
	principal *authcore.Principal
	actor     authcore.Actor
}

func home(v *visit) error { return v.redirect(v.prefix + "devices") }

// own answers who is signed in. Others, and those whose factors were shown too
// long ago (law 7), are led to the sign-in, and from there back to the page called
// name (see fail.go).
func own(name string, answer func(*account) error) func(*visit) error {
	return func(v *visit) error {
		v.to = v.prefix + name
		if id := v.named("id"); id != "" {
			v.to += "?" + url.Values{"id": {id}}.Encode()
		}
		actor, err := v.actor()
		if err != nil {
			return err
		}
		return answer(&account{v, v.signedIn, actor})
	}
}

// one is own for a page about one device. A device that is retired is as little
// there as another's (DEV-02).
func one(name string, answer func(*account, authcore.Device) error) func(*visit) error {
	return own(name, func(a *account) error {
		d, err := a.device(a.named("id"))
		if err != nil {
			return err
		}
		return answer(a, d)
	})
}

func (a *account) device(ref string) (authcore.Device, error) {
	missing := authcore.Errorf(authcore.CodeNotFound, "no such device")
	if ref == "" {
		return authcore.Device{}, missing
	}
	d, _, err := a.core.Devices.Get(a.r.Context(), a.actor, ref)
	if err == nil && retired(d) {
		return authcore.Device{}, missing
	}
	return d, err
}

// reference is the form of a serial and of an ID. What has another one names
// nothing, and no database needs to judge it.
var reference = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

// named is a serial or an ID that was sent, or empty.
func (v *visit) named(field string) string {
	values := v.form
	if values == nil {
		values = v.r.URL.Query()
	}
	if ref := values.Get(field); reference.MatchString(ref) {
		return ref
	}
	return ""
}

// view is that of a page for who is signed in. The key of its title is the
// page's.
func (a *account) view(page string, data any) pages.View {
	return pages.View{Page: page, Title: page + ".title", Data: data}
}

// done leads to a page that says what was done, by a word of its own.
func (a *account) done(name, word string) error {
	return a.redirect(a.prefix + name + "?" + url.Values{"done": {word}}.Encode())
}

// doneOf is the key for the word that a page is opened with; any other word says
// nothing.
func (a *account) doneOf(words map[string]string) string {
	return words[a.r.URL.Query().Get("done")]
}

// leave leads to the sign-in when what was done has ended this session.
func (a *account) leave(word string) error {
	a.browser.DropToken(a.w, a.r)
	return a.redirect(a.prefix + "sign-in?" + url.Values{"done": {word}}.Encode())
}
