package authcore

import (
	"context"
	"crypto/rand"
)

// OwnRequest is a browser that its user wants registered.
type OwnRequest struct {
	Name     string // what he will know it by, as the browser names itself; as that of a device
	Way      ApprovalWay
	Language string
	From     Origin
}

// AskOwn makes a pending client device of the browser of the user that actor is, and
// gives the secret that goes into its cookie: 130 random bits, of which the store has
// the digest. Pending ones of the same name that he asked for before go, and those that
// nobody decided about in time.
//
// A session with a code is enough, however old that is: asking gives nothing, what lets the
// browser in is the token at his own address, or he himself at another device.
//
// CodeInvalid: the name can't be one of a device. CodeConflict: the way is none of OwnWays,
// or he has MaxClients browsers. CodeUnavailable with ReasonUndelivered: the token was not
// sent and the device is not there. CodeThrottled with ReasonPaused: too many were sent; with
// ReasonRate: more than 30 in a minute. CodeUnauthenticated: the session has ended.
func (s *Approvals) AskOwn(ctx context.Context, actor Actor, r OwnRequest) (d ClientDevice, secret string, err error) {
	if err = actor.isUser(); err == nil {
		err = s.inTime()
	}
	if err == nil {
		err = s.rarely(actor)
	}
	if err == nil {
		r.Name, err = deviceName(r.Name)
	}
	if err != nil {
		return ClientDevice{}, "", err
	}
	secret = rand.Text()
	q := request{made: true}
	err = s.writeToken(ctx, &q.delivery, func(tx *journal) error {
		u, err := s.lockSelf(tx, actor)
		if err != nil {
			return err
		}
		if err = s.mayAskBy(tx, u, r.Way); err != nil {
			return err
		}
		if err = s.dropOld(tx, u, r.Name); err != nil {
			return err
		}
		if q.device, err = s.makeBrowser(tx, u, r.Name, tokenDigest(secret)); err != nil {
			return err
		}
		q.delivery, err = s.requestOwn(tx, actor, u, q.device, r, tokenDigest(secret))
		return err
	})
	if err == nil {
		err = s.sendToken(ctx, q.delivery, q.undo)
	}
	if err == nil {
		ctx, cancel := moreTime(ctx)
		defer cancel()
		d, err = s.shown(ctx, q.device.ID)
	}
	if err != nil {
		return ClientDevice{}, "", err
	}
	return d, secret, nil
}

// lockSelf locks the user that actor is, whose session must stand.
func (s *Approvals) lockSelf(tx Tx, actor Actor) (User, error) {
	if err := lockUser(tx, actor.userID); err != nil {
		return User{}, err
	}
	if err := actor.stands(tx); err != nil {
		return User{}, err
	}
	return tx.UserByID(actor.userID)
}

// askRate is how often a user may ask for a device or show a token, in a minute on each node:
// each leaves rows.
const askRate = 30

// rarely says whether a user may ask or try once more. Integrators have a rate of their own,
// for all their calls.
func (s *Approvals) rarely(actor Actor) error {
	if actor.kind != actorUser {
		return nil
	}
	wait := s.live.calls.take("ask|"+actor.userID, askRate, s.now())
	if wait == 0 {
		return nil
	}
	e := Errorf(CodeThrottled, "a user asks for devices and shows tokens %d times a minute at most: try again later", askRate).because(ReasonRate)
	e.RetryAfter = wait
	return e
}
