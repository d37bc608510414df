package oath

import "time"

// ResyncWindow is how many counters or time steps a resynchronisation searches
// (RFC 4226 section 7.4, RFC 6238 section 6).
const ResyncWindow = 1000

// ResyncHOTP finds two consecutive codes whose counters are both from last+1 to
// last+ResyncWindow, and gives the counter of the second; the lowest pair wins
// (RFC 4226 section 7.4). One code is never enough: among a thousand counters
// one in a thousand guesses of 6 digits would be right.
//
// The codes must be exactly k.Digits ASCII digits each. Without a match, and
// for a key that ValidateHOTP refuses, it gives -1 and false.
func (k Key) ResyncHOTP(first, second string, last int64) (counter int64, ok bool) {
	if k.ValidateHOTP() != nil || !k.wellFormed(first) || !k.wellFormed(second) {
		return none, false
	}
	return searchPair(first, second, last, beyond(last, ResyncWindow), k.generator())
}

// ResyncTOTP finds two consecutive codes whose time steps are both beyond last
// and at most ResyncWindow/2 steps from now, and gives the step of the second;
// the lowest pair wins (RFC 6238 section 6).
//
// The codes must be exactly k.Digits ASCII digits each. Without a match, and
// for a key that ValidateTOTP refuses, it gives -1 and false.
func (k Key) ResyncTOTP(first, second string, now time.Time, last int64) (step int64, ok bool) {
	if k.ValidateTOTP() != nil || !k.wellFormed(first) || !k.wellFormed(second) {
		return none, false
	}
	middle := k.step(now)
	return searchPair(first, second, max(last, middle-maxDrift-1), middle+maxDrift, k.generator())
}
