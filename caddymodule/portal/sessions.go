package portal

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/pages"
)

var sessionsDone = map[string]string{"ended": "sessions.done.ended", "others": "sessions.done.others"}

func sessions(a *account) error {
	list, err := a.core.Sessions.List(a.r.Context(), a.actor, a.principal.UserID)
	if err != nil {
		return err
	}
	devices, err := a.core.Devices.List(a.r.Context(), a.actor, a.principal.UserID)
	if err != nil {
		return err
	}
	byID := map[string]authcore.Device{}
	for _, d := range devices {
		byID[d.ID] = d
	}
	shown := make([]pages.OwnSession, len(list))
	for i, s := range list {
		shown[i] = a.shownSession(s, byID[s.DeviceID], byID[s.ClientDevice])
	}
	view := a.view("sessions", shown)
	view.Done = a.doneOf(sessionsDone)
	return a.show(http.StatusOK, view)
}

func (a *account) shownSession(s authcore.Session, d, client authcore.Device) pages.OwnSession {
	shown := pages.OwnSession{
		ID: s.ID, Address: s.Address, Door: doorOf(s.ClientID), Since: s.AuthTime,
		Device: a.shown(d), Client: a.shown(client), Here: s.ID == a.principal.SessionID,
	}
	shown.Browser, shown.System = agentOf(s.Agent)
	switch s.Audience {
	case app.DefaultAudience:
	case authcore.EveryAudience:
		shown.Everywhere = true
	default:
		shown.Site = s.Audience
	}
	return shown
}

// doorOf is the key of the name of a door.
func doorOf(client string) string {
	switch client {
	case authcore.DoorPortal:
		return "sessions.door.browser"
	case "onlyoffice":
		return "sessions.door.onlyoffice"
	}
	return "sessions.door.api"
}

// endSession ends one of his: this one as a sign-out does. One that has ended
// already is as he wants it.
func endSession(a *account) error {
	id := a.named("session")
	if id == "" {
		return authcore.Errorf(authcore.CodeNotFound, "no such session")
	}
	if id == a.principal.SessionID {
		return postSignOut(a.visit)
	}
	_, err := a.core.Sessions.Revoke(a.r.Context(), a.actor, id)
	if err != nil && authcore.CodeOf(err) != authcore.CodeConflict {
		return err
	}
	return a.done("sessions", "ended")
}

func endOtherSessions(a *account) error {
	if _, err := a.core.Sessions.RevokeOthers(a.r.Context(), a.actor); err != nil {
		return err
	}
	return a.done("sessions", "others")
}
