package surepassid

import (
	"fmt"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// resynchronise takes two consecutive codes, which activate a device that awaits them
// as well.
func resynchronise(x *exchange) (any, error) {
	d, err := x.device()
	if err != nil {
		return nil, err
	}
	first, second := padded(x.text("otp1"), d.Digits), padded(x.text("otp2"), d.Digits)
	_, err = x.Core.Devices.Resynchronise(x.Context(), x.actor, d.ID, first, second)
	return nil, x.wrongCode(err, d, first+" "+second)
}

// validateCode asks about a code. One that is too short has lost its zeros, which a
// number does: it is asked about again with them, and the first time costs no try. A
// device with a PIN gets none: how long its PIN is, and where it begins, is not known
// here.
func validateCode(x *exchange) (any, error) {
	asked := authcore.Checked{
		User: x.text("username"), Device: x.text("psn", "printedSerialNumber"), Code: x.text("otp", "code"), From: x.Origin,
	}
	if asked.Device != "" {
		if err := checkPSN(asked.Device); err != nil {
			return nil, err
		}
	}
	d, err := x.Core.Devices.Validate(x.Context(), x.actor, asked)
	if code := padded(asked.Code, d.Digits); authcore.ReasonOf(err) == authcore.ReasonMalformedCode && code != asked.Code && len(d.PIN) == 0 {
		asked.Code = code
		d, err = x.Core.Devices.Validate(x.Context(), x.actor, asked)
	}
	return nil, inState(x.wrongCode(err, d, asked.Code), d)
}

// padded gives a code the zeros back that a number loses.
func padded(code string, digits int) string {
	if code == "" || len(code) >= digits || strings.Trim(code, "0123456789") != "" {
		return code
	}
	return strings.Repeat("0", digits-len(code)) + code
}

// wrongCode tells of a wrong code in the vendor's words, which quote it: that is for
// whoever asked for them, as answers end up in logs.
func (x *exchange) wrongCode(err error, d authcore.Device, code string) error {
	if authcore.ReasonOf(err) != authcore.ReasonWrongCode {
		return err
	}
	if !x.VerboseErrors {
		code = "******"
	}
	kind, size := "EVENT", d.LookAhead
	if d.Kind == authcore.KindTOTP {
		kind, size = "TIME", d.Period
	}
	return &failure{
		number: 9003, err: err,
		text: fmt.Sprintf("OTP [%s] [%s] FAILED - [%s] outside window [size=%d] or invalid. ", kind, d.Serial, code, size),
	}
}

// deliveries are the words and the numbers of the vendor's for a way to send a code.
var deliveries = map[string]authcore.DeviceKind{
	"sms": authcore.KindPhone, "0": authcore.KindPhone, "email": authcore.KindEmail, "1": authcore.KindEmail,
	"voice": authcore.ByVoice, "2": authcore.ByVoice,
}

func sendCode(x *exchange) (any, error) {
	by, known := deliveries[strings.ToLower(x.text("deliveryMethod"))]
	if !known {
		return nil, fail(9044, "deliveryMethod is sms, email or voice")
	}
	ref := x.text("psn", "printedSerialNumber")
	if ref != "" {
		if err := checkPSN(ref); err != nil {
			return nil, err
		}
	}
	d, err := x.Core.Devices.SendCode(x.Context(), x.actor, authcore.CodeToSend{User: x.text("username"), Device: ref, By: by, From: x.Origin})
	return nil, inState(unsent(err, by, d.UserID != ""), d)
}
