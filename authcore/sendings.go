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

// sendingsTo bound what is sent to one person, for every message costs: to him, and
// to one number whoever names it.
func (c *Core) sendingsTo(u User, address string) []sending {
	sum := sha256.Sum256([]byte(address)) // the table holds no numbers
	return []sending{
		{AttemptKey{AttemptSendUser, u.ID}, c.limits.Send},
		{AttemptKey{AttemptSendNumber, hex.EncodeToString(sum[:16])}, c.limits.Send},
	}
}

// askLimit is how many questions of logins may wait or be refused in a row: who knows a password
// must not ask its owner until he is weary and says yes (OTP-18).
var askLimit = AttemptLimit{InARow: 3, Window: 10 * time.Minute, Pause: 10 * time.Minute}

// askedOf counts the questions to one user's devices since the last that he said yes to, or
// whose code was typed.
func askedOf(u User) AttemptKey { return AttemptKey{AttemptSendUser, u.ID + "|asked"} }

// askedFrom counts the codes that one address asks for and nobody uses, of whoever
// asks with his password.
func (l *Logins) askedFrom(v *Verified) AttemptKey {
	return AttemptKey{AttemptSendAddress, addressKey(v.attempt.From.Address)}
}

// countSending counts one message at each of them, or names the one that is
// full. Its error undoes the others: nothing was sent.
func countSending(tx Tx, sendings []sending, now time.Time) (full AttemptKind, err error) {
	for _, s := range sendings {
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
		return s.key.Kind, &Error{
			Code: CodeThrottled, Message: "too many codes were sent, please try again later", Reason: ReasonPaused,
			RetryAfter: a.PausedUntil.Sub(now),
		}
	}
	return "", nil
}
