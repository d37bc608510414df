package portal

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

// wait is the page of who has to say yes on a device. It loads itself anew until the
// device has said something, or until it is told to keep still (WCAG 2.2.1): so it makes
// the session in answer to a GET, but to none that another page or tab could send, as its
// address names the sign-in (WEB-06), and to no HEAD.
func (c codePage) wait(v *visit, who *authcore.Verified) error {
	query := v.r.URL.Query()
	if v.r.Method == http.MethodHead || query.Get("flow") != v.flow {
		return v.goTo(c.name)
	}
	login, err := v.core.Logins.Answered(v.r.Context(), who)
	switch code, reason := authcore.CodeOf(err), authcore.ReasonOf(err); {
	case err == nil:
		return v.finish(login)
	case code == authcore.CodeConflict && reason == authcore.ReasonUnanswered:
		return c.showWait(v, who, query.Get("still") != "")
	case code == authcore.CodeUnauthenticated && reason == authcore.ReasonDenied:
		return c.show(v, who, http.StatusForbidden, "code.denied", nil)
	case code == authcore.CodeNotFound, code == authcore.CodeUnauthenticated, code == authcore.CodeConflict:
		return c.show(v, who, http.StatusForbidden, "code.unanswered", nil)
	}
	return err
}

func (c codePage) showWait(v *visit, who *authcore.Verified, still bool) error {
	sent, err := v.core.Logins.Sent(v.r.Context(), who)
	if err != nil {
		return err
	}
	if !still {
		v.w.Header().Set("Refresh", fmt.Sprintf("%d;url=%s", int(lookAgain.Seconds()), c.waitingAt(v)))
	}
	return v.show(http.StatusOK, pages.View{Page: "code_wait", Title: "code_wait.title", Data: pages.CodeWait{Action: c.name, Asked: beingAsked(sent), Still: still}})
}

// waitingAt is the address of the page, for this sign-in.
func (c codePage) waitingAt(v *visit) string {
	query := url.Values{"to": {v.to}}
	if v.flow != "" {
		query.Set("flow", v.flow)
	}
	return v.prefix + c.name + "/wait?" + query.Encode()
}

// beingAsked is the device that is being asked, and the number for it.
func beingAsked(sent authcore.Step) pages.Asked {
	return pages.Asked{Kind: string(sent.Kind), Name: sent.Name, Number: sent.Number}
}
