package portal

import (
	"net/url"

	"github.com/doorward/doorward/authcore"
)

// addPages are where who is signed in enrols another device.
var addPages = map[string]page{
	"devices/add":       {get: adding(anotherDevice.choose)},
	"devices/add/app":   {get: anotherDevice.back, post: adding(anotherDevice.app)},
	"devices/add/phone": {get: adding(anotherDevice.ask), post: adding(anotherDevice.send)},
	"devices/add/email": {get: adding(anotherDevice.ask), post: adding(anotherDevice.send)},
	"devices/add/code":  {get: adding(anotherDevice.askCode), post: adding(anotherDevice.code)},
}

// adding answers who is signed in and has shown both factors in the last ten
// minutes (law 7); others are asked for them.
func adding(answer func(*visit, *authcore.Verified) error) func(*visit) error {
	return func(v *visit) error {
		v.to = v.prefix + v.name
		actor, err := v.actor()
		if err != nil {
			return err
		}
		who, err := v.core.Logins.Adding(v.r.Context(), actor, v.attempt())
		if err != nil {
			return err
		}
		return answer(v, who)
	}
}

// anotherDevice is enrolled beside those that there are.
var anotherDevice = enrolment{name: "devices/add", full: true, activate: func(v *visit, who *authcore.Verified, code string) error {
	if _, err := v.core.Logins.Activate(v.r.Context(), who, code); err != nil {
		return err
	}
	return v.redirect(v.prefix + "devices?" + url.Values{"done": {"added"}}.Encode())
}}
