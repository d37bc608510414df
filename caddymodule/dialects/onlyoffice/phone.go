package onlyoffice

import (
	"strings"

	"github.com/doorward/doorward/authcore"
)

// setPhone answers POST authentication/setphone: the first phone of a person,
// who has shown the first factor or a ticket for it.
func setPhone(x *exchange) (any, error) {
	v, fields, err := x.verified(phoneActivation)
	if err != nil {
		return nil, err
	}
	number, err := phoneNumber(fields.Get("mobilePhone"))
	if err != nil {
		return nil, err
	}
	step, err := x.Core.Logins.SetPhone(x.Context(), v, number)
	if err != nil {
		return nil, told(told(err, authcore.CodeThrottled, tooManyTexts), authcore.CodeConflict, phoneIsSet)
	}
	return x.o.next(step), nil
}

// phoneNumber reads a number as a portal does: its digits are what counts. Here
// they must be a number that can be dialled from anywhere.
func phoneNumber(text string) (string, error) {
	digits := onlyDigits(text)
	if digits == "" {
		return "", &failure{noNumber, authcore.Errorf(authcore.CodeInvalid, "%s", noNumber.Text)}
	}
	if len(digits) == 11 && strings.HasPrefix(digits, "89") { // as Russians dial at home; no country begins like that
		digits = "7" + digits[1:]
	}
	return authcore.CanonicalPhone("+" + digits)
}

// sendSMS answers POST authentication/sendsms: a new code in place of any other.
func sendSMS(x *exchange) (any, error) {
	v, _, err := x.verified()
	if err != nil {
		return nil, err
	}
	step, err := x.Core.Logins.Send(x.Context(), v)
	if err != nil {
		return nil, told(told(err, authcore.CodeThrottled, tooManyTexts), authcore.CodeConflict, noTexts)
	}
	return x.o.next(step), nil
}
