package authcore

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"
)

// TicketPurpose says what a ticket is for. A ticket is a short-lived proof that
// somebody has shown the primary secret, for clients that show it once. It opens
// nothing by itself.
type TicketPurpose string

// What a ticket is for.
const (
	// TicketLogin goes on with a login.
	TicketLogin TicketPurpose = "login"
	// TicketReplaceApp enrols another authenticator app; both factors were
	// shown for it.
	TicketReplaceApp TicketPurpose = "replace_app"
)

// ticketLifetime is that of the login it goes on with: a code lives as long.
const ticketLifetime = ChallengeLifetime

// ticket is sealed, and not signed: no holder can read it, nobody can take it
// for a token, and it is bound to the site and the door by its seal.
type ticket struct {
	Purpose  TicketPurpose
	UserID   string
	Epoch    int64  // of the user: whatever ends all his sessions ends it
	Session  string // that both factors were shown for; empty for a login
	AuthTime int64  // Unix seconds
	External bool
	Invite   []byte // digest of an invitation
	Flow     string // Verified.flow
	Expires  int64  // Unix seconds
}

// Ticket makes a ticket to go on with v's login, for ten minutes.
func (l *Logins) Ticket(v *Verified) (string, error) {
	return l.seal(v.attempt.Audience, v.attempt.ClientID, v.ticket())
}

// ticket is what goes on with v's login.
func (v *Verified) ticket() ticket {
	return ticket{
		Purpose: TicketLogin, UserID: v.user.ID, Epoch: v.user.Epoch, AuthTime: v.at.Unix(), External: v.external, Invite: v.invite, Flow: v.flow,
	}
}

func (l *Logins) seal(audience, door string, t ticket) (string, error) {
	t.Expires = l.now().Add(ticketLifetime).Unix()
	text, err := json.Marshal(t)
	if err != nil {
		return "", Wrap(CodeInternal, err, "no ticket can be made")
	}
	return base64.RawURLEncoding.EncodeToString(l.ring.Seal("tickets", door, audience, text)), nil
}

// ReplaceApp makes a ticket with which the user that p proves can enrol another
// authenticator app, at his site and through the door a names. Both factors must
// have been shown in the last ten minutes (law 7): else CodeStepUp. The old app
// counts until the new one does.
func (l *Logins) ReplaceApp(ctx context.Context, actor Actor, a Attempt) (string, error) {
	if err := actor.changesFactors(l.now()); err != nil {
		return "", err
	}
	var u User
	err := l.store.Read(ctx, func(tx Tx) (err error) { u, err = findUser(tx, actor, actor.userID); return err })
	if err != nil {
		return "", err
	}
	return l.seal(a.Audience, a.ClientID, ticket{
		Purpose: TicketReplaceApp, UserID: u.ID, Epoch: u.Epoch, Session: actor.sessionID, AuthTime: actor.authTime.Unix(),
		External: actor.external,
	})
}

// Resume gives what a ticket proves. a names the site and the door, which must
// be those that the ticket was made for; its name and password don't count.
// Whatever is wrong with a ticket is CodeUnauthenticated; when only its invitation
// is not valid any more, CodeForbidden.
func (l *Logins) Resume(ctx context.Context, a Attempt, text string) (*Verified, TicketPurpose, error) {
	if err := l.inTime(); err != nil {
		return nil, "", err
	}
	t, ok := l.open(a, text)
	if !ok || t.Expires <= l.now().Unix() {
		return nil, "", loginRefused()
	}
	v, err := l.resume(ctx, a, t)
	return v, t.Purpose, err
}

// resume gives what t proves, if nothing has ended that meanwhile.
func (l *Logins) resume(ctx context.Context, a Attempt, t ticket) (*Verified, error) {
	v := &Verified{
		user: User{ID: t.UserID, Epoch: t.Epoch}, at: time.Unix(t.AuthTime, 0),
		external: t.External, replacesApp: t.Purpose == TicketReplaceApp, session: t.Session, invite: t.Invite, flow: t.Flow,
	}
	err := l.store.Read(ctx, func(tx Tx) (err error) { v.user, err = v.stands(tx, l.now()); return err })
	if err != nil {
		return nil, err
	}
	a.Tenant, a.Name, a.Password = v.user.Tenant, v.user.Name, ""
	v.attempt = a
	return v, nil
}

// stands gives the user as he is, unless something has ended what v proves: his
// sessions since he showed his password, or the one that lets him change it.
func (v *Verified) stands(tx Tx, now time.Time) (User, error) {
	u, err := tx.UserByID(v.user.ID)
	if CodeOf(err) == CodeNotFound || err == nil && (u.Disabled || u.Epoch != v.user.Epoch) {
		return User{}, loginRefused()
	}
	if err != nil {
		return u, err
	}
	if v.invite != nil {
		if err := v.invited(tx, now); err != nil {
			return User{}, err
		}
	}
	if v.session == "" {
		return u, err
	}
	s, err := tx.SessionByID(v.session)
	if CodeOf(err) == CodeNotFound || err == nil && (!s.EndedAt.IsZero() || s.UserID != u.ID || !s.coded()) {
		return User{}, loginRefused()
	}
	return u, err
}

// maxTicket bounds what is decoded.
const maxTicket = 1024

func (l *Logins) open(a Attempt, text string) (t ticket, ok bool) {
	if len(text) > maxTicket {
		return t, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return t, false
	}
	plain, err := l.ring.Open("tickets", a.ClientID, a.Audience, sealed)
	if err != nil {
		return t, false
	}
	return t, json.Unmarshal(plain, &t) == nil
}
