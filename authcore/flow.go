package authcore

import (
	"cmp"
	"strings"
)

// binding is where a code that is sent to v counts.
func (v *Verified) binding() string { return v.attempt.Audience + "|" + v.attempt.ClientID }

// asking is the binding of a question to d: a code is typed by who has it in hand, but a
// yes would be for whoever asks next, so it counts for this login alone.
func (v *Verified) asking(d Device) string {
	if !d.Kind.Answers() {
		return v.binding()
	}
	return v.binding() + "|" + v.login()
}

// login names the login that v goes on with; empty: none that can be told from others.
func (v *Verified) login() string { return cmp.Or(v.flow, v.session) }

// askedFor says whether c is a question of v's own login.
func (v *Verified) askedFor(c Challenge) bool {
	return v.login() != "" && c.Binding == v.binding()+"|"+v.login()
}

// countsAt is the binding of c without the login that a question names.
func (c Challenge) countsAt() string {
	if c.Number == "" {
		return c.Binding
	}
	return c.Binding[:max(0, strings.LastIndexByte(c.Binding, '|'))]
}
