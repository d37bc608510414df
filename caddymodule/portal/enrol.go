package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/caddymodule/pages"
)

// enrolment is the pages on which a person enrols a device that counts from its
// first code on.
type enrolment struct {
	name     string // of the first page; the others stand below it
	activate func(*visit, *authcore.Verified, string) error
	full     bool // shows where codes are sent to as a whole
}

// firstDevice is enrolled on the way to a session.
var firstDevice = enrolment{name: "enrol", activate: func(v *visit, who *authcore.Verified, code string) error {
	login, err := v.core.Logins.Second(v.r.Context(), who, code)
	if err != nil {
		return err
	}
	return v.finish(login)
}}

func (e enrolment) choose(v *visit, who *authcore.Verified) error {
	return e.offer(v, who, http.StatusOK, "")
}

// offer shows the kinds that may be enrolled.
func (e enrolment) offer(v *visit, who *authcore.Verified, status int, problem string) error {
	ways, err := v.core.Logins.Ways(v.r.Context(), who)
	if err != nil {
		return err
	}
	data := pages.Enrolment{Action: e.name}
	for _, kind := range ways.Enrol {
		data.Kinds = append(data.Kinds, string(kind))
	}
	switch {
	case len(data.Kinds) > 0:
		return v.show(status, pages.View{Page: "enrol", Title: e.name + ".title", Error: problem, Data: data})
	case len(ways.Devices) > 0 && !v.own:
		return v.goTo(signInCode.name)
	}
	return v.showNoDevice(ways)
}

// back answers who asks for a page again that a form led to.
func (e enrolment) back(v *visit) error { return v.goTo(e.name) }

// app makes the key of an authenticator app, and shows it in this one answer
// (DEV-05).
func (e enrolment) app(v *visit, who *authcore.Verified) error {
	made, err := v.core.Logins.SetApp(v.r.Context(), who)
	if authcore.CodeOf(err) == authcore.CodeConflict {
		return e.offer(v, who, http.StatusConflict, "enrol.full")
	}
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, pages.View{
		Page: "enrol_app", Title: "enrol.app.title", Data: pages.NewApp(e.name, made.URI, oath.FormatSecret(made.Secret)),
	})
}

// kind is that of the page, as enrol/phone, or what a form or link has named.
func (e enrolment) kind(v *visit) authcore.DeviceKind {
	kind := strings.TrimPrefix(v.name, e.name+"/")
	if kind == "code" {
		if kind = v.r.URL.Query().Get("kind"); v.form != nil {
			kind = v.form.Get("kind")
		}
	}
	if kind := authcore.DeviceKind(kind); sentTo(kind) {
		return kind
	}
	return authcore.KindTOTP
}

func (e enrolment) ask(v *visit, _ *authcore.Verified) error {
	return e.showAsk(v, http.StatusOK, "", nil)
}

// asked are the texts about an address, by its kind.
var asked = map[authcore.DeviceKind]struct{ title, wrong, conflict string }{
	authcore.KindPhone: {"enrol.phone.title", "enrol.phone.wrong", "enrol.phone.conflict"},
	authcore.KindEmail: {"enrol.email.title", "enrol.email.wrong", "enrol.email.conflict"},
}

// showAsk asks where codes shall be sent to.
func (e enrolment) showAsk(v *visit, status int, problem string, why error) error {
	kind := e.kind(v)
	view := pages.View{Page: "enrol_address", Title: asked[kind].title, Error: problem, Data: pages.Enrolment{
		Action: e.name, Kind: string(kind), Address: v.form.Get("address"), Wait: v.retryAfter(why),
	}}
	if problem != "" && why == nil {
		view.Field = "address"
	}
	return v.show(status, view)
}

// send sends the first code to the address that was typed.
func (e enrolment) send(v *visit, who *authcore.Verified) error {
	kind, set := e.kind(v), v.core.Logins.SetPhone
	if kind == authcore.KindEmail {
		set = v.core.Logins.SetEmail
	}
	_, err := set(v.r.Context(), who, strings.TrimSpace(v.form.Get("address")))
	switch authcore.CodeOf(err) {
	case authcore.CodeInvalid:
		return e.showAsk(v, http.StatusUnprocessableEntity, asked[kind].wrong, nil)
	case authcore.CodeConflict:
		return e.showAsk(v, http.StatusConflict, asked[kind].conflict, nil)
	case authcore.CodeThrottled:
		return e.showAsk(v, http.StatusTooManyRequests, "code.notsent.throttled", err)
	case authcore.CodeUnavailable:
		return e.showAsk(v, http.StatusServiceUnavailable, "code.notsent", err)
	}
	if err != nil {
		return err
	}
	query := url.Values{"kind": {string(kind)}, "to": {v.to}}
	return v.redirect(v.prefix + e.name + "/code?" + query.Encode())
}

func (e enrolment) askCode(v *visit, who *authcore.Verified) error {
	return e.showCode(v, who, http.StatusOK, "", nil)
}

// wrongCode tells of a first code by the kind of its device.
var wrongCode = map[authcore.DeviceKind]string{
	authcore.KindTOTP: "enrol.code.refused", authcore.KindPhone: "code.refused", authcore.KindEmail: "code.refused",
}

// code makes the device count.
func (e enrolment) code(v *visit, who *authcore.Verified) error {
	err := e.activate(v, who, typedCode(v.form.Get("code")))
	switch authcore.CodeOf(err) {
	case authcore.CodeUnauthenticated, authcore.CodeInvalid:
		return e.showCode(v, who, http.StatusForbidden, wrongCode[e.kind(v)], nil)
	case authcore.CodeThrottled:
		return e.showCode(v, who, http.StatusTooManyRequests, "code.throttled", err)
	}
	return err
}

// showCode asks for the first code. The key of an app is not shown again.
func (e enrolment) showCode(v *visit, who *authcore.Verified, status int, problem string, why error) error {
	data := pages.Enrolment{Action: e.name, Kind: string(e.kind(v)), Wait: v.retryAfter(why)}
	sent, err := v.core.Logins.Sent(v.r.Context(), who)
	switch {
	case err == nil && sent.Enrol && string(sent.Kind) == data.Kind:
		if data.Address = sent.Address; !e.full {
			data.Address = masked(sent.Kind, sent.Address)
		}
	case err != nil && authcore.CodeOf(err) != authcore.CodeNotFound:
		return err
	}
	view := pages.View{Page: "enrol_code", Title: "enrol.code.title", Error: problem, Data: data}
	if problem != "" {
		view.Field = "code"
	}
	return v.show(status, view)
}
