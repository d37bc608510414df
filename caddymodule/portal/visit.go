package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/pages"
)

// visit is one request for a page.
type visit struct {
	*Portal
	w    http.ResponseWriter
	r    *http.Request // as the client sent it
	core *authcore.Core
	page
	name string     // of the page, below the prefix
	word string     // what follows the name of a page that ends in a slash
	form url.Values // what was posted
	own  bool       // the page is about one's own account
	to   string     // where to go afterwards: a path of this site
	flow string     // which sign-in of this browser this is, see flow.go

	signedIn  *authcore.Principal
	elsewhere bool // by a token for all hosts, which this site does not take
}

// page is what answers GET and POST of a path. The path of one whose name ends in
// a slash has a word more, which may be secret.
type page struct {
	get, post func(*visit) error
	// byItself says that the browser asks for it again and again: that is no use of
	// the session, which would never be idle (SES-04).
	byItself bool
}

// answerTime bounds what the core may take for one answer.
const answerTime = 2500 * time.Millisecond

// visit answers a request for a page. What a browser would tell about it stays
// out of Caddy's log: a path may hold the token of an invitation (law 11).
func (p *Portal) visit(w http.ResponseWriter, r *http.Request, path string) {
	caddyhttp.SetVar(r.Context(), caddyhttp.LogSkipVar, true)
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	sent := *r.WithContext(ctx)
	sent.Method, sent.URL = app.Original(r)
	started, rec := time.Now(), caddyhttp.NewResponseRecorder(w, nil, nil)
	v := &visit{Portal: p, w: rec, r: &sent, to: "/"}
	v.find(path)
	if err := v.answer(); err != nil {
		v.fail(err)
	}
	origin := app.Origin(r)
	p.log.Info("handled", zap.String("page", strings.TrimSuffix(v.name, "/")), zap.String("method", sent.Method), zap.Int("status", rec.Status()),
		zap.Duration("duration", time.Since(started)), zap.String("client_ip", origin.Address), zap.String("request_id", origin.RequestID))
}

// moreTime begins the time for an answer anew, also for who has gone meanwhile.
func (v *visit) moreTime() (cancel func()) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), answerTime)
	v.r = v.r.WithContext(ctx)
	return cancel
}

// find looks for the page of a path below the prefix. A path that is none has no
// name, so that none is logged.
func (v *visit) find(path string) {
	cut := strings.LastIndexByte(path, '/') + 1
	for i, table := range []map[string]page{signInPages, addPages, browserPages, approvalPages, accountPages} {
		if p, ok := table[path]; ok && !strings.HasSuffix(path, "/") {
			v.page, v.name, v.own = p, path, i > 0
			return
		}
		if p, ok := table[path[:cut]]; ok && 0 < cut && cut < len(path) {
			v.page, v.name, v.word, v.own = p, path[:cut], path[cut:], i > 0
			return
		}
	}
}

func (v *visit) answer() (err error) {
	if !app.Secure(v.r) {
		return refusal{http.StatusForbidden, "insecure"}
	}
	if read := v.r.Header.Get("Sec-Fetch-Mode"); read != "" && read != "navigate" {
		// The app is of the same origin: a script that was smuggled into it would read
		// the key of a new device here.
		return refusal{http.StatusForbidden, "crossorigin"}
	}
	answer, err := v.method()
	if err != nil {
		return err
	}
	if v.r.Method == http.MethodPost {
		if v.form, err = readForm(v.w, v.r); err != nil {
			return err
		}
		v.to = localPath(v.form.Get("to"))
	} else {
		v.to = localPath(v.r.URL.Query().Get("to"))
	}
	if v.core, err = v.app.Core(v.r.Context()); err != nil {
		return err
	}
	return answer(v)
}

// method gives what answers the request's method.
func (v *visit) method() (func(*visit) error, error) {
	answers := map[string]func(*visit) error{http.MethodGet: v.get, http.MethodHead: v.get, http.MethodPost: v.post}
	if answer := answers[v.r.Method]; answer != nil {
		return answer, nil
	}
	var allowed []string
	for method, answer := range answers {
		if answer != nil {
			allowed = append(allowed, method)
		}
	}
	if allowed == nil {
		return nil, authcore.Errorf(authcore.CodeNotFound, "there is no such page")
	}
	slices.Sort(allowed)
	v.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return nil, refusal{http.StatusMethodNotAllowed, "method"}
}

// show answers with a page.
func (v *visit) show(status int, view pages.View) error {
	view.To, view.Flow = v.to, v.flow
	if v.signedIn != nil {
		view.User = v.signedIn.Name
	}
	return v.app.Pages().Write(v.w, v.r, status, view)
}

// goTo leads to another page of ours; to stays what it is.
func (v *visit) goTo(name string) error {
	return v.redirect(v.prefix + name + "?" + url.Values{"to": {v.to}}.Encode())
}

func (v *visit) redirect(path string) error {
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.Header().Set("Location", path)
	v.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// principal is who is signed in with this browser, at this site or at all that
// share one login; nil when nobody is. A page that he looks at goes on with his
// session when half of its idle time is over.
func (v *visit) principal() (*authcore.Principal, error) {
	if v.signedIn != nil {
		return v.signedIn, nil
	}
	for _, audience := range slices.Compact([]string{v.Audience, v.audience()}) {
		shown := credentials.Read(v.r, v.dialectCookies)
		p, err := shown.Principal(v.r.Context(), v.core.Gatekeeper, audience)
		if authcore.CodeOf(err) == authcore.CodeUnauthenticated || err == nil && !shown.ByCookie() {
			continue
		}
		if err != nil {
			return nil, err
		}
		if v.signedIn, v.elsewhere = p, audience != v.Audience; v.r.Method != http.MethodPost && !v.byItself { // a POST may end the session
			for _, c := range v.browser.Renewed(v.r, &shown, v.core.Gatekeeper, p) {
				http.SetCookie(v.w, c)
			}
		}
		return p, nil
	}
	return nil, nil
}

// actor is who is signed in, as the core knows him; CodeUnauthenticated when
// nobody is.
func (v *visit) actor() (authcore.Actor, error) {
	p, err := v.principal()
	if err == nil && p == nil {
		err = authcore.Errorf(authcore.CodeUnauthenticated, "nobody is signed in")
	}
	return authcore.ActingUser(p), err
}
