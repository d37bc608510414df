package integration

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// at is the same browser at another site of the domain.
func (b *browser) at(host string, client *http.Client) *browser {
	other := *b
	other.origin, other.client = &url.URL{Scheme: "https", Host: host}, client
	other.headers = map[string]string{"X-Forwarded-Proto": "https"}
	return &other
}

// Section 4: with cookie_domain one sign-in opens every site of the domain. One with
// an audience of its own gets a token of the same session, and one sign-out ends all.
func TestOneSignInForADomain(t *testing.T) {
	d := openBefore(t, newBackend(t, nil), domainSites(newBackend(t, nil), "cookie_domain example.com"))
	b := d.browser().at("a.example.com", d.client)
	p := d.showPassword(b, "/").want(http.StatusOK, "Enter your code").post("/.doorward/code", "code", d.code())
	domain := ""
	for _, line := range p.header["Set-Cookie"] {
		if strings.HasPrefix(line, "__Secure-doorward=") && strings.Contains(line, "; Domain=example.com") {
			domain = line
		}
	}
	if domain == "" || b.cookie("__Host-doorward") != "" || b.cookie("__Secure-doorward") == "" {
		t.Fatalf("the sign-in sets %v", p.header["Set-Cookie"])
	}
	own := b.at("own.example.com", d.Client("own"))
	if page := own.open("/reports?a=b").want(http.StatusOK, `"Remote-User":["alice"]`); page.path != "/reports?a=b" || len(page.hops) != 2 {
		t.Errorf("it leads by %v to %s", page.hops, page.path)
	}
	if own.cookie("__Host-doorward") == "" || b.cookie("__Host-doorward") != "" {
		t.Error("the site has no token of its own, or another has it")
	}
	if list := d.sessions(); len(list) != 1 {
		t.Errorf("the sessions are %v", list)
	}
	own.open("/.doorward/sign-out").submit("/.doorward/sign-out").want(http.StatusOK, "You are signed out")
	for name, one := range map[string]*browser{"the site": own, "the other": b} {
		if page := one.open("/"); !strings.HasPrefix(page.path, "/.doorward/sign-in") || one.cookie("__Host-doorward")+one.cookie("__Secure-doorward") != "" {
			t.Errorf("%s leads to %s, and has cookies still", name, page.path)
		}
	}
}

// SES-04: a page of ours is use, too: it goes on with a session that is past half of
// its idle time. A form does not: it may end the session.
func TestPagesRenewTheToken(t *testing.T) {
	app := newBackend(t, nil)
	config := caddyfile("", "", "reverse_proxy "+app.Listener.Addr().String())
	d, tokens := openToBrowsers(t, app, config, false, 16*time.Minute, 0)
	for i, renewed := range []bool{true, false} {
		b := d.browser()
		b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "doorward", Value: tokens[i]}})
		page := b.open("/.doorward/sign-out").want(http.StatusOK, "This ends your session")
		if set := page.header["Set-Cookie"]; (len(set) == 1 && strings.HasPrefix(set[0], "doorward=ey")) != renewed || !renewed && set != nil {
			t.Errorf("token %d: %v", i, set)
		}
	}
	b := d.browser()
	b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "doorward", Value: tokens[0]}})
	ended := b.send(http.MethodPost, "/.doorward/sessions/end-others", nil).want(http.StatusSeeOther)
	if set := ended.header["Set-Cookie"]; set != nil || !strings.HasSuffix(ended.header.Get("Location"), "sessions?done=others") {
		t.Errorf("a form sets %v and leads to %s", set, ended.header.Get("Location"))
	}
}
