package authcore

import (
	"context"
	"crypto/rand"

	"github.com/google/uuid"
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
// or he has MaxClients. CodeUnavailable with ReasonUndelivered: the token was not sent and
// the device is not there. CodeThrottled with ReasonPaused: too many were sent.
// CodeUnauthenticated: the session has ended.
func (s *Approvals) AskOwn(ctx context.Context, actor Actor, r OwnRequest) (d ClientDevice, secret string, err error) {
	if err = actor.isUser(); err == nil {
		err = s.inTime()
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

// dropOld removes what u asked for before in the same name, and what waited for too long.
// None of it ever opened anything.
func (s *Approvals) dropOld(tx Tx, u User, name string) error {
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.Kind != KindClient || d.Status != StatusPending {
			continue
		}
		c, err := tx.Client(d.ID)
		if err != nil {
			return err
		}
		a, err := tx.Approval(d.ID)
		if err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		if c.Account != "" || d.Name != name && a.waits(s.now()) { // an app's is its account's
			continue
		}
		if err := tx.RemoveDevice(d.ID); err != nil {
			return err
		}
	}
	return nil
}

// makeBrowser stores a device that waits, which is known by the digest of its secret.
func (s *Approvals) makeBrowser(tx Tx, u User, name string, digest []byte) (Device, error) {
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err == nil {
		err = roomForClient(devices)
	}
	if err != nil {
		return Device{}, err
	}
	d := Device{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: rand.Text()[:12], Name: name, Kind: KindClient,
		Status: StatusPending, Awaits: AwaitsApproval, LastCounter: -1, CreatedAt: s.now(),
	}
	if err := tx.CreateDevice(d); err != nil {
		return d, err
	}
	if err := tx.CreateClient(Client{DeviceID: d.ID, Marks: Marks{Secret: digest}}); err != nil {
		return d, err
	}
	return d, tx.AppendStatus(d.ID, StatusChange{Status: d.Status, At: d.CreatedAt})
}

// requestOwn stores the request for a browser, and gives the token that is to be sent to
// its user's own address, if one is.
func (s *Approvals) requestOwn(tx *journal, actor Actor, u User, d Device, r OwnRequest, digest []byte) (o tokenDelivery, err error) {
	a := Approval{
		ID: uuid.NewString(), DeviceID: d.ID, UserID: u.ID, Way: r.Way, State: ApprovalPending,
		Marks: Marks{Secret: digest}, CreatedAt: d.CreatedAt, TokenExpiresAt: d.CreatedAt, ExpiresAt: d.CreatedAt.Add(requestLife),
	}
	asked := s.clientEvent(actor, d, r.From, "client.ask", "")
	if r.Way.sentTo() == "" {
		o = tokenDelivery{approval: a, user: u, event: asked}
		return o, tx.PutApproval(a)
	}
	if o, err = s.tokenFor(u, Approver{}, &a, r.Language, false); err != nil {
		return o, err
	}
	o.asks, o.event = d.Name, s.clientEvent(actor, d, r.From, "client.token", "")
	o.event.DeviceID = "" // if it is not sent, there is none
	if err = s.record(tx, asked); err != nil {
		return o, err
	}
	return o, tx.PutApproval(a)
}
