package elcoin

import (
	"github.com/doorward/doorward/authcore"
)

// mfaState is a state on the way of a login, which the vendor answers with 200 and an error.
// The order of the members is the wire's; challenge_types and state are ours.
type mfaState struct {
	ChallengeType string   `json:"challenge_type,omitempty"`
	BindingMethod string   `json:"binding_method"`
	Token         string   `json:"mfa_token"`
	Error         string   `json:"error"`
	Description   string   `json:"error_description"`
	Code          *string  `json:"code,omitempty"` // to be shown, and never the one to be typed
	Types         []string `json:"challenge_types,omitempty"`
	State         string   `json:"state,omitempty"`
}

const (
	mfaRequired     = "mfa_required"
	mfaCodeRequired = "mfa_code_required"
)

// login answers POST login: who shows his password learns by which of his devices he may go
// on. Nothing is sent yet.
func login(x *oauthCall) (any, error) {
	if err := x.checkScope(scopeCustomer); err != nil {
		return nil, err
	}
	client, err := x.client()
	if err != nil {
		return nil, err
	}
	a := x.attempt()
	a.Tenant, a.Name, a.Password = client.Tenant(), x.fields.Get("username"), x.fields.Get("password")
	v, err := x.Core.Logins.Primary(x.Context(), a)
	if err != nil {
		return nil, err
	}
	ways, some, err := x.ways(v)
	if err != nil {
		return nil, err
	}
	if !some {
		return nil, refuse(enrolmentRequired, "There is no device for a second factor yet: sign in at this site in a browser first, and register one there.")
	}
	answer := mfaState{Error: mfaRequired, Description: "A second factor is needed: choose one at /oauth/v2/challenge.", Types: namesOf(ways)}
	if len(ways) > 0 {
		answer.ChallengeType = ways[0].name
	}
	return x.goOn(v, answer)
}

// challenge answers POST challenge: a device is chosen, and gets a code or is asked. Each
// call sends anew.
func challenge(x *oauthCall) (any, error) {
	if err := x.checkScope(scopeCustomer); err != nil {
		return nil, err
	}
	if err := x.checkClient(); err != nil {
		return nil, err
	}
	v, err := x.Core.Logins.ResumeMFA(x.Context(), x.attempt(), x.fields.Get("mfa_token"))
	if err != nil {
		return nil, err
	}
	ways, _, err := x.ways(v)
	if err != nil {
		return nil, err
	}
	chosen, ok := choose(ways, x.fields.Get("challenge_type"))
	if !ok {
		return nil, refuse(invalidRequest, "'challenge_type' is none of those that the login offered.")
	}
	var step authcore.Step
	if !chosen.device.Kind.MakesCodes() {
		if step, err = x.Core.Logins.SendTo(x.Context(), v, chosen.device.ID, true); err != nil {
			return nil, err
		}
	}
	return x.goOn(v, mfaState{
		ChallengeType: chosen.name, Code: &step.Number, Error: mfaCodeRequired,
		Description: "A code of the device is needed, or its answer: go on at /oauth/v2/token.",
	})
}

// goOn gives v a token to go on with: a new one with each step, for a code lives as long.
func (x *oauthCall) goOn(v *authcore.Verified, answer mfaState) (any, error) {
	token, _, err := x.Core.Logins.MFAToken(v)
	if err != nil {
		return nil, err
	}
	answer.BindingMethod, answer.Token, answer.State = "prompt", token, x.fields.Get("state")
	return answer, nil
}
