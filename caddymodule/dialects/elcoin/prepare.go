package elcoin

import (
	"cmp"

	"github.com/doorward/doorward/authcore"
)

// prepare fills in what is not said. Nothing is kept, and nothing checked but its form.
func prepare(x *exchange) (answer, error) {
	in, err := readInput(x.Body)
	if err != nil {
		return answer{}, err
	}
	var r record
	if !in.fresh() {
		d, err := x.device(in.id, in.uid)
		if err != nil {
			return answer{}, err
		}
		if r, err = x.record(d); err != nil {
			return answer{}, err
		}
	}
	return one(x.prepared(r, in)), nil
}

// validate says what putDb would, and keeps nothing.
func validate(x *exchange) (answer, error) {
	in, err := readInput(x.Body)
	if err != nil {
		return answer{}, err
	}
	if in.fresh() {
		e, err := x.enrolment(in)
		if err == nil {
			err = x.Core.Devices.Check(x.Context(), x.actor, e)
		}
		return one(x.prepared(record{}, in)), err
	}
	d, c, r, err := x.changes(in)
	if err == nil {
		_, err = x.Core.Devices.CheckChange(x.Context(), x.actor, d.ID, c)
	}
	return one(x.prepared(r, in)), err
}

// prepared is a record as in would make it; of one that there is, r is how it is now.
func (x *exchange) prepared(r record, in input) record {
	if in.fresh() {
		r = record{ClientCode: in.clientCode, Type: in.kind, Status: active, CreateUser: x.caller, ModifyUser: x.caller}
		if x.user != nil {
			r.ClientCode = cmp.Or(in.clientCode, x.user.Name)
		}
	}
	kind := authcore.DeviceKind(r.Type)
	r.Number, r.Status = canonicalNumber(kind, cmp.Or(in.number, r.Number)), cmp.Or(in.status, r.Status)
	r.NumberMasked = masked(kind, r.Number)
	if in.notified != nil {
		r.Notified = *in.notified
	}
	if in.logsIn != nil {
		r.LogsIn = *in.logsIn
	}
	if in.description != nil {
		r.Description = *in.description
	}
	if in.system != nil {
		r.OperationSystem = *in.system
	}
	r.Action, r.FormTitle = in.action, in.formTitle
	return r
}
