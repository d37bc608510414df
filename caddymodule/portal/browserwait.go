package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/pages"
)

func askToken(a *account) error { return a.showToken(http.StatusOK, "", nil) }

// showToken asks for the token that was sent. How far this browser is otherwise, the
// page "browser" knows.
func (a *account) showToken(status int, problem string, why error) error {
	d, err := a.ownBrowser()
	if err != nil {
		return err
	}
	if !waits(d) || waitingAt(d.Approval.Way) != "browser/code" {
		return a.goTo("browser")
	}
	u, err := a.core.Users.Get(a.r.Context(), a.actor, a.principal.UserID)
	if err != nil {
		return err
	}
	view := a.view("browser_code", pages.BrowserCode{Address: addressOf(u, d.Approval.Way), Serial: d.Serial, Wait: a.retryAfter(why)})
	if view.Error = problem; problem == "browser_code.refused" {
		view.Field = "code"
	}
	return a.show(status, view)
}

// enterToken lets this browser in by the token. Too many wrong ones have refused the
// request: the page "browser" says so.
func enterToken(a *account) error {
	_, err := a.core.Approvals.ValidateOwn(a.r.Context(), a.actor, a.browser.Device(a.r), typedCode(a.form.Get("code")), app.Origin(a.r))
	if err == nil {
		return a.bind()
	}
	switch authcore.CodeOf(err) {
	case authcore.CodeInvalid:
		return a.showToken(http.StatusForbidden, "browser_code.refused", nil)
	case authcore.CodeConflict, authcore.CodeNotFound:
		return a.goTo("browser")
	}
	return err
}

// sendToken sends another one, after which the one before is void.
func sendToken(a *account) error {
	_, err := a.core.Approvals.ResendOwn(a.r.Context(), a.actor, a.browser.Device(a.r), a.r.Header.Get("Accept-Language"), app.Origin(a.r))
	if err == nil {
		return a.goTo("browser/code")
	}
	defer a.moreTime()()
	switch authcore.CodeOf(err) {
	case authcore.CodeConflict, authcore.CodeNotFound:
		return a.goTo("browser")
	case authcore.CodeThrottled:
		return a.showToken(http.StatusTooManyRequests, "code.notsent.throttled", err)
	case authcore.CodeUnavailable:
		return a.showToken(http.StatusServiceUnavailable, "code.notsent", err)
	}
	return err
}

// lookAgain is how often a page that waits looks by itself.
const lookAgain = 5 * time.Second

// waitForApproval is the page of who waits for somebody to let this browser in. It
// loads itself anew, without a script, until it is told to keep still: what changes
// by itself is in the way of some readers (WCAG 2.2.1).
func waitForApproval(a *account) error {
	d, err := a.ownBrowser()
	if err != nil {
		return err
	}
	if !waits(d) {
		return a.goTo("browser")
	}
	still := a.r.URL.Query().Get("still") != ""
	if !still {
		a.w.Header().Set("Refresh", fmt.Sprintf("%d;url=%s?%s", int(lookAgain.Seconds()), a.prefix+a.name, url.Values{"to": {a.to}}.Encode()))
	}
	return a.show(http.StatusOK, a.view("browser_wait", pages.BrowserWait{Name: d.Name, Serial: d.Serial, Still: still}))
}
