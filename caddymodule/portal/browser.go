package portal

import (
	"net/url"
	"time"

	"github.com/doorward/doorward/authcore"
)

// browserPages are where who is signed in has his browser registered, on the way to
// what wants a registered device.
var browserPages = map[string]page{
	"browser":           {get: onTheWay(thisBrowser), post: onTheWay(askForBrowser)},
	"browser/code":      {get: onTheWay(askToken), post: onTheWay(enterToken)},
	"browser/code/send": {post: onTheWay(sendToken)},
	"browser/wait":      {get: onTheWay(waitForApproval), byItself: true},
}

// onTheWay answers who is signed in. Others are led to the sign-in, and from there
// to the first of these pages: that knows how far this browser is.
func onTheWay(answer func(*account) error) func(*visit) error {
	return func(v *visit) error {
		actor, err := v.actor()
		if err == nil {
			err = answer(&account{v, v.signedIn, actor})
		}
		if err != nil {
			v.to = v.prefix + "browser?" + url.Values{"to": {v.to}}.Encode()
		}
		return err
	}
}

// ownBrowser is the device that this browser is, whatever its status; none when it
// shows no secret, or somebody else's.
func (a *account) ownBrowser() (authcore.ClientDevice, error) {
	secret := a.browser.Device(a.r)
	if secret == "" {
		return authcore.ClientDevice{}, nil
	}
	d, err := a.core.Approvals.Own(a.r.Context(), a.actor, secret)
	if err != nil && authcore.CodeOf(err) == authcore.CodeNotFound {
		return authcore.ClientDevice{}, nil
	}
	return d, err
}

// waits says whether somebody may still let d in.
func waits(d authcore.ClientDevice) bool {
	return d.Status == authcore.StatusPending && d.Approval.State == authcore.ApprovalPending && time.Now().Before(d.Approval.ExpiresAt)
}

// waitingAt is the page for who waits for an approval in a way.
func waitingAt(way authcore.ApprovalWay) string {
	if way == authcore.WayDevice {
		return "browser/wait"
	}
	return "browser/code"
}

// thisBrowser leads on from a session on a registered device, makes one of the
// session of a browser that is registered, and asks how any other shall be let in.
func thisBrowser(a *account) error {
	if a.principal.ClientDevice != "" {
		return a.goTo("continue")
	}
	d, err := a.ownBrowser()
	if err != nil {
		return err
	}
	switch another := a.r.URL.Query().Get("another") != ""; {
	case d.Status == authcore.StatusActive:
		return a.bind()
	case waits(d) && !another:
		return a.goTo(waitingAt(d.Approval.Way))
	}
	return a.showWays(d)
}

// bind makes the session one on this browser's device (SES-03), and leads on.
func (a *account) bind() error {
	login, err := a.core.Logins.Bind(a.r.Context(), a.actor, a.attempt(), authcore.Binding{Secret: a.browser.Device(a.r)})
	if err != nil {
		return err
	}
	return a.finish(login)
}
