package authcore

import "context"

// Adding lets the user that actor is enrol another device, with SetApp, SetPhone
// or SetEmail and then Activate. Both factors must have been shown in the last
// ten minutes (law 7): else CodeStepUp. a names the site and the door. Second
// takes no code for what it gives.
func (l *Logins) Adding(ctx context.Context, actor Actor, a Attempt) (*Verified, error) {
	return nil, errNotBuilt
}

// Activate makes the device count that v, from Adding, is enrolling, by its first
// code, which that uses up. The try is counted before the code is looked at. A
// wrong code is CodeInvalid; CodeThrottled: the device is paused after wrong
// codes; CodeConflict: nothing is being enrolled.
func (l *Logins) Activate(ctx context.Context, v *Verified, code string) (Device, error) {
	return Device{}, errNotBuilt
}

// SetEmail enrols an e-mail address as SetPhone does a number.
func (l *Logins) SetEmail(ctx context.Context, v *Verified, address string) (Step, error) {
	return Step{}, errNotBuilt
}
