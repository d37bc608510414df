package portal

import (
	"net/http"
	"net/url"
	"regexp"
)

// invitation is the form of a token of authcore.Users.Invite.
var invitation = regexp.MustCompile(`^[A-Z2-7]{16,64}$`)

// getInvite asks who was invited to sign in. It uses the invitation up for nobody:
// what reads mail opens its links.
func getInvite(v *visit) error {
	if !invitation.MatchString(v.word) {
		return v.showSignIn(http.StatusForbidden, "signin.invite.refused", "")
	}
	v.form = url.Values{"invite": {v.word}}
	return v.showSignIn(http.StatusOK, "", "")
}
