package authcore

import "context"

// Approvals lets client devices in: an app or a person asks, an approver says yes.
type Approvals struct{ *Core }

// DeviceRequest is a device that an app asks for on an account.
type DeviceRequest struct {
	Account, Key string // the ID of the account and what the app calls the device: UUIDs, as sent
	Session      string // what the app calls its session: a UUID, as sent
	Document     string // of the approver; only its digits count
	Way          ApprovalWay
	Face         string // the picture for a verifier, with WayLiveness
	// PublicKey is that of the app, if it has one: P-256 or Ed25519 (SubjectPublicKeyInfo).
	PublicKey []byte
	// Sandbox makes the token SandboxToken, and sends nothing.
	Sandbox bool
	From    Origin
}

// Ask makes a device of r that waits for the approver, or a new request for one that the
// account has already: pending, its tries stay counted; active, it counts as it did
// until the request is approved; else another device takes the place of the old one. A
// verifier that says yes at once has approved it.
//
// Checked in this order: the account (CodeNotFound with ReasonNoAccount), that it is
// active (CodeConflict with ReasonAccountClosed) and no hub (ReasonHub); that an
// integrator is a requester (CodeForbidden with ReasonRequester) who may ask for devices
// (ReasonOperation); the approver (CodeForbidden with ReasonApprover), whom a user must
// be himself. CodeUnavailable with ReasonUndelivered: the token was not sent and the
// device is not there. CodeThrottled with ReasonPaused: too many were sent. CodeConflict
// with ReasonTries: the tries of a pending one are used up.
func (s *Approvals) Ask(ctx context.Context, actor Actor, r DeviceRequest) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}

// DeviceRef names a device by its account and what its app calls it, in any case.
type DeviceRef struct {
	Account, Key string
	From         Origin
}

// Resend sends a new token in place of the old one, whose tries stay counted: by way,
// or, when that is empty, as the last one was sent. ReasonTries when they are used up;
// CodeNotFound with ReasonNoDevice when nothing waits; else the errors of Ask.
func (s *Approvals) Resend(ctx context.Context, actor Actor, ref DeviceRef, way ApprovalWay, sandbox bool) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}

// Validate approves a device by the token that its approver got, in any case and with
// white space around it. The try is counted, and the count committed, before the token is
// looked at; one statement says who approved. The fifth wrong one refuses the request.
// A token that has approved gives the same answer while it lives.
//
// CodeInvalid with ReasonWrongCode: wrong, or expired. CodeConflict with ReasonTries.
// CodeNotFound with ReasonNoDevice, also for a device that is retired.
func (s *Approvals) Validate(ctx context.Context, actor Actor, ref DeviceRef, token string) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}

// Show gives a device. A verifier that has said "later" is asked again, every five
// seconds at most.
func (s *Approvals) Show(ctx context.Context, actor Actor, ref DeviceRef) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}

// List gives the devices of an account, the oldest first; to a user only his own.
func (s *Approvals) List(ctx context.Context, actor Actor, account string) ([]ClientDevice, error) {
	return nil, errNotBuilt
}

// Disable retires a device for good, pending or not, and ends its sessions.
func (s *Approvals) Disable(ctx context.Context, actor Actor, ref DeviceRef) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}
