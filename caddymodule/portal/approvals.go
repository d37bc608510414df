package portal

import (
	"context"
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/pages"
)

// approvalPages are where who decides about new devices does so.
var approvalPages = map[string]page{
	"approvals":         {get: own("approvals", approvals)},
	"approvals/approve": {post: own("approvals", letIn.do)},
	"approvals/refuse":  {post: own("approvals", turnAway.do)},
	"approvals/strict":  {post: own("approvals", setStrict)},
}

var approvalsDone = map[string]string{
	"approved": "approvals.done.approved", "refused": "approvals.done.refused",
	"strict": "approvals.done.strict", "lifted": "approvals.done.lifted",
}

func approvals(a *account) error {
	view, err := a.waiting()
	if err != nil {
		return err
	}
	view.Done = a.doneOf(approvalsDone)
	return a.show(http.StatusOK, view)
}

// waiting is the page of what waits for who is signed in.
func (a *account) waiting() (pages.View, error) {
	list, err := a.core.Approvals.Waiting(a.r.Context(), a.actor)
	if err != nil {
		return pages.View{}, err
	}
	u, err := a.core.Users.Get(a.r.Context(), a.actor, a.principal.UserID)
	if err != nil {
		return pages.View{}, err
	}
	data := pages.Approvals{Bound: a.principal.ClientDevice != "", Strict: u.StrictDevices}
	for _, d := range list {
		data.Waiting = append(data.Waiting, pages.Waiting{
			OwnDevice: a.shown(d.Device), Account: d.AccountName, Key: d.Key, AskedBy: d.Approval.AskedBy, Since: d.Approval.CreatedAt,
		})
	}
	return a.view("approvals", data), nil
}

// deciding is a way to decide about a new device.
type deciding struct {
	done   string
	decide func(*authcore.Approvals, context.Context, authcore.Actor, string, authcore.Origin) (authcore.Device, error)
}

var (
	letIn    = deciding{"approved", (*authcore.Approvals).Approve}
	turnAway = deciding{"refused", (*authcore.Approvals).Refuse}
)

// do decides. The core asks for fresh factors, and to let one in for a session on
// another device: see fail.go and decided.
func (d deciding) do(a *account) error {
	id := a.named("id")
	if id == "" {
		return authcore.Errorf(authcore.CodeNotFound, "no such device")
	}
	_, err := d.decide(a.core.Approvals, a.r.Context(), a.actor, id, app.Origin(a.r))
	return a.decided(err, d.done, "approvals.gone")
}

// setStrict says whether new browsers of his are approved on registered ones alone.
func setStrict(a *account) error {
	strict, done := a.form.Get("strict") == "1", "lifted"
	if strict {
		done = "strict"
	}
	return a.decided(a.core.Approvals.SetStrict(a.r.Context(), a.actor, strict), done, "approvals.strict.none")
}

// decided leads back to the list, which says what was done, or why it was not.
func (a *account) decided(err error, done, conflict string) error {
	status, problem := http.StatusConflict, conflict
	switch code := authcore.CodeOf(err); {
	case err == nil:
		return a.done("approvals", done)
	case authcore.ReasonOf(err) == authcore.ReasonClientDevice:
		status, problem = http.StatusForbidden, "approvals.unbound"
	case code != authcore.CodeConflict:
		return err
	}
	view, err := a.waiting()
	if err != nil {
		return err
	}
	view.Error = problem
	return a.show(status, view)
}
