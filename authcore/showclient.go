package authcore

import (
	"context"
	"strings"
)

// Show gives a device. A verifier that has said "later" is asked again, every five
// seconds at most. CodeNotFound with ReasonNoAccount or ReasonNoDevice; CodeForbidden with
// ReasonOperation. A user sees neither the session nor the picture.
func (s *Approvals) Show(ctx context.Context, actor Actor, ref DeviceRef) (ClientDevice, error) {
	d, err := s.enterDevice(ctx, actor, ref, OpShowDevice)
	if err != nil {
		return ClientDevice{}, err
	}
	c, err := s.looked(ctx, actor, d.ID, ref.From)
	return c.seenBy(actor), err
}

// looked has a verifier asked, if it is time, and gives what came of it.
func (s *Approvals) looked(ctx context.Context, actor Actor, id string, from Origin) (ClientDevice, error) {
	if err := s.askVerifier(ctx, actor, id, from); err != nil {
		return ClientDevice{}, err
	}
	ctx, cancel := moreTime(ctx)
	defer cancel()
	return s.shown(ctx, id)
}

// moreTime begins the time of an answer anew when it is over: a message or a verifier may take
// longer (ChannelTime), and what was done then is not to be answered with a failure.
func moreTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), undoTime)
}

// List gives the devices of an account, the oldest first, of those that had the same key
// the youngest; to a user only his own. The errors are those of Show.
func (s *Approvals) List(ctx context.Context, actor Actor, account string, from Origin) (list []ClientDevice, err error) {
	on, err := s.enter(ctx, actor, account, OpListDevices, from)
	if err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		clients, err := tx.Clients(on.ID)
		if err != nil {
			return err
		}
		youngest := map[string]string{}
		for _, c := range clients {
			youngest[strings.ToLower(c.Key)] = c.DeviceID
		}
		for _, c := range clients {
			if youngest[strings.ToLower(c.Key)] != c.DeviceID {
				continue
			}
			d, err := tx.DeviceByID(c.DeviceID)
			if err != nil {
				return err
			}
			if actor.maySee(d.Tenant, d.UserID, "device") != nil {
				continue
			}
			one, err := s.assemble(tx, d)
			if err != nil {
				return err
			}
			list = append(list, one.seenBy(actor))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Get gives a client device by serial or ID. CodeNotFound: there is none that actor may see.
func (s *Approvals) Get(ctx context.Context, actor Actor, ref string) (ClientDevice, error) {
	var d Device
	err := s.store.Read(ctx, func(tx Tx) (err error) { d, err = findDevice(tx, actor, ref); return err })
	if err == nil && d.Kind != KindClient {
		err = notFound("device")
	}
	if err != nil {
		return ClientDevice{}, err
	}
	return s.shown(ctx, d.ID)
}

// shown is what is to be seen of a client device now.
func (s *Approvals) shown(ctx context.Context, id string) (c ClientDevice, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		d, err := tx.DeviceByID(id)
		if CodeOf(err) == CodeNotFound {
			return notFound("device")
		}
		if err == nil {
			c, err = s.assemble(tx, d)
		}
		return err
	})
	if err != nil {
		return ClientDevice{}, err
	}
	return c, nil
}

// assemble reads all that is shown of a client device.
func (s *Approvals) assemble(tx Tx, d Device) (c ClientDevice, err error) {
	c.Device = d
	if c.Client, err = tx.Client(d.ID); err != nil {
		return c, err
	}
	c.Approval, err = tx.Approval(d.ID)
	if err != nil && CodeOf(err) != CodeNotFound {
		return c, err
	}
	if c.History, err = tx.History(d.ID); err != nil {
		return c, err
	}
	if c.Account != "" {
		on, err := tx.AccountByID(c.Account)
		if err != nil {
			return c, err
		}
		c.AccountName = on.Name
		who, err := tx.ApproverByUser(c.Account, d.UserID)
		if err != nil && CodeOf(err) != CodeNotFound {
			return c, err
		}
		c.Document = who.Document
	}
	c.Session = s.sessionOf(c)
	c.Approval.Token = nil // who looks gets none, sealed or not
	return c, nil
}

// sessionOf is what c's app calls its session: that of the request while one waits, or of
// the only one that there was.
func (s *Approvals) sessionOf(c ClientDevice) string {
	table, row, sealed := "clients", c.ID, c.Client.Session
	if c.Approval.State == ApprovalPending || len(sealed) == 0 {
		table, row, sealed = "approvals", c.Approval.ID, c.Approval.Session
	}
	if len(sealed) == 0 {
		return ""
	}
	session, err := s.ring.Open(table, "session", row, sealed)
	if err != nil {
		s.log.Error("the session of a client device can't be read", "device_id", c.ID, "error", err)
	}
	return string(session)
}

// seenBy is what an actor sees of c. What binds a session to a device, or was good enough for
// a verifier, is the secret of who brought it: a user who has a password and a code, stolen
// or not, would read there what they are not enough for.
func (c ClientDevice) seenBy(actor Actor) ClientDevice {
	if actor.kind != actorIntegrator && actor.kind != actorOperator {
		c.Session, c.Marks, c.Approval.Marks = "", Marks{}, Marks{}
	}
	return c
}
