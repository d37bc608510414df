package authcore

import "context"

// Checked is a code that an integrator asks about.
type Checked struct {
	User   string // name, e-mail, phone or ID
	Device string // serial or ID; empty: the first device that became his and makes codes
	Code   string
	From   Origin
}

// Validate says whether a code is right now, and uses it up: as in a login the try
// is counted before the code is looked at (law 3), one statement says who used it
// (law 2), and what satisfies the second factor is decided by the same function (law
// 6). A code that SendCode sent for this device counts as well. The key of the
// integrator is the primary secret (law 4). The device is given with an error too,
// as far as it is known.
//
// CodeUnauthenticated with ReasonWrongCode, ReasonReplayed, ReasonMalformedCode or
// ReasonExpired; CodeThrottled with ReasonPaused; CodeForbidden with ReasonInactive
// or ReasonUserDisabled; CodeNotFound with ReasonNoUser, ReasonNoDevice or ReasonNone.
func (s *Devices) Validate(ctx context.Context, actor Actor, c Checked) (Device, error) {
	return Device{}, errNotBuilt
}
