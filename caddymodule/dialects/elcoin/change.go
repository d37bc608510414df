package elcoin

import (
	"strings"

	"github.com/doorward/doorward/authcore"
)

// change makes of a device what in says, and tells how it is then.
func (x *exchange) change(in input) (record, error) {
	d, c, _, err := x.changes(in)
	if err != nil {
		return record{}, err
	}
	if d, err = x.Core.Devices.Change(x.Context(), x.actor, d.ID, c); err != nil {
		return record{}, err
	}
	return x.record(d)
}

// changes finds the device that in names, and what of it is to be changed: what it is
// already, is not. r is how it is shown now.
func (x *exchange) changes(in input) (d authcore.Device, c authcore.DeviceChanges, r record, err error) {
	if d, err = x.device(in.id, in.uid); err != nil {
		return d, c, r, err
	}
	known, err := x.Core.Devices.Remembered(x.Context(), x.actor, []authcore.Device{d}, dialectName)
	if err != nil {
		return d, c, r, err
	}
	of := known.Attributes[d.ID]
	r = recordOf(d, of, known.Owners[d.UserID])
	if err = x.checkFixed(in, d, r); err != nil {
		return d, c, r, err
	}
	c = authcore.DeviceChanges{Version: in.version, Epoch: in.state, Dialect: dialectName, Attributes: authcore.Attributes{}, From: x.Origin}
	if in.number != "" && d.Kind == authcore.KindMobile && in.number != d.Address {
		c.Address = &in.number
	}
	if in.status != "" && in.status != r.Status {
		c.Status = &statusesOf[in.status][0]
	}
	if in.notified != nil && *in.notified != d.Notified {
		c.Notified = in.notified
	}
	if in.logsIn != nil && *in.logsIn != d.LogsIn {
		c.LogsIn = in.logsIn
	}
	if in.description != nil {
		name, text := nameOf(strings.TrimSpace(*in.description))
		if name != d.Name {
			c.Name = &name
		}
		differ(c.Attributes, of, descriptionAttribute, text)
	}
	if in.system != nil {
		differ(c.Attributes, of, systemAttribute, *in.system)
	}
	if len(c.Attributes) > 0 || c.Address != nil || c.Status != nil || c.Notified != nil || c.LogsIn != nil || c.Name != nil {
		c.Attributes[modifyUserAttribute] = x.caller
	}
	return d, c, r, nil
}

// differ notes a text that is to be remembered, unless it is.
func differ(next, known authcore.Attributes, name, text string) {
	if known[name] != text {
		next[name] = text
	}
}

// checkFixed refuses another value of what can't be changed.
func (x *exchange) checkFixed(in input, d authcore.Device, r record) error {
	if in.clientCode != "" && in.clientCode != r.ClientCode {
		u, err := x.Core.Users.Get(x.Context(), x.actor, in.clientCode)
		if err != nil && authcore.CodeOf(err) != authcore.CodeNotFound {
			return err
		}
		if err != nil || u.ID != d.UserID {
			return fixed("client_code")
		}
	}
	if in.kind != "" && in.kind != r.Type {
		return fixed("device_type")
	}
	if in.number != "" && d.Kind != authcore.KindMobile && canonicalNumber(d.Kind, in.number) != r.Number {
		return fixed("device_number")
	}
	return nil
}

func fixed(name string) error {
	return &authcore.Error{
		Code: authcore.CodeConflict, Reason: authcore.ReasonFixed, Message: name + " can't be changed: make another device",
	}
}

// canonicalNumber is a number in the form in which the core keeps it; of one that can't be,
// the number as it is.
func canonicalNumber(kind authcore.DeviceKind, number string) string {
	canonical, err := number, error(nil)
	switch kind {
	case authcore.KindPhone:
		canonical, err = authcore.CanonicalPhone(number)
	case authcore.KindEmail:
		canonical, err = authcore.CanonicalEmail(number)
	}
	if err != nil {
		return number
	}
	return canonical
}
