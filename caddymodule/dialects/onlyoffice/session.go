package onlyoffice

import (
	"errors"
	"strings"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// signedIn is who the request proves; without anybody it is errNoToken.
func (x *exchange) signedIn() (*authcore.Principal, error) {
	p, err := x.Principal()
	if err == nil && (p == nil || p.UserID == "") || err != nil && authcore.CodeOf(err) == authcore.CodeUnauthenticated {
		return nil, errNoToken
	}
	return p, err
}

// isSignedIn answers GET authentication, which is never a 401.
func isSignedIn(x *exchange) (any, error) {
	_, err := x.signedIn()
	if err != nil && !errors.Is(err, errNoToken) {
		return nil, err
	}
	return err == nil, nil
}

// loggedIn gives the browser its cookie, and tells when the login ends: DocSpace
// has logins that end with the browser.
func (x *exchange) loggedIn(login authcore.Login, fields dialect.Fields) (ends string) {
	if x.o.Flavour == docspace && strings.EqualFold(fields.Get("session"), "true") {
		x.setCookie(login.Token, time.Time{})
		return noDate
	}
	x.setCookie(login.Token, login.ExpiresAt)
	return x.o.zone.date(login.ExpiresAt)
}

// logout answers POST authentication/logout: whoever asks is logged out after it,
// also who was never in. The body does not matter.
func logout(x *exchange) (any, error) {
	p, err := x.signedIn()
	if err == nil {
		_, err = x.Core.Sessions.Revoke(x.Context(), authcore.ActingUser(p), p.SessionID)
		if code := authcore.CodeOf(err); err != nil && (code == authcore.CodeConflict || code == authcore.CodeNotFound) {
			err = nil // it has ended already
		}
	}
	if err != nil && !errors.Is(err, errNoToken) {
		return nil, err
	}
	x.setCookie("", time.Time{})
	return nil, nil
}
