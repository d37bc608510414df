package onlyoffice

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// The numbers of TfaSettingsType. There is no 0, none, here.
const (
	factorSMS = 1
	factorApp = 2
)

// exempt is who needs no second factor on a portal: here nobody, and everybody
// must have one.
type exempt struct {
	TrustedIPs      []string `json:"trustedIps"`
	MandatoryUsers  []string `json:"mandatoryUsers"`
	MandatoryGroups []string `json:"mandatoryGroups"`
}

func nobody() exempt { return exempt{[]string{}, []string{}, []string{}} }

type (
	factorSettings struct {
		Settings struct {
			exempt
			Enable bool `json:"enable"`
		} `json:"tfaSettings"`
		Type int `json:"tfaSettingsType"`
	}
	docspaceFactor struct {
		ID        string `json:"id"`
		Title     string `json:"title"`
		Enabled   bool   `json:"enabled"`
		Available bool   `json:"available"`
		exempt
	}
)

// factor answers GET settings/tfaapp: the second factor that is offered first.
func factor(x *exchange) (any, error) {
	if _, err := x.signedIn(); err != nil {
		return nil, err
	}
	return x.o.factor(x.Core.Logins.Offered()), nil
}

func (o *OnlyOffice) factor(offered authcore.Factors) any {
	if o.Flavour == docspace {
		isApp := func(k authcore.DeviceKind) bool { return !codeIsSent(k) }
		return []any{
			docspaceFactor{"sms", "SMS", firstOf(offered) == factorSMS, slices.ContainsFunc(offered, codeIsSent), nobody()},
			docspaceFactor{"app", "Authenticator app", firstOf(offered) == factorApp, slices.ContainsFunc(offered, isApp), nobody()},
		}
	}
	settings := factorSettings{Type: firstOf(offered)}
	settings.Settings.exempt, settings.Settings.Enable = nobody(), true
	return settings
}

func firstOf(offered authcore.Factors) int {
	if len(offered) > 0 && !codeIsSent(offered[0]) {
		return factorApp
	}
	return factorSMS
}

// setFactor answers PUT settings/tfaapp. What the second factor is stands in the
// configuration, and no account of a portal can switch it off (law 6).
func setFactor(x *exchange) (any, error) {
	if _, err := x.signedIn(); err != nil {
		return nil, err
	}
	fields, err := x.fields()
	if err != nil {
		return nil, err
	}
	asked := map[string]int{"sms": factorSMS, "1": factorSMS, "app": factorApp, "2": factorApp}[strings.ToLower(fields.Get("type"))]
	if asked != firstOf(x.Core.Logins.Offered()) || exempts(x.Body, fields) {
		return nil, authcore.Errorf(authcore.CodeForbidden, "the second factor is set in the server's configuration")
	}
	return true, nil
}

// exempts says whether somebody asks for addresses that need no second factor:
// an answer of true would be believed.
func exempts(body []byte, fields dialect.Fields) bool {
	for name, value := range fields {
		if strings.HasPrefix(name, "trustedips") && value != "" { // of forms: trustedIps[], too
			return true
		}
	}
	var lists struct{ TrustedIPs []any } // of JSON; in any other body there is none
	return json.Unmarshal(body, &lists) == nil && len(lists.TrustedIPs) > 0
}
