package onlyoffice

import (
	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
)

// tokenData is AuthenticationTokenData. Clients read token null as "a factor is
// missing", and can't read null elsewhere: absent members are left out.
type tokenData struct {
	Token      *string `json:"token"`
	Expires    string  `json:"expires,omitempty"`
	SMS        bool    `json:"sms,omitempty"`
	PhoneNoise string  `json:"phoneNoise,omitempty"`
	TFA        bool    `json:"tfa,omitempty"`
	TFAKey     string  `json:"tfaKey,omitempty"`
	ConfirmURL string  `json:"confirmUrl,omitempty"`
}

// docspaceToken is the same where false is written, and null is not.
type docspaceToken struct {
	Token      *string `json:"token,omitempty"`
	Expires    string  `json:"expires,omitempty"`
	SMS        bool    `json:"sms"`
	PhoneNoise string  `json:"phoneNoise,omitempty"`
	TFA        bool    `json:"tfa"`
	TFAKey     string  `json:"tfaKey,omitempty"`
	ConfirmURL string  `json:"confirmUrl,omitempty"`
}

func (o *OnlyOffice) token(data tokenData) any {
	if o.Flavour == docspace {
		return docspaceToken(data)
	}
	return data
}

// missing says what a client needs next, and which confirm link leads there.
func (o *OnlyOffice) missing(step authcore.Step) (data tokenData, link string) {
	switch {
	case codeIsSent(step.Kind) && step.Address == "":
		return tokenData{SMS: true}, phoneActivation
	case codeIsSent(step.Kind):
		return tokenData{SMS: true, Expires: o.zone.date(step.ExpiresAt), PhoneNoise: noise(step.Kind, step.Address)}, phoneAuth
	case step.Kind == authcore.KindTOTP && step.Enrol:
		return tokenData{TFA: true, TFAKey: oath.FormatSecret(step.Registered.Secret)}, tfaActivation
	default:
		return tokenData{TFA: true}, tfaAuth
	}
}

func codeIsSent(kind authcore.DeviceKind) bool {
	return kind == authcore.KindPhone || kind == authcore.KindEmail
}

// next tells what is missing. There is no token before a code was right.
func (o *OnlyOffice) next(step authcore.Step) any {
	data, _ := o.missing(step)
	return o.token(data)
}

// finished tells a login that is done.
func (o *OnlyOffice) finished(login authcore.Login, ends string) any {
	data := tokenData{Token: &login.Token, Expires: ends}
	if codeIsSent(login.Device.Kind) {
		data.SMS, data.PhoneNoise = true, noise(login.Device.Kind, login.Device.Address)
	} else {
		data.TFA = true
	}
	return o.token(data)
}
