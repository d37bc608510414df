package authcore

import (
	"crypto/rand"

	"github.com/google/uuid"
)

// request is a device that is asked for, on its way.
type request struct {
	device   Device
	ref      Ref
	old      string // the ID of the device whose place it takes, if it takes one
	made     bool   // it was not there before
	delivery tokenDelivery
}

// seat finds the device that has the key on the account, or makes one that waits.
func (s *Approvals) seat(tx *journal, account Account, u User, key string) (q request, err error) {
	q.ref = clientRef(account, key)
	q.old, err = tx.ByRef(q.ref)
	if err == nil {
		q.device, err = tx.DeviceByID(q.old)
	}
	if err != nil && CodeOf(err) != CodeNotFound {
		return q, err
	}
	if err == nil && q.device.Status != StatusRejected && q.device.Status != StatusDeactivated {
		switch {
		case q.device.UserID != u.ID:
			return q, noApprover()
		case q.device.Status == StatusBlocked:
			return q, Errorf(CodeConflict, "device %s is blocked: unblock it, or disable it and ask again", q.device.Serial).because(ReasonInactive)
		}
		return q, nil
	}
	if err = s.roomForClient(tx, u, true); err != nil {
		return q, err
	}
	q.made = true
	q.device = Device{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: rand.Text()[:12], Kind: KindClient,
		Status: StatusPending, Awaits: AwaitsApproval, LastCounter: -1, CreatedAt: s.now(),
	}
	return q, s.makeClient(tx, q, Client{DeviceID: q.device.ID, Account: account.ID, Key: key})
}

// makeClient stores a device that its app can be told of by its key.
func (s *Approvals) makeClient(tx *journal, q request, c Client) error {
	if err := tx.CreateDevice(q.device); err != nil {
		return err
	}
	if err := tx.CreateClient(c); err != nil {
		return err
	}
	pointed, err := tx.PointRef(q.ref, q.old, q.device.ID)
	if err != nil || !pointed {
		return orLost(err)
	}
	return tx.AppendStatus(q.device.ID, StatusChange{Status: StatusPending, At: q.device.CreatedAt})
}

// undo takes back what nobody was told of, unless there is another request by now.
func (q request) undo(tx *journal, _ bool) error {
	a, err := tx.Approval(q.device.ID)
	if CodeOf(err) == CodeNotFound {
		return nil
	}
	if err != nil || a.ID != q.delivery.approval.ID || a.State != ApprovalPending {
		return err
	}
	if !q.made {
		return voidToken(tx, a)
	}
	if q.old != "" {
		if _, err := tx.PointRef(q.ref, q.device.ID, q.old); err != nil {
			return err
		}
	}
	return tx.RemoveDevice(q.device.ID)
}
