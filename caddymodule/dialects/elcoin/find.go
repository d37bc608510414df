package elcoin

import (
	"slices"
	"strconv"

	"github.com/doorward/doorward/authcore"
)

func noRecord() error { return authcore.Errorf(authcore.CodeNotFound, "there is no such record") }

// find gives the device that a path names, by id or uid. A body says nothing more, and is an
// object all the same: what was signed with a nonce would pass as a body that was signed alone.
func (x *exchange) find() (authcore.Device, error) {
	if len(x.Body) > 0 {
		if _, err := decode(x.Body); err != nil {
			return authcore.Device{}, err
		}
	}
	if whole.MatchString(x.ref) {
		number, err := strconv.ParseInt(x.ref, 10, 64)
		if err != nil {
			return authcore.Device{}, noRecord()
		}
		return x.device(&number, "")
	}
	uid, ok := canonicalUID(x.ref)
	if !ok {
		return authcore.Device{}, noRecord()
	}
	return x.device(nil, uid)
}

// device finds one by number or uid, or by both, which must be one device's. Kinds that the
// vendor does not know are none.
func (x *exchange) device(number *int64, uid string) (d authcore.Device, err error) {
	if number != nil {
		d, err = x.Core.Devices.ByNumber(x.Context(), x.actor, *number)
	} else {
		d, _, err = x.Core.Devices.Get(x.Context(), x.actor, uid)
	}
	if err != nil {
		return authcore.Device{}, err
	}
	if uid != "" && d.ID != uid || !slices.Contains(kinds(), d.Kind) {
		return authcore.Device{}, noRecord()
	}
	return d, nil
}

func getDb(x *exchange) (answer, error) {
	d, err := x.find()
	if err != nil {
		return answer{}, err
	}
	r, err := x.record(d)
	return one(r), err
}

// deleteItem says nothing of the record: one that was never used is gone.
func deleteItem(x *exchange) (answer, error) {
	d, err := x.find()
	if err != nil {
		return answer{}, err
	}
	_, err = x.Core.Devices.Delete(x.Context(), x.actor, d.ID, x.Origin)
	return one(struct{}{}), err
}
