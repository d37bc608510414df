package authcore

import (
	"cmp"
	"time"

	"github.com/google/uuid"
)

// newRequest is what is stored of r. The wrong tokens of one that waits stay counted.
func (s *Approvals) newRequest(tx Tx, actor Actor, d Device, r DeviceRequest) (Approval, error) {
	now := s.now()
	a := Approval{
		ID: uuid.NewString(), DeviceID: d.ID, UserID: d.UserID, AskedBy: actor.integrator, Way: r.Way, State: ApprovalPending,
		CreatedAt: now, ExpiresAt: now.Add(requestLife),
		Marks: Marks{SessionDigest: sessionDigest(r.Session), PublicKey: r.PublicKey, Face: r.Face},
	}
	a.Session = s.ring.Seal("approvals", "session", a.ID, []byte(r.Session))
	old, err := tx.Approval(d.ID)
	if CodeOf(err) == CodeNotFound {
		return a, nil
	}
	if old.waits(now) {
		a.Tries = old.Tries
	}
	if a.Tries >= tokenTries {
		return a, cmp.Or(err, error(triesUsedUp()))
	}
	return a, err
}

// proofOf is what is to be sent so that a is proven, if anything is. Pictures cost too, and
// are counted with the tokens of who decides.
func (s *Approvals) proofOf(u User, who Approver, a *Approval, sandbox bool) (tokenDelivery, error) {
	switch {
	case a.Way == WayPhone || a.Way == WayEmail:
		return s.tokenFor(u, who, a, "", sandbox)
	case a.Way == WayLiveness && s.verifier == nil:
		return tokenDelivery{}, Errorf(CodeUnavailable, "nothing here looks at pictures: the configuration needs 'verifier'").because(ReasonUndelivered)
	case a.Way == WayLiveness:
		return tokenDelivery{approval: *a, user: u, sendings: s.sendingsTo(u, "")[:1]}, nil
	}
	return tokenDelivery{approval: *a, user: u}, nil
}

// voidToken makes the token of a request good for nothing. Its tries stay counted.
func voidToken(tx Tx, a Approval) error {
	id := a.ID
	a.Token, a.TokenExpiresAt = nil, time.Time{}
	_, err := tx.RenewApproval(id, a, tokenTries)
	return err
}

// waits says whether somebody may still decide a.
func (a Approval) waits(now time.Time) bool {
	return a.State == ApprovalPending && now.Before(a.ExpiresAt)
}
