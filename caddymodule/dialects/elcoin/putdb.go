package elcoin

import (
	"encoding/base32"
	"encoding/base64"

	"rsc.io/qr"

	"github.com/doorward/doorward/authcore"
)

// putDb makes a device, or changes the one that is named.
func putDb(x *exchange) (answer, error) {
	in, err := readInput(x.Body)
	if err != nil {
		return answer{}, err
	}
	put := x.change
	if in.fresh() {
		put = x.create
	}
	r, err := put(in)
	if err != nil {
		return answer{}, err
	}
	r.Action, r.FormTitle = in.action, in.formTitle
	return one(r), nil
}

// fresh says whether in names no device that there is.
func (in input) fresh() bool { return in.id == nil && in.uid == "" }

// create registers a device. Its key is in this answer and in no other.
func (x *exchange) create(in input) (record, error) {
	e, err := x.enrolment(in)
	if err != nil {
		return record{}, err
	}
	made, err := x.Core.Devices.Register(x.Context(), x.actor, e)
	if err != nil {
		return record{}, err
	}
	owner := "" // who has a code is called by it
	if x.user != nil {
		owner = x.user.Name
	}
	r := recordOf(made.Device, e.Attributes, owner) // nothing is read that could fail: the key would be lost
	if len(made.Secret) > 0 {
		r.PrivateKey = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(made.Secret)
	}
	if made.URI != "" {
		code, err := qr.Encode(made.URI, qr.M)
		if err != nil {
			return record{}, authcore.Wrap(authcore.CodeInternal, err, "the key makes no picture")
		}
		r.Picture = base64.StdEncoding.EncodeToString(code.PNG())
	}
	return r, nil
}

// enrolment is what in asks for.
func (x *exchange) enrolment(in input) (e authcore.Enrolment, err error) {
	switch {
	case in.clientCode == "" && x.user == nil:
		return e, invalid("'client_code' is missing: send the client's name, e-mail address or phone number")
	case in.kind == "":
		return e, invalid("'device_type' is missing: it is email, http, mobile_application, phone, stomp or totp")
	case in.number == "" && in.kind != string(authcore.KindTOTP):
		return e, invalid("'device_number' is missing: a device of the type %s needs one", in.kind)
	case in.status != "" && in.status != active:
		return e, invalid("a device is active when it is made: leave 'device_status' out, and change it then")
	}
	e = authcore.Enrolment{
		User: in.clientCode, Kind: authcore.DeviceKind(in.kind), Notified: is(in.notified), LogsIn: is(in.logsIn),
		Dialect: dialectName, Attributes: authcore.Attributes{createUserAttribute: x.caller},
	}
	if x.user != nil {
		if e.User, err = x.self(in.clientCode); err != nil {
			return e, err
		}
	}
	description := ""
	e.Name, description = nameOf(said(in.description))
	number := ""
	if e.Kind == authcore.KindTOTP { // an app that makes codes has no address: it is what the client calls it
		number = in.number
	} else {
		e.Address = in.number
	}
	for name, value := range map[string]string{
		clientAttribute: in.clientCode, descriptionAttribute: description, systemAttribute: said(in.system), numberAttribute: number,
	} {
		if value != "" {
			e.Attributes[name] = value
		}
	}
	return e, nil
}

// self gives the ID of the user who asks, if a client's code is his or is not said.
func (x *exchange) self(code string) (string, error) {
	if code == "" {
		return x.user.UserID, nil
	}
	u, err := x.Core.Users.Get(x.Context(), x.actor, code)
	return u.ID, err
}

func is(flag *bool) bool { return flag != nil && *flag }

func said(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
