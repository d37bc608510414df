package gate

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/dialect"
	"github.com/doorward/doorward/caddymodule/pages"
)

// The pages of the portal where a person can do something about a refusal, below
// its prefix.
const (
	signIn  = "sign-in"
	stepUp  = "step-up"
	signOut = "sign-out"
	browser = "browser" // where it is registered as a device
)

// remedy is the page that helps against err; empty: none does, or there is no
// portal here. Who shows two sessions is not led to a third: that would go in a
// circle.
func (g *Gate) remedy(err error) string {
	switch code := authcore.CodeOf(err); {
	case g.prefix == "":
		return ""
	case errors.Is(err, credentials.ErrTwo):
		return signOut
	case code == authcore.CodeUnauthenticated:
		return signIn
	case code == authcore.CodeStepUp:
		return stepUp
	case authcore.ReasonOf(err) == authcore.ReasonClientDevice:
		return browser
	}
	return ""
}

// pathOf is a page of the portal that leads back to what was asked.
func (g *Gate) pathOf(page string, r *http.Request) string {
	return g.prefix + page + "?to=" + url.QueryEscape(asked(r))
}

// maxAsked bounds the way back, in bytes: who asked for more begins at the start.
const maxAsked = 2048

// asked is the path that the client asked for, with its query; / when it is not
// surely a path of this site (WEB-04): the portal judges it again.
func asked(r *http.Request) string {
	_, u := app.Original(r)
	path := u.EscapedPath()
	if u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		return "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if len(path) > maxAsked {
		return "/"
	}
	return path
}

// page is what a person sees of a refusal, in words of the catalogue: texts of the
// core are for programs, and in English.
func (g *Gate) page(r *http.Request, who client, err error) pages.View {
	title, text := words(err)
	is := pages.Refused{Text: text}
	if authcore.CodeOf(err) == authcore.CodeForbidden && g.prefix != "" { // as somebody else he may be let in
		is.Link, is.Label = g.prefix+signOut, "refused.signout"
	}
	switch path := g.remedy(err); path {
	case signIn:
		is = pages.Refused{Text: "refused.frame.text", Link: g.pathOf(path, r), Label: "refused.signin"}
		if who == sender { // a page that was sent to is not one to go back to
			title, is.Text, is.Link = "refused.unsent.title", "refused.unsent.text", g.prefix+path
		}
	case stepUp:
		is = pages.Refused{Text: "refused.newer.frame", Link: g.pathOf(path, r), Label: "refused.stepup"}
		if who == sender {
			is.Text, is.Link = "refused.newer.unsent", g.prefix+path
		}
	case browser:
		is = pages.Refused{Text: "refused.device.frame", Link: g.pathOf(path, r), Label: "refused.browser"}
		if who == sender {
			is.Text, is.Link = "refused.device.unsent", g.prefix+path
		}
	case signOut:
		title, is = "refused.two.title", pages.Refused{Text: "refused.two.text", Link: g.prefix + path, Label: "refused.signout"}
	}
	return pages.View{Page: "refused", Title: title, Data: is}
}

// words are the title and the text of a page where no other page helps.
func words(err error) (title, text string) {
	name := map[authcore.Code]string{
		authcore.CodeUnauthenticated: "refused.login", authcore.CodeStepUp: "refused.newer", authcore.CodeForbidden: "forbidden",
		authcore.CodeInvalid: "refused.invalid", authcore.CodeConflict: "refused.invalid", authcore.CodeNotFound: "notfound",
		authcore.CodeThrottled: "refused.throttled", authcore.CodeUnavailable: "unavailable",
	}[authcore.CodeOf(err)]
	var transport *dialect.StatusError
	switch {
	case errors.As(err, &transport):
		name = "refused.method"
	case authcore.ReasonOf(err) == authcore.ReasonClientDevice:
		name = "refused.device"
	case name == "":
		name = "internal"
	}
	return name + ".title", name + ".text"
}
