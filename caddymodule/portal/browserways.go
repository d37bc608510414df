package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/pages"
)

// showWays asks how this browser shall be let in, and says what became of d, which it
// was or wanted to be. What will never count again is taken away.
func (a *account) showWays(d authcore.ClientDevice) error {
	switch {
	case d.Status == authcore.StatusBlocked:
		return a.show(http.StatusOK, a.view("browser", pages.Browser{Blocked: true}))
	case d.DeviceID == "" || waits(d):
		return a.ways(http.StatusOK, "", nil)
	case d.Status == authcore.StatusPending:
		return a.ways(http.StatusOK, "browser.lapsed", nil)
	}
	a.browser.DropDevice(a.w, a.r)
	switch {
	case d.Status == authcore.StatusDeactivated:
		return a.ways(http.StatusOK, "browser.removed", nil)
	case refusedBecause(d) == authcore.RefusedTries:
		return a.ways(http.StatusForbidden, "browser.tries", nil)
	}
	return a.ways(http.StatusForbidden, "browser.rejected", nil)
}

// refusedBecause is why d was rejected, if it says so.
func refusedBecause(d authcore.ClientDevice) string {
	if len(d.History) == 0 {
		return ""
	}
	return d.History[len(d.History)-1].Reason
}

// ways asks how this browser shall be let in. Addresses are masked: who has stolen a
// password and a code need not learn more.
func (a *account) ways(status int, problem string, why error) error {
	open, err := a.core.Approvals.OwnWays(a.r.Context(), a.actor)
	if err != nil {
		return err
	}
	u, err := a.core.Users.Get(a.r.Context(), a.actor, a.principal.UserID)
	if err != nil {
		return err
	}
	data := pages.Browser{Name: a.browserName(), Wait: a.retryAfter(why), Full: problem == "browser.full"}
	for _, way := range open {
		data.Ways = append(data.Ways, pages.Way{Way: string(way), Word: string(way), Address: addressOf(u, way)})
	}
	if len(open) == 0 { // an operator can always let it in
		data.Ways = []pages.Way{{Way: string(authcore.WayDevice), Word: "operator"}}
	}
	view := a.view("browser", data)
	view.Error = problem
	return a.show(status, view)
}

// addressOf is where a token for u goes to, as far as he may see.
func addressOf(u authcore.User, way authcore.ApprovalWay) string {
	switch way {
	case authcore.WayPhone:
		return masked(authcore.KindPhone, u.Phone)
	case authcore.WayEmail:
		return masked(authcore.KindEmail, u.Email)
	}
	return ""
}

// browserName is what its owner will know this browser by.
func (a *account) browserName() string {
	browser, system := agentOf(a.r.UserAgent())
	return strings.Trim(browser+", "+system, ", ")
}

// askForBrowser asks for this browser to be let in, and gives it its secret. One that
// is registered needs nothing, and one that was blocked asks for no way around that.
func askForBrowser(a *account) error {
	d, err := a.ownBrowser()
	if err != nil {
		return err
	}
	if a.principal.ClientDevice != "" || d.Status == authcore.StatusActive || d.Status == authcore.StatusBlocked {
		return a.goTo("browser")
	}
	made, secret, err := a.core.Approvals.AskOwn(a.r.Context(), a.actor, authcore.OwnRequest{
		Name: a.browserName(), Way: authcore.ApprovalWay(a.form.Get("way")), Language: a.r.Header.Get("Accept-Language"), From: app.Origin(a.r),
	})
	if err != nil {
		return a.notAsked(err)
	}
	a.browser.SetDevice(a.w, a.r, secret)
	return a.goTo(waitingAt(made.Approval.Way))
}

// notAsked shows the ways all the same: another may do. The delivery may have taken
// longer than an answer has (authcore.ChannelTime).
func (a *account) notAsked(err error) error {
	defer a.moreTime()()
	switch authcore.CodeOf(err) {
	case authcore.CodeConflict:
		return a.conflict()
	case authcore.CodeThrottled:
		return a.ways(http.StatusTooManyRequests, "code.notsent.throttled", err)
	case authcore.CodeUnavailable:
		return a.ways(http.StatusServiceUnavailable, "code.notsent", err)
	}
	return err
}

// conflict says which it was: a way that is not open, or too many browsers.
func (a *account) conflict() error {
	open, err := a.core.Approvals.OwnWays(a.r.Context(), a.actor)
	if err != nil {
		return err
	}
	way, problem := authcore.ApprovalWay(a.form.Get("way")), "browser.conflict"
	if slices.Contains(open, way) || len(open) == 0 && way == authcore.WayDevice {
		problem = "browser.full"
	}
	return a.ways(http.StatusConflict, problem, nil)
}
