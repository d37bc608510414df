package authcore

import (
	"errors"
	"fmt"
	"time"
)

// Code says what kind of failure an [Error] is. The set is closed: every
// dialect has one table with a row for each (see [Codes]), and a test demands it.
type Code string

// The codes. The zero value, and every error that is not ours, reads as
// CodeInternal: whoever maps a code to an answer must refuse by default.
const (
	CodeInternal        Code = "internal"        // a defect or an unknown state
	CodeInvalid         Code = "invalid"         // the request can't be understood; the message says what to change
	CodeUnauthenticated Code = "unauthenticated" // who asks is not proven
	CodeStepUp          Code = "step_up"         // proven, but the second factor is too old
	CodeForbidden       Code = "forbidden"       // proven, but not allowed
	CodeNotFound        Code = "not_found"       // no such thing, or not one the actor may see
	CodeConflict        Code = "conflict"        // the thing exists, or is in a state that forbids this
	CodeThrottled       Code = "throttled"       // proven, but too often: try again later
	CodeUnavailable     Code = "unavailable"     // the store or another resource is away or overloaded; try again
)

// Codes lists every Code, for tables that must have a row for each.
func Codes() []Code {
	return []Code{
		CodeInternal, CodeInvalid, CodeUnauthenticated, CodeStepUp,
		CodeForbidden, CodeNotFound, CodeConflict, CodeThrottled, CodeUnavailable,
	}
}

// Error is the only error that leaves this package. Message is safe to show to
// the caller; the cause is for the log and never holds a secret.
type Error struct {
	Code    Code
	Message string
	// Reason says more, to who may know; mostly empty.
	Reason Reason
	// MaxAge goes with CodeStepUp: how old the second factor may be (RFC 9470).
	MaxAge time.Duration
	// RetryAfter goes with CodeUnavailable and CodeThrottled: when to try again; zero: no advice.
	RetryAfter time.Duration
	cause      error
}

// Error shows the message and the cause, for operators. Callers of an API see
// [MessageOf].
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.cause)
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Errorf makes an Error with a formatted message that is safe to show.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error around a cause. The message is what callers see.
func Wrap(code Code, cause error, message string) *Error {
	return &Error{Code: code, Message: message, cause: cause}
}

// Unavailable wraps what went wrong with a resource that may come back.
func Unavailable(cause error) *Error {
	return &Error{
		Code: CodeUnavailable, Message: "the service can't answer right now, please try again",
		RetryAfter: time.Second, cause: cause,
	}
}

// CodeOf gives the code of err: CodeInternal for a foreign error, and for nil
// too, so that a forgotten check reads as a failure.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) && e.Code != "" {
		return e.Code
	}
	return CodeInternal
}

// MessageOf gives the text that may be shown for err.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Code != CodeInternal && e.Message != "" {
		return e.Message
	}
	return "internal error"
}

// ReasonOf gives the reason of err, if it has one.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}
