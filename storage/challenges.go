package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

var errLater = authcore.Errorf(authcore.CodeInternal, "not built yet")

func (t *tx) PutChallenge(c authcore.Challenge) error { return errLater }

func (t *tx) Challenge(userID string, purpose authcore.Purpose) (authcore.Challenge, error) {
	return authcore.Challenge{}, errLater
}

func (t *tx) TryChallenge(id string, limit int, now time.Time) (bool, error) { return false, errLater }

func (t *tx) RefundChallenge(id string) error { return errLater }

func (t *tx) RedeemChallenge(id string, now time.Time) (bool, error) { return false, errLater }

func (t *tx) RemoveChallenge(id string) error { return errLater }
