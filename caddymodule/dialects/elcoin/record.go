package elcoin

import (
	"cmp"
	"time"

	"github.com/doorward/doorward/authcore"
)

// record is a device as it is sent. The order of the members is that of the vendor's schema.
type record struct {
	Action          string `json:"action"`
	Picture         string `json:"Base64QrCodePng"`
	ClientCode      string `json:"client_code"`
	CreateDate      string `json:"create_date"`
	CreateUser      string `json:"create_user"`
	Notified        bool   `json:"default_for_notifications"`
	Description     string `json:"description"`
	Number          string `json:"device_number"`
	NumberMasked    string `json:"device_number_masked"`
	Status          string `json:"device_status"`
	Type            string `json:"device_type"`
	FormTitle       string `json:"form_title"`
	ID              int64  `json:"id"`
	ModifyDate      string `json:"modify_date"`
	ModifyUser      string `json:"modify_user"`
	OperationSystem string `json:"operation_system"`
	PrivateKey      string `json:"private_key"`
	State           int64  `json:"state"`
	UID             string `json:"uid"`
	LogsIn          bool   `json:"use_device_as_login"`
	Version         int64  `json:"version"`
}

// What is remembered of a device beside what the core has: who made it and changed it last
// by this dialect, how its client was called, and texts that the core has no place for.
const (
	clientAttribute      = "client_code"
	createUserAttribute  = "create_user"
	modifyUserAttribute  = "modify_user"
	systemAttribute      = "operation_system"
	descriptionAttribute = "description" // what is no name: see nameOf
	numberAttribute      = "device_number"
)

// stamp writes a time as the vendor's sample does, with an offset without a colon.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05-0700")
}

// recordOf shows a device to who may see it. What was never changed was changed last when it
// was made.
func recordOf(d authcore.Device, of authcore.Attributes, owner string) record {
	changedAt := d.ChangedAt
	if changedAt.IsZero() {
		changedAt = d.CreatedAt
	}
	r := record{
		ClientCode: cmp.Or(of[clientAttribute], owner),
		CreateDate: stamp(d.CreatedAt), CreateUser: of[createUserAttribute],
		ModifyDate: stamp(changedAt), ModifyUser: cmp.Or(of[modifyUserAttribute], of[createUserAttribute]),
		Notified: d.Notified, LogsIn: d.LogsIn,
		Description: cmp.Or(of[descriptionAttribute], d.Name), OperationSystem: of[systemAttribute],
		Number: cmp.Or(d.Address, of[numberAttribute], d.Serial),
		Status: statusWord(d.Status), Type: string(d.Kind),
		ID: d.Number, UID: d.ID, State: d.Epoch, Version: d.Version,
	}
	r.NumberMasked = masked(d.Kind, r.Number)
	return r
}

// records shows devices, with what is remembered of them.
func (x *exchange) records(devices ...authcore.Device) ([]record, error) {
	known, err := x.Core.Devices.Remembered(x.Context(), x.actor, devices, dialectName)
	if err != nil {
		return nil, err
	}
	list := make([]record, len(devices))
	for i, d := range devices {
		list[i] = recordOf(d, known.Attributes[d.ID], known.Owners[d.UserID])
	}
	return list, nil
}

func (x *exchange) record(d authcore.Device) (record, error) {
	list, err := x.records(d)
	if err != nil {
		return record{}, err
	}
	return list[0], nil
}
