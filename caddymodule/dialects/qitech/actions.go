package qitech

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
)

// action is the answer of what changes a device. The order of the members is the wire's.
type action struct {
	Key       string `json:"device_key"` // as it was sent
	Status    string `json:"device_status"`
	CreatedAt string `json:"created_at"`
}

func acted(d authcore.ClientDevice, key, status string) action {
	return action{key, status, withMillis(d.CreatedAt)}
}

// validate takes the token that the approver got.
func validate(x *exchange) (int, any, error) {
	body, err := decode(x.Body)
	if err != nil {
		return 0, nil, err
	}
	token, err := body.text("token")
	if err != nil {
		return 0, nil, err
	}
	d, err := x.Core.Approvals.Validate(x.Context(), x.actor, x.ref(), token)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, acted(d, x.device, "created"), nil
}

// resend sends another token: the way that is named, or that of the last one.
func resend(x *exchange) (int, any, error) {
	way, err := x.readWay()
	if err != nil {
		return 0, nil, err
	}
	d, err := x.Core.Approvals.Resend(x.Context(), x.actor, x.ref(), way, x.SandboxToken)
	if way == "" && authcore.CodeOf(err) == authcore.CodeInvalid { // none was sent
		err = invalid("send 'contact_type', sms or email: no token was sent for this device")
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusAccepted, acted(d, x.device, "pending_2fa_approval"), nil
}

func (x *exchange) readWay() (authcore.ApprovalWay, error) {
	if len(x.Body) == 0 {
		return "", nil
	}
	body, err := decode(x.Body)
	if err != nil || !body.has("contact_type") {
		return "", err
	}
	name, err := body.text("contact_type")
	if err != nil {
		return "", err
	}
	way := ways[name]
	if way != authcore.WayPhone && way != authcore.WayEmail {
		return "", invalid("'contact_type' is sms or email")
	}
	return way, nil
}

// disable ends a device. What was sent along is not looked at.
func disable(x *exchange) (int, any, error) {
	d, err := x.Core.Approvals.Disable(x.Context(), x.actor, x.ref())
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, acted(d, x.device, "disabled"), nil
}
