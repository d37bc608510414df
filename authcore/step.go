package authcore

import (
	"context"
	"time"
)

// Step is what a person who has shown the primary secret needs next.
type Step struct {
	// Kind is that of the device whose code is wanted. Empty: there is none,
	// and none can be enrolled this way.
	Kind DeviceKind
	// Enrol says that the device counts only after its first code.
	Enrol bool
	// Registered is the device to enrol when Kind is KindTOTP.
	Registered Registered
	// Address is where a code is on its way to, ExpiresAt when it ends. Both are
	// empty for a phone that must be named first, with SetPhone.
	Address   string
	ExpiresAt time.Time
}

// Next says what v needs for a login, and sends a code when that is what he
// needs and none is alive. The kinds come in the order of Options.Factors. Who
// has never had a device gets one to enrol, unless Options.InviteFirst (law 7).
//
// CodeThrottled: too many codes were sent. CodeUnavailable: the code could not
// be delivered; no try was used up.
func (l *Logins) Next(ctx context.Context, v *Verified) (Step, error) {
	return Step{}, Errorf(CodeInternal, "not built yet")
}

// Send sends a new code in place of any other, to the first of v's devices that
// codes can be sent to. CodeConflict when there is none.
func (l *Logins) Send(ctx context.Context, v *Verified) (Step, error) {
	return Step{}, Errorf(CodeInternal, "not built yet")
}

// SetPhone enrols a phone as v's first device, in place of another that is
// still pending, and sends it a code. CodeConflict when v has or had a device:
// a password alone replaces none (law 7). CodeForbidden when a first device
// needs an invitation, or phones don't satisfy the second factor here.
func (l *Logins) SetPhone(ctx context.Context, v *Verified, number string) (Step, error) {
	return Step{}, Errorf(CodeInternal, "not built yet")
}

// SetApp enrols an authenticator app as v's first device, or, when v holds a
// ticket for it, beside the app that it replaces. The errors are those of
// SetPhone.
func (l *Logins) SetApp(ctx context.Context, v *Verified) (Registered, error) {
	return Registered{}, Errorf(CodeInternal, "not built yet")
}
