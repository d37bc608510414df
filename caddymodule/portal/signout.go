package portal

import (
	"net/http"
	"slices"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/pages"
)

func getSignOut(v *visit) error {
	if _, err := v.principal(); err != nil {
		return err
	}
	opened, err := v.opened()
	if err != nil {
		return err
	}
	if len(opened) == 0 {
		return signedOut(v)
	}
	return v.show(http.StatusOK, pages.View{Page: "signout", Title: "signout.title"})
}

// opened are the sessions of this browser. Two at once are none for any other page,
// and must not outlive this one.
func (v *visit) opened() (all []*authcore.Principal, err error) {
	for _, audience := range slices.Compact([]string{v.Audience, v.audience()}) {
		shown := credentials.Read(v.r, v.dialectCookies)
		some, err := shown.Opened(v.r.Context(), v.core.Gatekeeper, audience)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// postSignOut ends the sessions in the store, so that a copy of a cookie opens
// nothing, and what the browser has kept of the site (SES-05). Cookies and storage
// are the app's, drafts among them: they stay.
func postSignOut(v *visit) error {
	opened, err := v.opened()
	if err != nil {
		return err
	}
	for _, p := range opened {
		_, err = v.core.Sessions.Revoke(v.r.Context(), authcore.ActingUser(p), p.SessionID)
		if code := authcore.CodeOf(err); err != nil && code != authcore.CodeConflict && code != authcore.CodeNotFound {
			return err
		}
	}
	v.browser.DropToken(v.w, v.r)
	if v.browser.Flow(v.r) != "" {
		v.browser.SetFlow(v.w, v.r, "")
	}
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	return v.redirect(v.prefix + "signed-out")
}

func signedOut(v *visit) error {
	return v.show(http.StatusOK, pages.View{Page: "signedout", Title: "signedout.title"})
}
