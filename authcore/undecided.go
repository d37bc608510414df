package authcore

import (
	"errors"
	"time"
)

// undecided finds a device that waits for actor, and keeps others from deciding until the
// transaction ends.
func (s *Approvals) undecided(tx Tx, actor Actor, ref string, now time.Time) (d Device, a Approval, err error) {
	if actor.kind != actorOperator && actor.kind != actorUser {
		return d, a, Errorf(CodeForbidden, "only the one who decides, or an operator, approves or refuses a device")
	}
	if d, err = findDevice(tx, actor, ref); err != nil {
		return d, a, err
	}
	if actor.operates() != nil {
		if err = actor.changesFactors(now); err != nil {
			return d, a, err
		}
	}
	if d, err = s.lockOwned(tx, actor, d); err != nil {
		return d, a, err
	}
	a, err = tx.Approval(d.ID)
	switch {
	case CodeOf(err) == CodeNotFound:
		return d, a, Errorf(CodeConflict, "device %s does not wait to be approved", d.Serial)
	case err != nil:
		return d, a, err
	case a.UserID != d.UserID: // a device and its request are always of one
		return d, a, notFound("device")
	case a.State != ApprovalPending:
		return d, a, Errorf(CodeConflict, "what device %s waited for was %s already", d.Serial, a.State)
	case !a.waits(now):
		return d, a, Errorf(CodeConflict, "device %s has waited for too long: it must be asked for again", d.Serial)
	}
	return d, a, nil
}

// lockOwned locks the owner of d, and gives d as it is then. What a user asks through must
// stand by then.
func (s *Approvals) lockOwned(tx Tx, actor Actor, d Device) (Device, error) {
	if d.UserID == "" || d.Kind != KindClient {
		return d, Errorf(CodeConflict, "device %s does not wait to be approved", d.Serial)
	}
	if err := lockUser(tx, d.UserID); err != nil {
		return d, err
	}
	if err := actor.stands(tx); err != nil {
		return d, err
	}
	return findDevice(tx, actor, d.ID)
}

// accountOpen says whether devices may come to the account that d is on, if it is on one.
func accountOpen(tx Tx, d Device) error {
	c, err := tx.Client(d.ID)
	if err != nil || c.Account == "" {
		return err
	}
	a, err := tx.AccountByID(c.Account)
	if err == nil && a.Status != AccountActive {
		err = Errorf(CodeConflict, "the account of device %s is %s", d.Serial, a.Status).because(ReasonAccountClosed)
	}
	return err
}

// decidedElsewhere says what it means that another was first.
func decidedElsewhere(d Device, err error) error {
	if errors.Is(err, errLost) {
		return Errorf(CodeConflict, "device %s was decided or changed meanwhile", d.Serial)
	}
	return err
}
