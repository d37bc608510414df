package authcore

import (
	"cmp"
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
	d, a, err = s.lockRequest(tx, d.ID)
	if err == nil || CodeOf(err) == CodeNotFound {
		err = cmp.Or(actor.stands(tx), err)
	}
	switch {
	case CodeOf(err) == CodeNotFound:
		return d, a, Errorf(CodeConflict, "device %s does not wait to be approved", ref)
	case err != nil:
		return d, a, err
	case a.State != ApprovalPending && d.Status == StatusActive:
		return d, a, Errorf(CodeConflict, "what device %s waited for was %s already: block or deactivate it if it is to open nothing", d.Serial, a.State)
	case a.State != ApprovalPending:
		return d, a, Errorf(CodeConflict, "what device %s waited for was %s already", d.Serial, a.State)
	case !a.waits(now):
		return d, a, Errorf(CodeConflict, "device %s has waited for too long: it must be asked for again", d.Serial)
	}
	return d, a, nil
}

// accountOpen says whether devices may come to the account that d is on, if it is on one.
func accountOpen(tx Tx, d Device) error {
	b, err := bondOf(tx, d.ID)
	if err == nil && !b.open {
		err = Errorf(CodeConflict, "the account of device %s is not active", d.Serial).because(ReasonAccountClosed)
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
