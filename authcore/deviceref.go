package authcore

import (
	"context"
	"strings"
)

// DeviceRef names a device by its account and what its app calls it, in any case.
type DeviceRef struct {
	Account, Key string
	From         Origin
}

// refDialect stands in refs for what apps call their devices, whichever dialect they speak.
const refDialect = "accounts"

func clientRef(account Account, key string) Ref {
	return Ref{Dialect: refDialect, Tenant: account.Tenant, Kind: "device", Key: account.ID + "|" + strings.ToLower(key)}
}

// enter says whether actor may ask for an operation on an account at all: that there is one
// that he may see; unless he only looks, that it is active and no hub; that an integrator
// may ask for this. In this order, outside of any transaction that changes something: a
// refusal is in the audit trail.
func (s *Approvals) enter(ctx context.Context, actor Actor, id, operation string, from Origin) (account Account, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) { account, err = accountFor(tx, actor, id); return err })
	if err != nil {
		return account, err
	}
	if operation != OpShowDevice && operation != OpListDevices {
		if account.Status != AccountActive {
			return account, Errorf(CodeConflict, "account %s is %s: no device is let in there", account.Name, account.Status).because(ReasonAccountClosed)
		}
		if account.Hub {
			return account, Errorf(CodeConflict, "account %s holds other accounts, and no devices: name one of those", account.Name).because(ReasonHub)
		}
	}
	if operation == OpCreateDevice && !actor.mayAsk(OpCreateDevice, OpValidateDevice, OpResendToken, OpDisableDevice) {
		answer := Errorf(CodeForbidden, "integrator %s may look at devices, and not ask for any", actor.integrator).because(ReasonRequester)
		return account, s.Integrators.refuseKnock(ctx, actor, actor.tenant, from, "requester", answer)
	}
	return account, s.Integrators.MayAsk(ctx, actor, operation, from)
}

// accountFor finds an account by its ID. Users see those on which they are approvers.
func accountFor(tx Tx, actor Actor, id string) (Account, error) {
	account, err := tx.AccountByID(strings.ToLower(id))
	if err == nil && actor.kind == actorUser {
		_, err = tx.ApproverByUser(account.ID, actor.userID)
	}
	if CodeOf(err) == CodeNotFound || err == nil && actor.kind != actorUser && actor.maySee(account.Tenant, "", "account") != nil {
		err = Errorf(CodeNotFound, "no such account").because(ReasonNoAccount)
	}
	return account, err
}

// client finds what ref names on an account that actor has entered. Another user's reads
// like none.
func (s *Approvals) client(tx Tx, actor Actor, account Account, key string) (Device, error) {
	id, err := tx.ByRef(clientRef(account, key))
	var d Device
	if err == nil {
		d, err = tx.DeviceByID(id)
	}
	if CodeOf(err) == CodeNotFound {
		err = notFound("device")
	}
	if err == nil {
		err = actor.maySee(d.Tenant, d.UserID, "device")
	}
	if err != nil {
		return Device{}, err
	}
	return d, nil
}
