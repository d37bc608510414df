package portal

import "github.com/doorward/doorward/authcore"

// steppingUp answers who shows another code for the session that he has. The
// session is in the cookie each time: no other flow is needed.
func steppingUp(answer func(*visit, *authcore.Verified) error) func(*visit) error {
	return func(v *visit) error {
		actor, err := v.actor()
		if err != nil {
			return err
		}
		who, err := v.core.Logins.StepUp(v.r.Context(), actor, v.attempt())
		if err != nil {
			return err
		}
		return answer(v, who)
	}
}
