package authcore

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// sending is one counter of codes that are sent.
type sending struct {
	key   AttemptKey
	limit AttemptLimit
}

// sendings bound what a person can make us send, for every message costs: to
// him, to one number whoever names it, and from one address.
func (l *Logins) sendings(v *Verified, d Device) []sending {
	sum := sha256.Sum256([]byte(d.Address)) // the table holds no numbers
	return []sending{
		{l.askedFrom(v), l.limits.SendAddress},
		{AttemptKey{AttemptSendUser, v.user.ID}, l.limits.Send},
		{AttemptKey{AttemptSendNumber, hex.EncodeToString(sum[:16])}, l.limits.Send},
	}
}

// askedFrom counts the codes that one address asks for and nobody uses.
func (l *Logins) askedFrom(v *Verified) AttemptKey {
	return AttemptKey{AttemptSendAddress, addressKey(v.attempt.From.Address)}
}

// countSending counts one message at each of them, or names the one that is
// full. Its error undoes the others: nothing was sent.
func (l *Logins) countSending(tx Tx, v *Verified, d Device, now time.Time) (full AttemptKind, err error) {
	for _, s := range l.sendings(v, d) {
		ok, err := tx.Reserve(s.key, s.limit, now)
		if err != nil {
			return "", err
		}
		if ok {
			continue
		}
		a, err := tx.Attempts(s.key)
		if err != nil {
			return "", err
		}
		return s.key.Kind, &Error{Code: CodeThrottled, Message: "too many codes were sent, please try again later", RetryAfter: a.PausedUntil.Sub(now)}
	}
	return "", nil
}
