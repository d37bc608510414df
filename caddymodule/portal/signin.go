package portal

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

// signInPages lead to a session, and out of it.
var signInPages = map[string]page{
	"sign-in":      {get: getSignIn, post: postSignIn},
	"invite/":      {get: getInvite},
	"code":         {get: inFlow(signInCode.get), post: inFlow(signInCode.post)},
	"code/send":    {post: inFlow(signInCode.send)},
	"code/wait":    {get: inFlow(signInCode.wait), byItself: true},
	"step-up":      {get: steppingUp(stepUpCode.get), post: steppingUp(stepUpCode.post)},
	"step-up/send": {post: steppingUp(stepUpCode.send)},
	"step-up/wait": {get: steppingUp(stepUpCode.wait), byItself: true},
	"enrol":        {get: inFlow(firstDevice.choose)},
	"enrol/app":    {get: firstDevice.back, post: inFlow(firstDevice.app)},
	"enrol/phone":  {get: inFlow(firstDevice.ask), post: inFlow(firstDevice.send)},
	"enrol/email":  {get: inFlow(firstDevice.ask), post: inFlow(firstDevice.send)},
	"enrol/code":   {get: inFlow(firstDevice.askCode), post: inFlow(firstDevice.code)},
	"continue":     {get: goOn},
	"sign-out":     {get: getSignOut, post: postSignOut},
	"signed-out":   {get: signedOut},
}

// signInDone says why somebody is led to the sign-in, by the word that another
// page leads here with.
var signInDone = map[string]string{"device": "signin.done.device", "password": "signin.done.password"}

// getSignIn asks for name and password; who is signed in already goes on, unless
// he shall show both again.
func getSignIn(v *visit) error {
	p, err := v.principal()
	if err != nil {
		return err
	}
	if p != nil && v.r.URL.Query().Get("again") == "" {
		if err = v.carry(p); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			return err
		}
	}
	return v.showSignIn(http.StatusOK, "", "")
}

// carry leads who is signed in on. A site that has an audience of its own gets a
// token of the session that is one for all hosts.
func (v *visit) carry(p *authcore.Principal) error {
	if v.elsewhere {
		token, err := v.core.Gatekeeper.Carry(v.r.Context(), p, v.Audience)
		if err != nil {
			return err
		}
		v.browser.SetHostToken(v.w, v.r, token)
	}
	return v.redirect(v.to)
}

// showSignIn asks for name and password. After a form that failed the name stays.
func (v *visit) showSignIn(status int, problem, field string) error {
	data := pages.SignIn{Name: v.form.Get("name"), Invite: v.form.Get("invite")}
	query := v.r.URL.Query()
	data.Again = query.Get("again") != "" || v.form.Get("again") != ""
	if data.Again && v.signedIn != nil && data.Name == "" {
		data.Name = v.signedIn.Name
	}
	if problem == "signin.invite.refused" { // he may have no need of one
		data.Invite = ""
	}
	view := pages.View{Page: "signin", Title: "signin.title", Error: problem, Field: field, Data: data}
	if data.Again {
		view.Title = "signin.again.title"
	}
	if v.form == nil {
		view.Done = signInDone[query.Get("done")]
	}
	v.flow = ""
	return v.show(status, view)
}

// postSignIn checks the password. Whatever is wrong, the page is the same (law 12).
func postSignIn(v *visit) error {
	if _, err := v.principal(); err != nil {
		return err
	}
	ctx, attempt := v.r.Context(), v.attempt()
	attempt.Name, attempt.Password = v.form.Get("name"), v.form.Get("password")
	who, err := v.core.Logins.Primary(ctx, attempt)
	if err != nil {
		if authcore.CodeOf(err) == authcore.CodeUnauthenticated {
			return v.showSignIn(http.StatusForbidden, "signin.refused", "password")
		}
		return err
	}
	invite := v.form.Get("invite")
	if invite != "" {
		if who, err = v.core.Logins.Invited(ctx, who, invite); authcore.CodeOf(err) == authcore.CodeForbidden {
			return v.showSignIn(http.StatusForbidden, "signin.invite.refused", "")
		}
	}
	if err != nil {
		return err
	}
	return v.next(who, invite != "")
}

// next leads to what is missing for a login: a code, or a device that makes one.
func (v *visit) next(who *authcore.Verified, invited bool) error {
	ways, err := v.core.Logins.Ways(v.r.Context(), who)
	if err != nil {
		return err
	}
	if len(ways.Enrol) == 0 && len(ways.Devices) == 0 {
		return v.showNoDevice(ways)
	}
	if err := v.begin(who); err != nil {
		return err
	}
	if len(ways.Enrol) > 0 && (invited || len(ways.Devices) == 0) {
		return v.goTo("enrol")
	}
	first := ways.Devices[0]
	if !sentTo(first.Kind) && !first.Kind.Answers() {
		return v.goTo("code")
	}
	return signInCode.sendTo(v, who, first.ID, false)
}

// showNoDevice tells who has shown his password why he gets no further.
func (v *visit) showNoDevice(ways authcore.Ways) error {
	text := "nodevice.text"
	if ways.Unusable {
		text = "nodevice.unusable"
	}
	return v.show(http.StatusForbidden, pages.View{Page: "nodevice", Title: "nodevice.title", Data: text})
}

// goOn leads away from the pages in a second step: a browser holds what a form
// leads to against form-action of the page that had the form, and the app may
// lead on to another origin. Whom another site sends here is led on as by that site:
// a page of ours would make its link one of this site, with the cookies of the app
// that are for such links only.
func goOn(v *visit) error {
	switch v.r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return v.redirect(v.to)
	}
	return v.show(http.StatusOK, pages.View{Page: "continue", Title: "continue.title"})
}
