package authcore

import (
	"context"
	"time"
)

// Pending is what waits for an app, as its person is to see it.
type Pending struct {
	ID        string
	Site      string // the label
	User      string // his name
	Address   string // where it was asked from
	Request   string // in words of who asks; mostly empty
	Code      string // for where only a code can be typed
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Answer takes what a device says of a question: a compact JWS of the type
// doorward-answer+jwt, signed with its secret or key. One statement says whether it was the
// first (law 2). A yes of an app without the number that was shown is a no. It says nothing
// of the login, whose browser asks Answered.
//
// CodeUnauthenticated: no active device signs like this. CodeConflict: the question is not
// waiting, or no longer; ReasonReplayed when this device has answered it.
func (s *Devices) Answer(ctx context.Context, text string, from Origin) (Device, error) {
	return Device{}, errNotBuilt
}

// Waiting lists what waits for the app that signs text, a compact JWS of the type
// doorward-fetch+jwt that is good once and for a minute. CodeUnauthenticated: no active
// device signs like this.
func (s *Devices) Waiting(ctx context.Context, text string, from Origin) ([]Pending, error) {
	return nil, errNotBuilt
}

// KeyEnrolment is what an app brings when it is enrolled.
type KeyEnrolment struct {
	Token     string // from the URI of Registered
	PublicKey []byte // SubjectPublicKeyInfo: ECDSA P-256 or Ed25519
	// Proof is a compact JWS of the type doorward-enrol+jwt with the token's SHA-256 in it,
	// signed with the key.
	Proof string
	// Address is what wakes it, as Device.Address; empty: as it was registered.
	Address string
}

// EnrolLife is how long the token of an app is good.
const EnrolLife = 24 * time.Hour

// EnrolKey gives a device the key of its app, and makes it count. The token is good once.
// CodeUnauthenticated for whatever is wrong with the token; CodeInvalid for the key, the proof
// or the address.
func (s *Devices) EnrolKey(ctx context.Context, e KeyEnrolment, from Origin) (Device, error) {
	return Device{}, errNotBuilt
}

// Answered finishes v's login when the device that his challenge went to has said yes.
// CodeConflict with ReasonUnanswered: it has not answered; CodeUnauthenticated with
// ReasonDenied: it said no, and the code is void; CodeNotFound: no device is being asked.
func (l *Logins) Answered(ctx context.Context, v *Verified) (Login, error) {
	return Login{}, errNotBuilt
}

// Ask is a question that an integrator has asked of a device that answers.
type Ask struct {
	User    string // name, e-mail, phone or ID; empty: whoever has the device
	Device  string // serial or ID; empty: the first of his that answers
	Request string // what the person reads, in words of who asks; at most 200 characters
	From    Origin
}

// Asked says how a question stands.
type Asked struct {
	ID     string
	Device Device
	Number string // to be shown to the person
	Answer Answer // empty: not yet
}

// Ask asks a device (PurposeApprove). It opens nothing here: what a yes means, the integrator
// knows. The errors are those of SendCode.
func (s *Devices) Ask(ctx context.Context, actor Actor, a Ask) (Asked, error) {
	return Asked{}, errNotBuilt
}

// AnswerTo says how a question of Ask stands. A yes is given out once: then it is
// CodeUnauthenticated with ReasonReplayed. CodeNotFound: there is none with this ID, or it
// is another's; CodeUnauthenticated with ReasonExpired.
func (s *Devices) AnswerTo(ctx context.Context, actor Actor, id string, from Origin) (Asked, error) {
	return Asked{}, errNotBuilt
}
