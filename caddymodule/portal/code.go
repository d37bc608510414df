package portal

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

// codePage asks for the code of a device.
type codePage struct {
	name, title string
	// full shows where codes are sent to as a whole: both factors were shown.
	full bool
}

var (
	signInCode = codePage{name: "code", title: "code.title"}
	stepUpCode = codePage{name: "step-up", title: "stepup.title", full: true}
)

func (c codePage) get(v *visit, who *authcore.Verified) error {
	return c.show(v, who, http.StatusOK, "", nil)
}

// post makes the session.
func (c codePage) post(v *visit, who *authcore.Verified) error {
	login, err := v.core.Logins.Second(v.r.Context(), who, typedCode(v.form.Get("code")))
	switch authcore.CodeOf(err) {
	case authcore.CodeUnauthenticated:
		return c.show(v, who, http.StatusForbidden, "code.refused", nil)
	case authcore.CodeThrottled:
		return c.show(v, who, http.StatusTooManyRequests, "code.throttled", err)
	}
	if err != nil {
		return err
	}
	return v.finish(login)
}

// send sends a code to the device that was chosen, or asks it.
func (c codePage) send(v *visit, who *authcore.Verified) error {
	return c.sendTo(v, who, v.form.Get("device"), true)
}

// sendTo leads to where the code is typed, or to where the answer is waited for.
func (c codePage) sendTo(v *visit, who *authcore.Verified, device string, again bool) error {
	step, err := v.core.Logins.SendTo(v.r.Context(), who, device, again)
	switch {
	case err != nil:
		return c.notSent(v, who, err)
	case step.Kind.Answers():
		return v.redirect(c.waitingAt(v))
	}
	return v.goTo(c.name)
}

// notSent shows the page all the same: another device may do. The delivery may
// have taken longer than an answer has (authcore.ChannelTime).
func (c codePage) notSent(v *visit, who *authcore.Verified, err error) error {
	defer v.moreTime()()
	switch authcore.CodeOf(err) {
	case authcore.CodeThrottled:
		return c.show(v, who, http.StatusTooManyRequests, "code.notsent.throttled", err)
	case authcore.CodeUnavailable:
		return c.show(v, who, http.StatusServiceUnavailable, "code.notsent", err)
	}
	return err
}

// show asks for a code. why is what keeps the person waiting, if anything does.
func (c codePage) show(v *visit, who *authcore.Verified, status int, problem string, why error) error {
	ways, err := v.core.Logins.Ways(v.r.Context(), who)
	if err != nil {
		return err
	}
	data := pages.Code{Action: c.name, Wait: v.retryAfter(why)}
	for _, d := range ways.Devices {
		shown := pages.Device{ID: d.ID, Name: d.Name, Kind: string(d.Kind), Address: c.address(d.Kind, d.Address)}
		switch {
		case d.Kind == authcore.KindBackup:
			data.Backup = true
		case sentTo(d.Kind) || d.Kind.Answers():
			data.Receivers = append(data.Receivers, shown)
		default:
			data.Makers = append(data.Makers, shown)
		}
	}
	sent, err := v.core.Logins.Sent(v.r.Context(), who)
	switch {
	case err == nil && sent.Kind.Answers():
		data.Asked = beingAsked(sent)
	case err == nil && !sent.Enrol:
		data.Sent = c.address(sent.Kind, sent.Address)
	case err != nil && authcore.CodeOf(err) != authcore.CodeNotFound:
		return err
	}
	view := pages.View{Page: "code", Title: c.title, Error: problem, Data: data}
	if problem == "code.refused" || problem == "code.throttled" {
		view.Field = "code"
	}
	return v.show(status, view)
}

// address is where codes are sent to, as far as who looks at it may see. Where a question
// goes says nothing to a person, and may hold a secret.
func (c codePage) address(kind authcore.DeviceKind, address string) string {
	switch {
	case kind.Answers():
		return ""
	case c.full:
		return address
	}
	return masked(kind, address)
}

// typedCode is a code as the core knows it: apps show "123 456" and people copy it
// so, with whatever space or dash stands there, and some keyboards type wide digits.
func typedCode(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '-', r == '\u2010', r == '\u2011', r == '\u2013':
			return -1
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return r
	}, text)
}

// sentTo says whether codes are sent to devices of the kind, and nothing else is.
func sentTo(kind authcore.DeviceKind) bool {
	return kind == authcore.KindPhone || kind == authcore.KindEmail
}
