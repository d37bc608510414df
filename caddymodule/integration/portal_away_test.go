package integration

import (
	"net/http"
	"testing"
	"time"
)

// Law 13: while the store hangs each page says so in time, and nothing is lost: the
// code is still good, and who could not be signed out still has his cookie.
func TestPagesWhenTheStoreIsAway(t *testing.T) {
	d, _ := openFaulty(t)
	b, other, device := d.browser(), d.browser(), d.addHOTP()
	d.signIn(b, "/").want(http.StatusOK, "Remote-User")
	token := b.cookie("doorward")
	signOut, code := b.open("/.doorward/sign-out"), d.showPassword(other, "/")
	signIn := d.browser().open("/.doorward/sign-in").want(http.StatusOK)
	thaw := freeze(t, d.Dir+"/doorward.db")
	away := func(what string, ask func() shownPage) {
		t.Helper()
		d.within(3*time.Second, what, http.StatusServiceUnavailable, func() int {
			p := ask()
			if p.header.Get("Retry-After") == "" || len(p.header["Set-Cookie"]) > 0 {
				t.Errorf("%s: %v", what, p.header)
			}
			p.want(http.StatusServiceUnavailable, "Not available right now")
			return p.status
		})
	}
	away("a password", func() shownPage { return signIn.post("/.doorward/sign-in", "name", d.name, "password", d.password) })
	away("a code", func() shownPage { return code.post("/.doorward/code", "code", device.code(0)) })
	away("a step-up", func() shownPage { return b.open("/.doorward/step-up") })
	away("a sign-out", func() shownPage { return signOut.post("/.doorward/sign-out") })
	thaw()
	pollUntil(t, 30*time.Second, "it is ready again", func() bool { return d.path("/.doorward/ready")() == http.StatusOK })
	d.wantIn("after it", token)
	code.submit("/.doorward/code", "code", device.code(0)).want(http.StatusOK, "Remote-User")
	if b.cookie("doorward") != token {
		t.Error("the cookie is gone")
	}
}
