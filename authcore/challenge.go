package authcore

import (
	"crypto/subtle"
	"time"
)

// Purpose says what a code is for: one that was sent for a login proves
// nothing elsewhere.
type Purpose string

// What codes are sent for.
const (
	// PurposeLogin is the second factor of a login, and its step-up.
	PurposeLogin Purpose = "login"
	// PurposeEnrol is the first code of a device that somebody adds to his own.
	PurposeEnrol Purpose = "enrol"
	// PurposeValidate is a code that an integrator had sent, and asks about.
	PurposeValidate Purpose = "validate"
	// PurposeApprove is a question that an integrator had sent to a device that answers.
	PurposeApprove Purpose = "approve"
	// PurposeRestore is a code for somebody who has forgotten his password.
	PurposeRestore Purpose = "restore"
)

// The bounds of a code that is sent (NIST SP 800-63B section 3.1.3.2).
const (
	ChallengeLifetime = 10 * time.Minute
	challengeTries    = 5
	challengeDigits   = 6
)

// Challenge is an out-of-band code on its way. It is redeemed once.
type Challenge struct {
	ID       string // UUID
	UserID   string
	DeviceID string // where it was sent
	Purpose  Purpose
	// Binding is where it counts: the audience and the door that asked for it.
	Binding string
	// Sealed is the code, sealed for challenges|code|ID.
	Sealed     []byte
	Tries      int // that were counted
	CreatedAt  time.Time
	ExpiresAt  time.Time
	RedeemedAt time.Time // zero: not yet
	// Number is shown where the code was asked for; an app's yes must bear it (number
	// matching). Two digits, and empty unless the device answers.
	Number string
	// Answer is what the device said; empty: nothing. After AnswerNo the code is void too.
	Answer Answer
	// Address is where it was asked from, and Request what for in words of who asks; both for the
	// person to see, and mostly the latter is empty.
	Address, Request string
}

// Answer is what a device says to a question.
type Answer string

// The answers.
const (
	AnswerYes Answer = "yes"
	AnswerNo  Answer = "no"
)

// isSent says whether code is the one on its way to d. What can't be read verifies
// nothing.
func (c *Core) isSent(d Device, sent Challenge, code string) bool {
	text, err := c.ring.Open("challenges", "code", sent.ID, sent.Sealed)
	if err != nil || len(text) != challengeDigits {
		c.log.Error("a code that was sent can't be read: it verifies nothing", "device_id", d.ID, "error", err)
		return false
	}
	return subtle.ConstantTimeCompare(text, []byte(code)) == 1
}
