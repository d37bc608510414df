package authcore

import "context"

// Verifier says whether a picture is of a living person and of the one it should be of. A
// Caddy module in the namespace doorward.verifiers implements it.
type Verifier interface {
	// Verify looks at one picture. VerdictLater: it is asked again. It is called outside of
	// any transaction, for several at once, and returns before ctx ends, which it does within
	// [ChannelTime]. Any error means that nothing is known: it reads as later. The text of an
	// error is for the log: it has nothing of the person.
	Verify(ctx context.Context, l Liveness) (Verdict, error)
}

// Liveness is one question for a Verifier.
type Liveness struct {
	ID       string // of the request: the same when it is asked again
	Picture  string // what the app calls the picture that was taken
	Face     string // what the verifier knows the approver by; may be empty
	Document string // the approver's
	Account  string
	Device   string // what its app calls it
}

// Verdict is the answer.
type Verdict string

// The answers. Any other is later.
const (
	VerdictYes   Verdict = "yes"
	VerdictNo    Verdict = "no"
	VerdictLater Verdict = "later"
)
