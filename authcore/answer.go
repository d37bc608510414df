package authcore

import (
	"context"
	"crypto/subtle"
	"time"
)

// Answer takes what a device says of a question: a compact JWS of the type
// doorward-answer+jwt, signed with its secret or key. One statement says whether it was the
// first (law 2). A yes of an app without the number that was shown is a no. It says nothing
// of the login, whose browser asks Answered.
//
// CodeUnauthenticated: no active device signs like this. CodeConflict: the question is not
// waiting, or no longer; ReasonReplayed when this device has answered it.
func (s *Devices) Answer(ctx context.Context, text string, from Origin) (Device, error) {
	now := s.now()
	j, d, err := s.signedNow(ctx, text, answerType, from)
	if err != nil {
		return Device{}, err
	}
	a, ok := readAnswer(j, now)
	if !ok {
		return Device{}, s.refuseSigned(ctx, d, from, "device.answer", "malformed")
	}
	reason := ""
	err = s.write(ctx, func(tx *journal) (err error) {
		if reason, err = s.noteAnswer(tx, &d, a, now); err != nil {
			return err
		}
		if a.refusal(reason) != nil && s.fillsAudit(from) { // one answer may be shown again and again
			s.log.Warn("an answer is refused, one of too many for the audit trail", "reason", reason,
				"device_id", d.ID, "address", from.Address, "request_id", from.RequestID)
			return nil
		}
		return s.record(tx, s.answerEvent(d, from, "device.answer", reason))
	})
	if err != nil {
		return Device{}, err
	}
	return d, a.refusal(reason)
}

// answer is what a device says.
type answer struct {
	id     string // of the challenge
	says   Answer
	number string // that its person saw; may be empty
}

// maxAnswerLife is how long an answer may be good that has not come yet.
const maxAnswerLife = 5 * time.Minute

// readAnswer reads the claims that an answer has beyond those of all that devices sign.
func readAnswer(j deviceJWS, now time.Time) (a answer, ok bool) {
	id, hasID := j.text("jti")
	says, hasAnswer := j.text("answer")
	at, _ := j.seconds("iat")
	until, hasEnd := j.seconds("exp")
	if !hasID || !hasAnswer || !hasEnd || until <= now.Unix() || until-at > int64(maxAnswerLife/time.Second) {
		return a, false
	}
	a = answer{id: id, says: Answer(says)}
	if _, there := j.members["number"]; there {
		if a.number, ok = j.text("number"); !ok {
			return a, false
		}
	}
	return a, a.says == AnswerYes || a.says == AnswerNo
}

// What came of an answer, for the audit trail.
const (
	answerNotAsked    = "not_asked"    // there is no such question to this device
	answerLate        = "late"         // expired, used by its code, or replaced
	answerReplayed    = "replayed"     // it has said yes or no before
	answerWrongNumber = "wrong_number" // a yes that counts as a no
	answerDenied      = "denied"
)

// noteAnswer is where an answer counts, once. What was found is held against what stands
// now: whoever was blocked meanwhile says nothing.
func (s *Devices) noteAnswer(tx Tx, d *Device, a answer, now time.Time) (reason string, err error) {
	if *d, err = s.answering(tx, d.ID, now); err != nil {
		return "", err
	}
	c, err := tx.ChallengeByID(a.id)
	if CodeOf(err) == CodeNotFound || err == nil && (c.DeviceID != d.ID || c.UserID != d.UserID || c.Number == "") {
		return answerNotAsked, nil
	}
	if err != nil {
		return "", err
	}
	says, reason := a.counts(d.Kind, c)
	won, err := tx.AnswerChallenge(c.ID, says, now)
	switch {
	case err != nil:
		return "", err
	case won:
		return reason, nil
	case c.Answer != "":
		return answerReplayed, nil
	}
	// Another answer may have come since it was read.
	if c, err = tx.ChallengeByID(a.id); err == nil && c.Answer != "" {
		return answerReplayed, nil
	}
	if CodeOf(err) == CodeNotFound {
		err = nil
	}
	return answerLate, err
}

// counts is what an answer of a device of the kind comes to. Its person types the number
// into an app, which can't know it otherwise, so that he says yes to the login that he
// sees (NIST SP 800-63B section 3.1.3.1); other devices were told it and may leave it out.
func (a answer) counts(kind DeviceKind, c Challenge) (says Answer, reason string) {
	if a.says != AnswerYes {
		return AnswerNo, answerDenied
	}
	right := c.Number != "" && subtle.ConstantTimeCompare([]byte(a.number), []byte(c.Number)) == 1
	if !right && (kind == KindMobile || a.number != "") {
		return AnswerNo, answerWrongNumber
	}
	return AnswerYes, ""
}

// refusal is what the device learns: an answer that counted is taken, whatever it was.
func (answer) refusal(reason string) error {
	switch reason {
	case answerReplayed:
		return Errorf(CodeConflict, "this device has answered the question already").because(ReasonReplayed)
	case answerNotAsked, answerLate:
		return Errorf(CodeConflict, "no question with this ID waits for this device, or it does no longer")
	}
	return nil
}
