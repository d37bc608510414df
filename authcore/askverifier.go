package authcore

import (
	"context"
	"errors"
	"strings"
	"time"
)

// verifyEvery is how often a verifier is asked about one request, at most.
const verifyEvery = 5 * time.Second

// askVerifier has a verifier look at the picture of a request that waits for it, unless
// that was done just now: yes lets the device in, no refuses the request, and of
// everything else it waits. No transaction waits for the answer.
func (s *Approvals) askVerifier(ctx context.Context, actor Actor, deviceID string, from Origin) error {
	if s.verifier == nil {
		return nil
	}
	l, err := s.unseen(ctx, deviceID)
	if err != nil || l.ID == "" {
		return err
	}
	ctx = context.WithoutCancel(ctx) // who asked may go: the answer costs, and counts
	verdict, err := s.verify(ctx, l)
	if err != nil {
		s.log.Warn("a verifier gave no answer", "device_id", deviceID, "error", err)
		return nil
	}
	s.log.Info("a verifier answered", "device_id", deviceID, "verdict", string(verdict))
	if verdict != VerdictYes && verdict != VerdictNo {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, undoTime)
	defer cancel()
	return s.obeyVerdict(ctx, actor, deviceID, l.ID, verdict, from)
}

// unseen is what a verifier is to be asked about a request now. Without an ID: nothing.
func (s *Approvals) unseen(ctx context.Context, deviceID string) (l Liveness, err error) {
	now := s.now()
	err = s.store.Read(ctx, func(tx Tx) error {
		a, err := tx.Approval(deviceID)
		if CodeOf(err) == CodeNotFound {
			return nil
		}
		if err != nil || a.Way != WayLiveness || a.State != ApprovalPending || !now.Before(a.ExpiresAt) {
			return err
		}
		c, err := tx.Client(deviceID)
		if err != nil {
			return err
		}
		if b, err := bondOf(tx, deviceID); err != nil || !b.open { // who looks may, and lets nothing in
			return err
		}
		who, err := tx.ApproverByUser(c.Account, a.UserID)
		if CodeOf(err) == CodeNotFound {
			return nil
		}
		l = Liveness{ID: a.ID, Picture: a.Face, Face: who.Face, Document: who.Document, Account: c.Account, Device: c.Key}
		return err
	})
	if err != nil || l.ID == "" {
		return Liveness{}, err
	}
	asks := false
	err = s.store.Write(ctx, func(tx Tx) (err error) { asks, err = tx.AskVerifier(l.ID, now.Add(-verifyEvery), now); return err })
	if err != nil || !asks {
		return Liveness{}, err
	}
	return l, nil
}

// verify asks, in one of the places there are: a verifier that is frozen must hold neither
// every request nor the codes of those who log in.
func (s *Approvals) verify(ctx context.Context, l Liveness) (v Verdict, err error) {
	select {
	case s.live.verifying <- struct{}{}:
		defer func() { <-s.live.verifying }()
	default:
		return "", errors.New("too many pictures are being looked at")
	}
	ctx, cancel := context.WithTimeout(ctx, ChannelTime)
	defer cancel()
	err = guarded(func() (err error) { v, err = s.verifier.Verify(ctx, l); return err })
	return v, err
}

// obeyVerdict decides a request, if it is still the one that the verifier was asked about.
func (s *Approvals) obeyVerdict(ctx context.Context, actor Actor, deviceID, id string, v Verdict, from Origin) error {
	now := s.now()
	var changes []EpochChange
	err := s.write(ctx, func(tx *journal) error {
		d, a, err := s.lockRequest(tx, deviceID)
		if err != nil {
			return err
		}
		if a.ID != id {
			return errLost
		}
		if v == VerdictYes {
			if err := s.provable(tx, d); err != nil {
				return err
			}
			first, err := tx.ShowOnce(pictureDigest(a), now.Add(pictureLife))
			if err != nil {
				return err
			}
			if first {
				_, err = s.letIn(tx, actor, d, a, from, now)
				return err
			}
		}
		changes, err = s.turnAway(tx, actor, d, a, RefusedVerifier, from, now)
		return err
	})
	if errors.Is(err, errLost) || CodeOf(err) == CodeNotFound {
		return nil // somebody else has decided, or taken it away
	}
	if err == nil {
		s.live.obey(now, changes...)
	}
	return err
}

// pictureLife is how long a picture is remembered that has let a device in.
const pictureLife = 10 * 365 * 24 * time.Hour

// pictureDigest is of the picture that a shows of the one who decides. It lets in one device
// once (law 2): whoever learns what it is called has no other proof of him in it.
func pictureDigest(a Approval) []byte {
	return tokenDigest("picture|" + a.UserID + "|" + strings.ToLower(a.Face))
}

// lockRequest reads a client device and its request while nobody else decides it.
func (s *Approvals) lockRequest(tx Tx, deviceID string) (d Device, a Approval, err error) {
	if d, err = tx.DeviceByID(deviceID); err != nil {
		return d, a, err
	}
	if err = lockUser(tx, d.UserID); err != nil {
		return d, a, err
	}
	if d, err = tx.DeviceByID(deviceID); err != nil {
		return d, a, err
	}
	a, err = tx.Approval(deviceID)
	return d, a, err
}

// provable says whether a token or a picture lets d in: its owner may want every device of
// his approved from a registered one, and its account may not be active any more. errLost: it
// does not.
func (s *Approvals) provable(tx Tx, d Device) error {
	u, err := tx.UserByID(d.UserID)
	if err == nil && u.StrictDevices {
		return errLost
	}
	if err == nil {
		err = accountOpen(tx, d)
	}
	if ReasonOf(err) == ReasonAccountClosed {
		err = errLost
	}
	return err
}
