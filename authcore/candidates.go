package authcore

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
)

// candidate is a device that a code may be of, with the challenge on its way to
// it if codes are sent to its kind.
type candidate struct {
	device    Device
	challenge Challenge
}

// matched is the candidate that a code is of, and what is used up of it.
type matched struct {
	candidate
	counter int64
	drift   int
	digest  []byte // of a backup code
	// answered says that the device said yes, and no code was shown.
	answered bool
}

// candidates are the devices that a code of v may be of: the active ones, and
// one that he is enrolling where he may. What looks like a backup code is tried
// as nothing else by who has some, so that it costs no other device a try.
func (l *Logins) candidates(tx Tx, v *Verified, code string, now time.Time) (list []candidate, err error) {
	devices, err := tx.Devices(v.user.Tenant, v.user.ID)
	if err != nil {
		return nil, err
	}
	sent, err := tx.Challenge(v.user.ID, v.purpose())
	if err != nil && CodeOf(err) != CodeNotFound {
		return nil, err
	}
	mayEnrol := l.mayEnrol(tx, v, devices) == nil
	// Of digits alone is a code with a PIN before it, and hardly ever a backup code.
	backup := isBackupCode(code) && strings.ContainsFunc(code, unicode.IsLetter) && slices.ContainsFunc(devices, func(d Device) bool { return d.Kind == KindBackup && d.Status == StatusActive })
	for _, d := range devices {
		tried := d
		switch {
		case d.enrolling() && mayEnrol:
			tried.Status = StatusActive
		case v.adds: // no other device is asked
			continue
		}
		if !l.factors.Satisfied(tried, now) || !v.user.counts(d) || backup != (d.Kind == KindBackup) {
			continue
		}
		c := candidate{device: d}
		if d.Kind.sent() {
			if sent.DeviceID != d.ID || sent.countsAt() != v.binding() {
				continue // no code is on its way to it
			}
			// Its row is locked before those of the tries, wherever both are: else
			// a code that is counted and one that is used up wait for each other.
			c.challenge = sent
			list = slices.Insert(list, 0, c)
			continue
		}
		list = append(list, c)
	}
	return list, nil
}

// sent says whether codes are sent to devices of the kind.
func (k DeviceKind) sent() bool { return k.isAddress() || k.Answers() }

// isAddress says whether a device of the kind is an address at which its user is told of
// things, and which he can prove to have by a code.
func (k DeviceKind) isAddress() bool { return k == KindPhone || k == KindEmail }

// reserve counts one try, of the challenge and of the device.
func (c candidate) reserve(tx Tx, limit AttemptLimit, now time.Time) (bool, error) {
	if c.challenge.ID != "" {
		if ok, err := tx.TryChallenge(c.challenge.ID, challengeTries, now); err != nil || !ok {
			return false, err
		}
	}
	return tx.Reserve(deviceKey(c.device), limit, now)
}

// match computes the codes of every candidate, whether or not one matched
// before.
func (l *Logins) match(ctx context.Context, v *Verified, candidates []candidate, code string, now time.Time) (found matched, ok bool, err error) {
	for _, c := range candidates {
		m, match, err := l.matchOne(ctx, v, c, code, now)
		if err != nil {
			return matched{}, false, err
		}
		if match && !ok {
			found, ok = m, true
		}
	}
	return found, ok, nil
}

func (l *Logins) matchOne(ctx context.Context, v *Verified, c candidate, code string, now time.Time) (m matched, ok bool, err error) {
	m = matched{candidate: c}
	switch {
	case c.device.Kind == KindBackup:
		m.digest, err = l.backupDigest(ctx, addressKey(v.attempt.From.Address), c.device, code)
		return m, err == nil, err // one statement says whether there is such a code
	case c.device.Kind.sent():
		return m, l.isSent(c.device, c.challenge, code), nil
	}
	m.counter, m.drift, ok = l.matchCounter(c.device, code, now)
	return m, ok, nil
}

// consume is the one statement that says who used the code.
func (m matched) consume(tx Tx, now time.Time) (bool, error) {
	switch {
	case m.device.Kind == KindBackup:
		return tx.ConsumeBackupCode(m.device.ID, m.digest, now)
	case m.challenge.ID != "":
		return tx.RedeemChallenge(m.challenge.ID, now)
	}
	return tx.ConsumeCounter(m.device.ID, m.counter, m.drift, now)
}

// matchCounter says whether code is one of d at now, with d's PIN before it if d has
// one, which counter it is of, and the drift to remember with it. It consumes
// nothing. What can't be unsealed verifies nothing.
func (c *Core) matchCounter(d Device, code string, now time.Time) (counter int64, drift int, ok bool) {
	key, err := c.deviceSecret(d)
	if err != nil {
		c.log.Error("a device's secret can't be used: it verifies nothing", "device_id", d.ID, "error", err)
		return 0, 0, false
	}
	code, pinned := c.afterPIN(d, code, d.Digits) // whatever came of it: all is computed
	if d.Kind == KindTOTP {
		counter, ok = key.MatchTOTP(code, now, d.LastCounter, d.LookAhead, d.Drift)
	} else {
		counter, ok = key.MatchHOTP(code, d.LastCounter, d.LookAhead)
	}
	return counter, d.driftOf(counter, now), ok && pinned
}

// maxDrift is how far, in steps, a login may let a clock wander; farther needs
// a resynchronisation (RFC 6238 section 6).
const maxDrift = 2

// driftOf is the drift to remember after counter was used at now.
func (d Device) driftOf(counter int64, now time.Time) int {
	if d.Kind != KindTOTP || d.Period <= 0 {
		return 0
	}
	drift := int(counter - now.Unix()/int64(d.Period))
	bound := max(maxDrift, d.Drift, -d.Drift)
	return max(-bound, min(bound, drift))
}
