package authcore

import "context"

// Ticket is a short-lived proof that somebody has shown the primary secret, for
// clients that show it once. It opens nothing by itself.
type TicketPurpose string

// What a ticket is for.
const (
	// TicketLogin goes on with a login.
	TicketLogin TicketPurpose = "login"
	// TicketReplaceApp enrols another authenticator app; both factors were
	// shown for it.
	TicketReplaceApp TicketPurpose = "replace_app"
)

// Ticket makes a ticket to go on with v's login, for ten minutes.
func (l *Logins) Ticket(v *Verified) (string, error) {
	return "", Errorf(CodeInternal, "not built yet")
}

// ReplaceApp makes a ticket with which the user that p proves can enrol another
// authenticator app. Both factors must have been shown in the last ten minutes
// (law 7): else CodeStepUp. The old app counts until the new one does.
func (l *Logins) ReplaceApp(ctx context.Context, actor Actor) (string, error) {
	return "", Errorf(CodeInternal, "not built yet")
}

// Resume gives what a ticket proves. a names the site and the door, which must
// be those that the ticket was made for; its name and password don't count.
// Whatever is wrong with a ticket is CodeUnauthenticated.
func (l *Logins) Resume(ctx context.Context, a Attempt, ticket string) (*Verified, TicketPurpose, error) {
	return nil, "", Errorf(CodeInternal, "not built yet")
}
