// Package authtest has what tests of the core need: a clock that is turned by
// hand, and devices whose codes can be computed.
package authtest

import (
	"encoding/base32"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/doorward/doorward/authcore"
)

// Clock stands still until it is turned.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts on a day in 2026, at the beginning of a TOTP step.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

// Now is the time it was turned to.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Turn moves the clock, forward or back.
func (c *Clock) Turn(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

var _ authcore.Clock = (*Clock)(nil)

// HOTP is the code that a device with six digits and SHA-1 shows at a counter.
func HOTP(t testing.TB, secret []byte, counter int64) string {
	t.Helper()
	code, err := hotp.GenerateCodeCustom(base32.StdEncoding.EncodeToString(secret), uint64(counter), hotp.ValidateOpts{Digits: otp.DigitsSix})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TOTP is the code that an authenticator app with a period of 30 s shows at a time.
func TOTP(t testing.TB, secret []byte, at time.Time) string {
	t.Helper()
	return HOTP(t, secret, at.Unix()/30)
}
