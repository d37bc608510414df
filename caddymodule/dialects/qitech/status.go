package qitech

import "github.com/doorward/doorward/authcore"

// The vendor has three vocabularies for the states of a device: that of the answers to
// actions (pending_2fa_approval, created, disabled), and the two of a device that is shown.
const (
	registered    = "registered"
	notRegistered = "not_registered"
	deactivated   = "deactivated"

	analysisPending = "pending"
	approved        = "automatically_approved"
	reproved        = "automatically_reproved"
)

// statusOf is the state of a registration. A device that an operator has blocked counts for
// nothing, and the vendor has no other word for that.
func statusOf(s authcore.DeviceStatus) string {
	switch s {
	case authcore.StatusActive:
		return registered
	case authcore.StatusBlocked, authcore.StatusDeactivated:
		return deactivated
	}
	return notRegistered
}

// analysisOf is what came of the newest request: pending while one waits, whatever was
// registered before it.
func analysisOf(d authcore.ClientDevice) string {
	if waits(d) {
		return analysisPending
	}
	last := analysisPending
	var was authcore.DeviceStatus
	for _, change := range d.History {
		if a, ok := analysed(change, was); ok {
			last = a.Status
		}
		was = change.Status
	}
	return last
}

// waits says whether a request waits for its approver.
func waits(d authcore.ClientDevice) bool {
	return d.Approval.State == authcore.ApprovalPending && (d.Status == authcore.StatusPending || d.Status == authcore.StatusActive)
}

// reasons say why a request was refused, in words of ours: in the vendor's sample they are
// null.
var reasons = map[string][2]string{
	authcore.RefusedTries:    {"token_attempts_exceeded", "Too many wrong tokens were sent"},
	authcore.RefusedVerifier: {"liveness_refused", "The picture was not accepted"},
	authcore.RefusedPerson:   {"approver_refused", "The approver has refused the device"},
	authcore.RefusedLapsed:   {"request_expired", "Nobody has decided about the device in time"},
}

// analysed gives the step of an analysis that a change of a device was, if it was one: what
// an operator blocks and unblocks is not analysed anew.
func analysed(change authcore.StatusChange, was authcore.DeviceStatus) (analysisStep, bool) {
	step := analysisStep{At: inUTC(change.At)}
	switch {
	case change.Status == authcore.StatusPending:
		step.Status = analysisPending
	case change.Status == authcore.StatusActive && was != authcore.StatusBlocked:
		step.Status = approved
	case change.Status == authcore.StatusRejected:
		why := reasons[change.Reason]
		step.Status, step.Reason, step.Description = reproved, optional(why[0]), optional(why[1])
	default:
		return step, false
	}
	return step, true
}
