package authcore

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/messages"
)

// told are the actions that their user is told of: they change how he logs in
// (OWASP ASVS 6.3.7, NIST SP 800-63B section 4.6). That a device is being
// enrolled, or waits to be approved, is not told: that it counts is.
var told = []string{
	"device.add", "device.activate", "device.deactivate", "device.block", "device.unblock", "device.pause",
	"device.assign", "device.unassign", "device.remove", "device.backup_codes", "user.password", "user.invite", "login.code",
	clientApproved, devicesStrict, devicesLenient, deviceNotices,
}

// deviceNotices is that Device.Notified was changed: it is told where the user was told
// before, never at the new device first.
const deviceNotices = "device.notices"

// What approvals do, by their names in the audit trail.
const (
	clientApproved = "client.approve"
	devicesStrict  = "user.strict_devices"
	devicesLenient = "user.any_devices"
)

// isTold says whether the user is told of e. Of codes it is the backup codes; who is
// to be welcomed is told of a device that awaits codes too.
func (e Event) isTold(welcome DeviceKind) bool {
	return e.Outcome == OutcomeOK && e.UserID != "" && (slices.Contains(told, e.Action) || welcome != "") &&
		(e.Action != "login.code" || e.Factor == string(KindBackup))
}

// tell lets users know of what was committed. It returns at once, and whatever
// comes of it, the change stands: a channel that fails must not keep anybody from
// blocking a stolen device. What is on its way when the gateway ends is lost.
func (c *Core) tell(events []Event, welcome DeviceKind) {
	if len(c.channels) == 0 {
		return
	}
	news := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return !e.isTold(welcome) })
	if len(news) == 0 {
		return
	}
	select {
	case c.live.telling <- struct{}{}:
	default:
		for _, e := range news {
			c.log.Warn("a change is not told: too many are on their way", "action", e.Action, "user_id", e.UserID)
		}
		return
	}
	go func() {
		defer func() { <-c.live.telling }()
		for _, e := range news {
			c.tellOne(e, welcome)
		}
	}()
}

// tellOne leaves a row in the audit trail when the user could not be told; that
// he was is in the log, and the change itself in both.
func (c *Core) tellOne(e Event, welcome DeviceKind) {
	err := guarded(func() error { return c.notify(e, welcome) })
	if err == nil {
		return
	}
	c.log.Warn("a change could not be told", "action", e.Action, "user_id", e.UserID, "device_id", e.DeviceID, "error", err)
	row := e // of the same user, device and request
	row.Action, row.Outcome, row.Reason = "notice.send", OutcomeRefused, "undelivered"
	if CodeOf(err) == CodeThrottled {
		row.Reason = "throttled"
	}
	ctx, cancel := context.WithTimeout(context.Background(), undoTime)
	defer cancel()
	err = guarded(func() error { return c.write(ctx, func(tx *journal) error { return c.record(tx, row) }) })
	if err != nil {
		c.log.Warn("that a change could not be told is not in the audit trail", "user_id", e.UserID, "error", err)
	}
}

// guarded makes an error of a panic: a channel and a store are guests, and nobody
// above would catch it.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Errorf(CodeInternal, "a guest panicked with a %T", p)
		}
	}()
	return fn()
}

// notify sends one message about e. The request that made the change may be over.
func (c *Core) notify(e Event, welcome DeviceKind) error {
	ctx, cancel := context.WithTimeout(context.Background(), ChannelTime)
	defer cancel()
	var u User
	var devices []Device
	var more contacts
	err := c.store.Read(ctx, func(tx Tx) (err error) {
		if u, err = tx.UserByID(e.UserID); err != nil {
			return err
		}
		if devices, err = tx.Devices(u.Tenant, u.ID); err != nil {
			return err
		}
		more, err = contactsFor(tx, e)
		return err
	})
	if CodeOf(err) == CodeNotFound {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	kind, address := c.reachable(u, devices, e, more)
	if welcome != "" {
		kind, address = welcome, u.addressOf(welcome)
	}
	if address == "" {
		c.log.Debug("a change is not told: no channel reaches the user", "action", e.Action, "user_id", u.ID)
		return nil
	}
	if err := c.countNotice(ctx, u); err != nil {
		return err
	}
	m := Message{ID: uuid.NewString(), To: address}
	serial := ""
	n := messages.Notice{Action: e.Action, Kind: e.Factor, Site: c.label, At: e.At}
	if i := slices.IndexFunc(devices, func(d Device) bool { return d.ID == e.DeviceID }); i >= 0 {
		n.Kind, n.Name, serial = string(devices[i].Kind), devices[i].Name, devices[i].Serial
	}
	say := messages.Change
	if welcome != "" {
		say, n.Name = messages.Welcome, cmp.Or(n.Name, serial)
	}
	m.Subject, m.Text, m.Language = say(u.Language, n)
	if err := c.channels[kind].Send(ctx, m); err != nil {
		return err
	}
	c.log.Info("a change was told", "action", e.Action, "user_id", u.ID, "channel", string(kind), "message_id", m.ID)
	return nil
}

// reachable is where u is told of e: at the device that he is told at first, else at his own
// address, else at the one that he has on
// the account of a client device, else at the oldest of his devices that a channel
// reaches, the active ones first. The device that e is about comes last, also when it is
// removed already, and so does its address when a code that went there restored a password;
// never when it is new, for then who added it would be told, and nobody else.
func (c *Core) reachable(u User, devices []Device, e Event, more contacts) (kind DeviceKind, address string) {
	restored := restoredAt(devices, e)
	for _, d := range devices {
		if d.Notified && d.Status == StatusActive && d.ID != e.DeviceID && d.Address != restored && d.Kind != more.proven && c.tellsAt(d) {
			return d.Kind, d.Address
		}
	}
	for _, of := range []func(DeviceKind) string{u.addressOf, more.approver.addressOf} {
		for _, kind := range more.order() {
			if address := of(kind); address != "" && address != restored && c.channels[kind] != nil {
				return kind, address
			}
		}
	}
	best := 0 // the lower the better; 0: none yet
	for _, d := range devices {
		rank := 0
		switch {
		case !c.tellsAt(d):
		case d.ID == e.DeviceID && (e.Action == "device.add" || e.Action == "device.activate"):
		case d.ID == e.DeviceID, d.Address == restored:
			rank = 3
		case d.Status == StatusActive:
			rank = 1
		case d.Status == StatusBlocked:
			rank = 2
		}
		if rank > 0 && (best == 0 || rank < best) {
			best, kind, address = rank, d.Kind, d.Address
		}
	}
	return kind, address
}

// restoredAt is where the code went with which a password was restored, if e says that one
// was: who reads it there, and should not, would read the notice too.
func restoredAt(devices []Device, e Event) string {
	i := slices.IndexFunc(devices, func(d Device) bool { return d.ID == e.DeviceID })
	if i < 0 || e.Action != "user.password" {
		return ""
	}
	return devices[i].Address
}

// tellsAt says whether d has an address at which its user can be told something.
func (c *Core) tellsAt(d Device) bool {
	return d.Kind.isAddress() && d.Address != "" && c.channels[d.Kind] != nil
}

// countNotice bounds the messages to one user, as codes are bounded: each costs.
// The counter is one of its own, or codes could use it up and hide a change. Who
// is at the limit was told as often.
func (c *Core) countNotice(ctx context.Context, u User) error {
	now, counted := c.now(), false
	err := c.store.Write(ctx, func(tx Tx) (err error) {
		counted, err = tx.Reserve(AttemptKey{AttemptSendUser, u.ID + "|notice"}, c.limits.Send, now)
		return err
	})
	if err == nil && !counted {
		err = Errorf(CodeThrottled, "too many changes were told to this user")
	}
	return err
}
