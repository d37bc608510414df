package admin

import (
	"context"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
)

func addDevice(ctx context.Context, core *authcore.Core, in AddDevice) (DeviceWithSecret, error) {
	if in.User == "" { // the core would put it in stock
		return DeviceWithSecret{}, authcore.Errorf(authcore.CodeNotFound, "no such user: say whose device it is")
	}
	var secret []byte // nil: the core makes one
	if in.Secret != "" {
		var err error
		if secret, err = oath.ParseSecret(in.Secret); err != nil {
			return DeviceWithSecret{}, authcore.Errorf(authcore.CodeInvalid, "%v", err)
		}
	}
	r, err := core.Devices.Register(ctx, in.operator(), authcore.Enrolment{
		User: in.User, Kind: authcore.DeviceKind(in.Kind), Secret: secret, Serial: in.Serial,
		Algorithm: oath.Algorithm(in.Algorithm), Digits: in.Digits, Period: in.Period, Address: in.Address,
	})
	return DeviceWithSecret{deviceShape(r.Device), oath.FormatSecret(r.Secret), r.URI}, err
}

func listDevices(ctx context.Context, core *authcore.Core, in ListOf) ([]Device, error) {
	devices, err := core.Devices.List(ctx, in.operator(), in.User)
	if err != nil {
		return nil, err
	}
	names, err := userNames(ctx, core, in.operator())
	return shapes(devices, err, func(d authcore.Device) Device {
		shape := deviceShape(d)
		shape.UserName = names[d.UserID]
		return shape
	})
}

func showDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (DeviceWithAttempts, error) {
	d, a, err := core.Devices.Get(ctx, in.operator(), in.Device)
	if err != nil {
		return DeviceWithAttempts{}, err
	}
	asked, err := askedShape(ctx, core, in.operator(), d)
	return DeviceWithAttempts{deviceShape(d), asked, latenessShape(d), a.Failures, a.Total, moment(a.PausedUntil)}, err
}

// askedShape is empty for whatever no app asked for.
func askedShape(ctx context.Context, core *authcore.Core, actor authcore.Actor, d authcore.Device) (Asked, error) {
	if d.Kind != authcore.KindClient {
		return Asked{}, nil
	}
	c, err := core.Approvals.Get(ctx, actor, d.ID)
	return Asked{Account: c.AccountName, DeviceKey: c.Key, AskedBy: c.Approval.AskedBy}, err
}

func latenessShape(d authcore.Device) (l Lateness) {
	switch d.Kind {
	case authcore.KindTOTP:
		seconds := d.Drift * d.Period
		l.Drift, l.DriftSeconds = &d.Drift, &seconds
	case authcore.KindHOTP:
		next := d.LastCounter + 1
		l.NextCounter = &next
	}
	return l
}

func blockDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (Device, error) {
	d, err := core.Devices.Block(ctx, in.operator(), in.Device)
	return deviceShape(d), err
}

func unblockDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (Device, error) {
	d, err := core.Devices.Unblock(ctx, in.operator(), in.Device)
	return deviceShape(d), err
}

func deactivateDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (Device, error) {
	d, err := core.Devices.Deactivate(ctx, in.operator(), in.Device)
	return deviceShape(d), err
}

func removeDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (Device, error) {
	d, err := core.Devices.Remove(ctx, in.operator(), in.Device)
	return deviceShape(d), err
}

func assignDevice(ctx context.Context, core *authcore.Core, in Assign) (Device, error) {
	d, err := core.Devices.Assign(ctx, in.operator(), in.Device, in.User, in.Force)
	return deviceShape(d), err
}

func unassignDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (Device, error) {
	d, err := core.Devices.Unassign(ctx, in.operator(), in.Device)
	return deviceShape(d), err
}

func approveDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (Device, error) {
	d, err := core.Approvals.Approve(ctx, in.operator(), in.Device, authcore.Origin{})
	return deviceShape(d), err
}

func refuseDevice(ctx context.Context, core *authcore.Core, in DeviceRef) (Device, error) {
	d, err := core.Approvals.Refuse(ctx, in.operator(), in.Device, authcore.Origin{})
	return deviceShape(d), err
}

func resyncDevice(ctx context.Context, core *authcore.Core, in Resync) (Device, error) {
	d, err := core.Devices.Resynchronise(ctx, in.operator(), in.Device, in.First, in.Second)
	return deviceShape(d), err
}

func deviceShape(d authcore.Device) Device {
	return Device{
		ID: d.ID, Tenant: d.Tenant, Serial: d.Serial, Name: d.Name, Kind: string(d.Kind), Status: string(d.Status), User: d.UserID,
		Algorithm: string(d.Algorithm), Digits: d.Digits, Period: d.Period, Address: d.Address,
		CreatedAt: moment(d.CreatedAt), LastUsedAt: moment(d.LastUsedAt), ExpiresAt: moment(d.ExpiresAt),
	}
}
