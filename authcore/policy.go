package authcore

import (
	"slices"
	"strings"
	"time"
)

// OpenPath is a path that needs no login: "/healthz" is that path alone,
// "/public/*" is everything below /public/. Whole segments, case-sensitive.
type OpenPath string

// Check refuses what would not mean what it seems to mean.
func (o OpenPath) Check() error {
	p := string(o)
	below := strings.TrimSuffix(p, "/*")
	if !plainPath(p) || strings.Contains(below, "*") || strings.ContainsAny(p, "{}") {
		return Errorf(CodeInvalid, "an open path is a plain absolute path, with /* at its end for all below it: %q", p)
	}
	return nil
}

func (o OpenPath) covers(reading string) bool {
	if below, ok := strings.CutSuffix(string(o), "/*"); ok {
		return strings.HasPrefix(reading, below+"/")
	}
	return reading == string(o)
}

// IsOpen says that every reading of a path is covered by an open path.
func IsOpen(open []OpenPath, readings []string) bool {
	if len(readings) == 0 {
		return false
	}
	for _, r := range readings {
		if !slices.ContainsFunc(open, func(o OpenPath) bool { return o.covers(r) }) {
			return false
		}
	}
	return true
}

// Demand is what a request must satisfy beyond a valid token.
type Demand struct {
	OTPMaxAge time.Duration // how old the second factor may be; 0: any age
	Groups    []string      // the user is in one of them; empty: no group asked
	Device    bool          // the session is bound to a registered device (ReasonClientDevice)
}

// Decide is the decision of the gate: nil lets the request pass, everything
// else refuses it. An open path needs no principal unless a demand applies to
// it; every demand applies (law 10).
func Decide(open bool, demands []Demand, p *Principal, now time.Time) error {
	if open && len(demands) == 0 {
		return nil
	}
	if p == nil || p.UserID == "" {
		return Errorf(CodeUnauthenticated, "a login is required")
	}
	for _, d := range demands {
		if err := d.check(p, now); err != nil {
			return err
		}
	}
	// Last: who may not come here anyway registers nothing for it.
	if p.ClientDevice == "" && slices.ContainsFunc(demands, func(d Demand) bool { return d.Device }) {
		return noClientDevice()
	}
	return nil
}

func noClientDevice() *Error {
	return Errorf(CodeForbidden, "a session on a registered device is required").because(ReasonClientDevice)
}

// notProven is for who shows what proves no device; what was wrong with it is for the audit
// trail alone.
func notProven() *Error {
	return Errorf(CodeForbidden, "nothing here proves a registered device of yours").because(ReasonClientDevice)
}

func (d Demand) check(p *Principal, now time.Time) error {
	if len(d.Groups) > 0 && !slices.ContainsFunc(d.Groups, func(g string) bool { return slices.Contains(p.Groups, g) }) {
		return Errorf(CodeForbidden, "your account is not in a group that may do this")
	}
	age := now.Sub(p.OTPTime)
	if d.OTPMaxAge > 0 && (age > d.OTPMaxAge || age < -leeway) { // a clock set back makes nothing fresh
		return &Error{Code: CodeStepUp, Message: "a newer one-time password is required", MaxAge: d.OTPMaxAge}
	}
	return nil
}

// Factors are the kinds of device that satisfy the second factor here: the
// operator's choice.
type Factors []DeviceKind

func (f Factors) has(kind DeviceKind) bool { return slices.Contains(f, kind) }

// Satisfied is the one function that decides that the second factor is
// satisfied (law 6): by a code, of an active device that had not expired, of a kind the
// operator named, which a client device never is. Every entry calls it.
func (f Factors) Satisfied(d Device, otpTime time.Time) bool {
	return d.ID != "" && d.Kind != KindClient && d.Status == StatusActive && !otpTime.IsZero() && f.has(d.Kind) &&
		(d.ExpiresAt.IsZero() || otpTime.Before(d.ExpiresAt))
}
