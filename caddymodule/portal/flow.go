package portal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"

	"github.com/doorward/doorward/authcore"
)

// A sign-in that is under way is a ticket in a cookie of this browser. Each form of
// it names the ticket by its digest: so neither the cookie alone, which goes with
// whatever is posted, nor a form alone finishes it, and the form of a tab that
// began before another sign-in does not finish that one (WEB-06).

// flowOf names a ticket, and tells nothing of it.
func flowOf(ticket string) string {
	sum := sha256.Sum256([]byte(ticket))
	return hex.EncodeToString(sum[:8])
}

// begin ties a sign-in to this browser.
func (v *visit) begin(who *authcore.Verified) error {
	ticket, err := v.core.Logins.Ticket(who)
	if err != nil {
		return err
	}
	v.browser.SetFlow(v.w, v.r, ticket)
	v.flow = flowOf(ticket)
	return nil
}

// inFlow answers who has shown his password in this browser just now. Others begin
// with that.
func inFlow(answer func(*visit, *authcore.Verified) error) func(*visit) error {
	return func(v *visit) error {
		who, err := v.resume()
		switch code := authcore.CodeOf(err); {
		case err == nil:
			return answer(v, who)
		case code == authcore.CodeForbidden: // the invitation ended meanwhile
			return v.showSignIn(http.StatusForbidden, "signin.invite.refused", "")
		case code == authcore.CodeUnauthenticated && v.r.Method == http.MethodPost:
			return v.showSignIn(http.StatusForbidden, "signin.expired", "")
		}
		return err
	}
}

// resume goes on with the sign-in of this browser, which ends the session that the
// browser has (SES-03). A cookie that proves nothing any more is taken away.
func (v *visit) resume() (*authcore.Verified, error) {
	ticket := v.browser.Flow(v.r)
	if v.flow = flowOf(ticket); v.r.Method == http.MethodPost &&
		subtle.ConstantTimeCompare([]byte(v.flow), []byte(v.form.Get("flow"))) != 1 {
		return nil, authcore.Errorf(authcore.CodeUnauthenticated, "the form is of another sign-in")
	}
	if _, err := v.principal(); err != nil {
		return nil, err
	}
	who, purpose, err := v.core.Logins.Resume(v.r.Context(), v.attempt(), ticket)
	if err == nil && purpose != authcore.TicketLogin {
		err = authcore.Errorf(authcore.CodeUnauthenticated, "the ticket is not for a sign-in")
	}
	if code := authcore.CodeOf(err); ticket != "" && (code == authcore.CodeUnauthenticated || code == authcore.CodeForbidden) {
		v.browser.SetFlow(v.w, v.r, "")
	}
	return who, err
}

// finish gives the browser the token of a session that has just been made, and ends
// the sign-in that led there.
func (v *visit) finish(login authcore.Login) error {
	v.browser.SetToken(v.w, v.r, login.Token)
	if v.browser.Flow(v.r) != "" {
		v.browser.SetFlow(v.w, v.r, "")
	}
	return v.goTo("continue")
}
