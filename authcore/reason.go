package authcore

// Reason tells more of a failure than its [Code] does, to a caller who may know: an
// integrator. Who has not shown a primary secret never gets one. The set is closed: a
// dialect of integrators has a row for each (see [Reasons]).
type Reason string

// The reasons there are.
const (
	// About the caller.
	ReasonIntegrator Reason = "integrator" // no such name, a wrong key, another dialect or address
	ReasonOperation  Reason = "operation"  // not among the operations that he may ask for
	ReasonRate       Reason = "rate"       // too many calls a minute
	// About a user.
	ReasonNoUser       Reason = "no_user"
	ReasonUserTaken    Reason = "user_taken"
	ReasonUserDisabled Reason = "user_disabled"
	ReasonWrongSecret  Reason = "wrong_secret" // a password
	ReasonNoAddress    Reason = "no_address"   // nowhere to send a code to
	ReasonUndelivered  Reason = "undelivered"  // there is no channel, or it failed
	// About a device.
	ReasonNoDevice    Reason = "no_device"
	ReasonNone        Reason = "none"     // the user has none
	ReasonInactive    Reason = "inactive" // pending, blocked or deactivated
	ReasonSerial      Reason = "serial"   // malformed
	ReasonSerialTaken Reason = "serial_taken"
	ReasonAssigned    Reason = "assigned" // to another user
	ReasonDrift       Reason = "drift"    // a window that is not allowed
	// About a code.
	ReasonMalformedCode Reason = "malformed_code"
	ReasonWrongCode     Reason = "wrong_code"
	ReasonReplayed      Reason = "replayed"
	ReasonExpired       Reason = "expired"
	ReasonPaused        Reason = "paused" // too many wrong ones, or too many were sent
	ReasonTries         Reason = "tries"  // all that a token may have were wrong
	// About a question to a device that answers.
	ReasonUnanswered Reason = "unanswered" // it has not yet
	ReasonDenied     Reason = "denied"     // it said no
	// About a record that is to be changed.
	ReasonStale Reason = "stale" // it was changed meanwhile: state or version is another
	ReasonFixed Reason = "fixed" // that can't be changed
	// About an account, and who may ask for devices on it.
	ReasonNoAccount     Reason = "no_account"
	ReasonAccountClosed Reason = "account_closed" // or blocked
	ReasonHub           Reason = "hub"
	ReasonRequester     Reason = "requester" // an integrator who may only look
	ReasonApprover      Reason = "approver"  // nobody with this document
	// About a session: it is bound to no registered device.
	ReasonClientDevice Reason = "client_device"
)

// Reasons lists every Reason, for tables that must have a row for each.
func Reasons() []Reason {
	return []Reason{
		ReasonIntegrator, ReasonOperation, ReasonRate,
		ReasonNoUser, ReasonUserTaken, ReasonUserDisabled, ReasonWrongSecret, ReasonNoAddress, ReasonUndelivered,
		ReasonNoDevice, ReasonNone, ReasonInactive, ReasonSerial, ReasonSerialTaken, ReasonAssigned, ReasonDrift,
		ReasonMalformedCode, ReasonWrongCode, ReasonReplayed, ReasonExpired, ReasonPaused, ReasonTries,
		ReasonUnanswered, ReasonDenied, ReasonStale, ReasonFixed,
		ReasonNoAccount, ReasonAccountClosed, ReasonHub, ReasonRequester, ReasonApprover, ReasonClientDevice,
	}
}

// because gives e with a reason.
func (e *Error) because(r Reason) *Error {
	e.Reason = r
	return e
}
