package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

// refusal is of a request that no page of ours makes. Its page has the texts
// NAME.title and NAME.text.
type refusal struct {
	status int
	name   string
}

// Error is for the log.
func (r refusal) Error() string { return r.name }

// refusals are the pages of the core's errors. Two more lead to sign-in.
var refusals = map[authcore.Code]refusal{
	authcore.CodeInternal:    {http.StatusInternalServerError, "internal"},
	authcore.CodeInvalid:     {http.StatusUnprocessableEntity, "invalid"},
	authcore.CodeNotFound:    {http.StatusNotFound, "notfound"},
	authcore.CodeForbidden:   {http.StatusForbidden, "forbidden"},
	authcore.CodeConflict:    {http.StatusConflict, "conflict"},
	authcore.CodeThrottled:   {http.StatusTooManyRequests, "throttled"},
	authcore.CodeUnavailable: {http.StatusServiceUnavailable, "unavailable"},
}

// fail answers with the page of an error, or leads to where it can be helped.
func (v *visit) fail(err error) {
	page, code := refusal{}, authcore.CodeOf(err)
	if again := code == authcore.CodeStepUp; again || code == authcore.CodeUnauthenticated {
		v.askAnew(again)
		return
	}
	if errors.As(err, &page) {
		code = ""
	} else {
		page = refusals[code]
	}
	view := pages.View{Page: "message", Title: page.name + ".title", Data: page.name + ".text"}
	switch wait := v.retryAfter(err); code {
	case authcore.CodeThrottled:
		view.Page, view.Data = "wait", wait
	case authcore.CodeInternal, authcore.CodeUnavailable:
		v.log.Error("a page can't be shown", zap.String("page", v.name), zap.Error(err))
	}
	if again := v.show(page.status, view); again != nil {
		v.log.Error("a page can't be shown", zap.Error(errors.Join(again, err)))
		http.Error(v.w, http.StatusText(page.status), page.status)
	}
}

// askAnew leads to sign-in and from there on; again asks who is signed in already,
// too.
func (v *visit) askAnew(again bool) {
	query := url.Values{"to": {v.to}}
	if again {
		query.Set("again", "1")
	}
	_ = v.redirect(v.prefix + "sign-in?" + query.Encode())
}

// retryAfter tells the browser when to try again, and gives the minutes until
// then, at least one; 0 when waiting won't help.
func (v *visit) retryAfter(err error) (minutes int) {
	e := new(authcore.Error)
	if !errors.As(err, &e) || e.Code != authcore.CodeThrottled && e.Code != authcore.CodeUnavailable {
		return 0
	}
	wait := max(time.Second, e.RetryAfter)
	v.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return int((wait + time.Minute - 1) / time.Minute)
}
