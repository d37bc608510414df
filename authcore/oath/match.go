package oath

import "time"

const (
	// MaxLookAhead is how many counters beyond the next one HOTP tries at most
	// (RFC 4226 section 7.4, "s").
	MaxLookAhead = 50
	// MaxWindow is how many steps to either side TOTP tries at most (RFC 6238
	// section 5.2, which recommends one).
	MaxWindow = 2
	// maxDrift is as far, in steps, as a resynchronisation can move a device.
	maxDrift = ResyncWindow / 2
)

// MatchHOTP gives the lowest counter from last+1 to last+1+lookAhead whose code
// is code (RFC 4226 section 7.4). last is the last counter that was used, -1 if
// none was; lookAhead is held within 0 to MaxLookAhead.
//
// The code must be exactly k.Digits ASCII digits; nothing is trimmed. Without a
// match, and for a key that ValidateHOTP refuses, it gives -1 and false.
func (k Key) MatchHOTP(code string, last int64, lookAhead int) (counter int64, ok bool) {
	if k.ValidateHOTP() != nil || !k.wellFormed(code) {
		return none, false
	}
	return search(code, last, beyond(last, 1+clamp(lookAhead, 0, MaxLookAhead)), k.generator())
}

// MatchTOTP gives the lowest time step whose code is code, from window steps
// before to window steps after the device's own time, which is now plus drift
// steps (RFC 6238 sections 5.2 and 6). Only steps beyond last count, which is
// the last step that was used, -1 if none was. window is held within 0 to
// MaxWindow, and drift within ResyncWindow/2 to either side.
//
// The code must be exactly k.Digits ASCII digits; nothing is trimmed. Without a
// match, and for a key that ValidateTOTP refuses, it gives -1 and false.
func (k Key) MatchTOTP(code string, now time.Time, last int64, window, drift int) (step int64, ok bool) {
	if k.ValidateTOTP() != nil || !k.wellFormed(code) {
		return none, false
	}
	middle := k.step(now) + clamp(drift, -maxDrift, maxDrift)
	reach := clamp(window, 0, MaxWindow)
	return search(code, max(last, middle-reach-1), middle+reach, k.generator())
}

// step is the number of whole periods since 1970, rounded down before 1970 too
// (RFC 6238 section 4.2, with T0 = 0).
func (k Key) step(now time.Time) int64 {
	seconds, period := now.Unix(), int64(k.Period)
	step := seconds / period
	if seconds%period < 0 {
		step--
	}
	return step
}

func clamp(n, low, high int) int64 { return int64(min(max(n, low), high)) }
