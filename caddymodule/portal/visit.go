package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
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
	to   string // where to go afterwards: a path of this site
}

// page is what answers GET and POST of a path.
type page struct {
	get, post func(*visit) error
}

// answerTime bounds what the core may take for one answer.
const answerTime = 2500 * time.Millisecond

// visit answers a request for a page. What a browser would tell about it stays
// out of Caddy's log: a path may hold the token of an invitation (law 11).
func (p *Portal) visit(w http.ResponseWriter, r *http.Request, name string) {
	caddyhttp.SetVar(r.Context(), caddyhttp.LogSkipVar, true)
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	sent := *r.WithContext(ctx)
	sent.Method, sent.URL = app.Original(r)
	v := &visit{Portal: p, w: w, r: &sent, to: "/"}
	started, rec := time.Now(), caddyhttp.NewResponseRecorder(w, nil, nil)
	v.w = rec
	if err := v.answer(name); err != nil {
		v.fail(err)
	}
	origin := app.Origin(r)
	p.log.Info("handled", zap.String("page", name), zap.String("method", sent.Method), zap.Int("status", rec.Status()),
		zap.Duration("duration", time.Since(started)), zap.String("client_ip", origin.Address), zap.String("request_id", origin.RequestID))
}

func (v *visit) answer(name string) (err error) {
	p, found := find(name)
	if !found {
		return authcore.Errorf(authcore.CodeNotFound, "there is no page %q", name)
	}
	if v.core, err = v.app.Core(v.r.Context()); err != nil {
		return err
	}
	switch {
	case v.r.Method == http.MethodPost && p.post != nil:
		if err := v.readForm(); err != nil {
			return err
		}
		return p.post(v)
	case (v.r.Method == http.MethodGet || v.r.Method == http.MethodHead) && p.get != nil:
		v.to = localPath(v.r.URL.Query().Get("to"))
		return p.get(v)
	}
	return authcore.Errorf(authcore.CodeNotFound, "%s is not answered here", v.r.Method)
}

// find gives the page of a path below the prefix.
func find(name string) (page, bool) {
	for _, table := range []map[string]page{signInPages, accountPages} {
		if p, ok := table[name]; ok {
			return p, true
		}
	}
	return page{}, false
}

// readForm reads what was posted.
func (v *visit) readForm() error {
	if err := v.r.ParseForm(); err != nil {
		return authcore.Wrap(authcore.CodeInvalid, err, "the form can't be read")
	}
	v.to = localPath(v.r.PostForm.Get("to"))
	return nil
}

// localPath gives the path of this site that text is, or / (WEB-04).
func localPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" {
		return "/"
	}
	return "/"
}

// show answers with a page.
func (v *visit) show(status int, view pages.View) error {
	view.To = v.to
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

// principal is who is signed in; nil when nobody is.
func (v *visit) principal() (*authcore.Principal, error) {
	shown := credentials.Read(v.r, nil)
	p, err := shown.Principal(v.r.Context(), v.core.Gatekeeper, v.audience())
	if authcore.CodeOf(err) == authcore.CodeUnauthenticated {
		return nil, nil //nolint:nilerr // nobody is signed in
	}
	return p, err
}

// messages are the pages of errors.
var messages = map[authcore.Code]struct {
	status int
	name   string
}{
	authcore.CodeInternal:    {http.StatusInternalServerError, "internal"},
	authcore.CodeNotFound:    {http.StatusNotFound, "notfound"},
	authcore.CodeForbidden:   {http.StatusForbidden, "forbidden"},
	authcore.CodeUnavailable: {http.StatusServiceUnavailable, "unavailable"},
}

// fail answers with the page of an error.
func (v *visit) fail(err error) {
	m, ok := messages[authcore.CodeOf(err)]
	if !ok {
		m = messages[authcore.CodeInternal]
	}
	if m.status >= http.StatusInternalServerError {
		v.log.Error("a page can't be shown", zap.Error(err))
	}
	if again := v.show(m.status, pages.View{Page: "message", Title: m.name + ".title", Data: m.name + ".text"}); again != nil {
		v.log.Error("a page can't be shown", zap.Error(errors.Join(again, err)))
		http.Error(v.w, http.StatusText(m.status), m.status)
	}
}
