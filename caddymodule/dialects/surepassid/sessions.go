package surepassid

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

// longest is the longest session that may be asked for, in minutes: a year. The
// configuration ends it sooner.
const longest = 366 * 24 * 60

func openSession(x *exchange) (any, error) {
	minutes, err := x.number("sessionTokenDurationMinutes", 30, 1, longest, general)
	if err != nil {
		return nil, err
	}
	if _, err := x.number("sessionTokenType", 0, 0, 1, general); err != nil { // both are alike here
		return nil, err
	}
	session, err := x.Core.Sessions.Open(x.Context(), x.actor, authcore.Opening{
		User: x.text("username"), Password: x.text("pw"), Lifetime: time.Duration(minutes) * time.Minute, From: x.Origin,
	})
	if err != nil {
		return nil, err
	}
	return struct {
		SessionTokenID string `json:"sessionTokenId"`
	}{session.ID}, nil
}

func findSession(x *exchange) (any, error) {
	_, err := x.session()
	return nil, err
}

func closeSession(x *exchange) (any, error) {
	session, err := x.session()
	if err != nil {
		return nil, err
	}
	_, err = x.Core.Sessions.Close(x.Context(), x.actor, session.ID)
	return nil, err
}

// session finds the one that a request names. One of another user than it names is
// none, and reads so.
func (x *exchange) session() (authcore.Session, error) {
	id := x.text("sessionTokenId")
	if id == "" {
		return authcore.Session{}, fail(general, "send sessionTokenId")
	}
	session, err := x.Core.Sessions.Opened(x.Context(), x.actor, id)
	name := x.text("username")
	if err != nil || name == "" {
		return session, noSession(err)
	}
	u, err := x.Core.Users.Get(x.Context(), x.actor, name)
	if err != nil {
		return session, err
	}
	if u.ID != session.UserID {
		return session, noSession(authcore.Errorf(authcore.CodeNotFound, "another user's"))
	}
	return session, nil
}

func noSession(err error) error {
	if authcore.CodeOf(err) == authcore.CodeNotFound && err != nil {
		return fail(general, "The session token is not valid: it has ended, or never was")
	}
	return err
}
