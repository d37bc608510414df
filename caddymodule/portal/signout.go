package portal

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

func getSignOut(v *visit) error {
	p, err := v.principal()
	if err != nil {
		return err
	}
	if p == nil {
		return signedOut(v)
	}
	return v.show(http.StatusOK, pages.View{Page: "signout", Title: "signout.title"})
}

// postSignOut ends the session in the store, so that a copy of the cookie opens
// nothing, and what the browser has kept of the site (SES-05). Cookies and storage
// are the app's, drafts among them: they stay.
func postSignOut(v *visit) error {
	p, err := v.principal()
	if err != nil {
		return err
	}
	if p != nil {
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
