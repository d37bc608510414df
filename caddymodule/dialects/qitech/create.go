package qitech

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// ways are the values of contact_type with which a device is asked for.
var ways = map[string]authcore.ApprovalWay{
	"sms": authcore.WayPhone, "email": authcore.WayEmail, "liveness": authcore.WayLiveness,
}

// The failures that the dialect finds itself, before the core.
var (
	noTFA      = &failure{dialect.Row{Status: http.StatusBadRequest, Code: "OBD000091"}, invalid("'tfa_info' is missing")}
	noUUID4    = &failure{dialect.Row{Status: http.StatusBadRequest, Code: "OBD000092"}, invalid("the keys must be UUIDs of version 4")}
	notCreator = dialect.Row{Status: http.StatusForbidden, Code: "OBD000094"}
)

// create asks for a device: what is wrong with the body comes first, then tfa_info, then the
// form of the keys; the core checks the rest in the vendor's order.
func create(x *exchange) (int, any, error) {
	r, err := x.readRequest()
	if err != nil {
		return 0, nil, err
	}
	d, err := x.Core.Approvals.Ask(x.Context(), x.actor, r)
	switch {
	case authcore.ReasonOf(err) == authcore.ReasonOperation:
		return 0, nil, &failure{notCreator, err}
	case err != nil:
		return 0, nil, err
	case d.Status == authcore.StatusRejected: // the action answers have no word for it
		return 0, nil, authcore.Errorf(authcore.CodeForbidden, "the picture was not accepted")
	case waits(d):
		return http.StatusAccepted, acted(d, r.Key, "pending_2fa_approval"), nil
	}
	return http.StatusCreated, acted(d, r.Key, "created"), nil
}

func (x *exchange) readRequest() (r authcore.DeviceRequest, err error) {
	r = authcore.DeviceRequest{Account: x.account, Sandbox: x.SandboxToken, From: x.Origin}
	body, err := decode(x.Body)
	if err != nil {
		return r, err
	}
	if r.Key, err = body.text("device_key"); err != nil {
		return r, err
	}
	if r.Session, err = body.text("session_id"); err != nil {
		return r, err
	}
	tfa, err := tfaInfo(body)
	if err != nil {
		return r, err
	}
	if r.Document, err = document(tfa); err != nil {
		return r, err
	}
	if r.Way, r.Face, err = contact(tfa); err != nil {
		return r, err
	}
	if r.PublicKey, err = optionalBytes(body, "public_key"); err != nil {
		return r, err
	}
	if !uuid4.MatchString(r.Key) || !uuid4.MatchString(r.Session) {
		return r, noUUID4
	}
	return r, nil
}

// tfaInfo gives who says yes, and by what proof.
func tfaInfo(body object) (object, error) {
	tfa, ok, err := members(body["tfa_info"])
	if err == nil && !ok {
		return nil, noTFA
	}
	return tfa, err
}

// document reads the number of the approver, of which only the digits count.
func document(tfa object) (string, error) {
	text, err := tfa.text("approver_document_number")
	if err != nil {
		return "", err
	}
	bare := strings.NewReplacer(".", "", "-", "").Replace(text)
	if len(bare) != 11 || strings.Trim(bare, "0123456789") != "" {
		return "", invalid("'approver_document_number' has 11 digits")
	}
	return bare, nil
}

func contact(tfa object) (way authcore.ApprovalWay, picture string, err error) {
	name, err := tfa.text("contact_type")
	if err != nil {
		return "", "", err
	}
	way, known := ways[name]
	if !known {
		return "", "", invalid("'contact_type' is sms, email or liveness")
	}
	if way != authcore.WayLiveness {
		return way, "", nil
	}
	if picture, err = tfa.text("image_key"); err != nil {
		return "", "", err
	}
	if !uuid.MatchString(picture) {
		return "", "", invalid("'image_key' must be a UUID")
	}
	return way, picture, nil
}

// optionalBytes reads a member in Base64, which may be absent.
func optionalBytes(o object, name string) ([]byte, error) {
	if !o.has(name) {
		return nil, nil
	}
	text, err := o.text(name)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) == 0 {
		return nil, invalid("'%s' must be Base64", name)
	}
	return raw, nil
}
