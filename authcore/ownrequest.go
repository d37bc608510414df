package authcore

import (
	"crypto/rand"

	"github.com/google/uuid"
)

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
func (s *Approvals) makeBrowser(tx *journal, u User, name string, digest []byte) (Device, error) {
	if err := s.roomForClient(tx, u, false); err != nil {
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
	if err = s.record(tx, s.clientEvent(actor, d, r.From, "client.ask", "")); err != nil {
		return o, err
	}
	if o = (tokenDelivery{approval: a, user: u}); r.Way.sentTo() != "" {
		o, err = s.tokenFor(u, Approver{}, &a, r.Language, false)
		o.asks, o.event = d.Name, s.clientEvent(actor, d, r.From, "client.token", "")
		o.event.DeviceID = "" // if it is not sent, there is none
		if err != nil {
			return o, err
		}
	}
	return o, tx.PutApproval(a)
}
