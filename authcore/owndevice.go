package authcore

import "cmp"

// vouched is e as actor may register it: who administers vouches for all of it, a user for
// nothing but that he is there himself, with both factors.
func (s *Devices) vouched(actor Actor, e Enrolment) (Enrolment, error) {
	if actor.isUser() != nil {
		return e, actor.administers()
	}
	if err := e.mayBeOwn(); err != nil {
		return e, err
	}
	if err := actor.changesFactors(s.now()); err != nil {
		return e, err
	}
	e.User = cmp.Or(e.User, actor.userID) // anybody else is not there for him: see findUser
	return e, actor.describesOwn(e.Dialect, e.Attributes)
}

// mayBeOwn says whether a user may register e for himself: an app that makes codes or
// answers, with a secret and a serial that are made here, which counts as any. What codes are
// sent to he enrols in a login, where he shows that they arrive (law 7).
func (e Enrolment) mayBeOwn() error {
	if e.Kind != KindTOTP && e.Kind != KindMobile {
		return Errorf(CodeForbidden, "a user registers totp and mobile_application by himself, and nothing of the kind %s: enrol it where you sign in", e.Kind)
	}
	if e.Secret != nil || e.Serial != "" || e.PIN != "" || e.LookAhead != nil || e.Awaits != "" || e.LogsIn || e.Welcome != "" {
		return Errorf(CodeForbidden, "a user chooses no secret, serial, PIN or look-ahead of a device, nor what it awaits, how he is told or what he logs in with")
	}
	return nil
}
