package authcore

import "time"

// ApprovalWay is the proof by which a request is approved. Whatever it is, the one who
// decides may also do so in the portal, from a registered device of his, with a fresh
// code, and so may an operator.
type ApprovalWay string

// The ways there are.
const (
	// WayPhone and WayEmail send a token to the approver, which the app brings back.
	WayPhone ApprovalWay = "phone"
	WayEmail ApprovalWay = "email"
	// WayLiveness asks a Verifier about a picture of him.
	WayLiveness ApprovalWay = "liveness"
	// WayDevice waits for him at a device that he has registered before.
	WayDevice ApprovalWay = "device"
)

// ApprovalState is where a request is: pending, and then one of the others for good.
type ApprovalState string

// The states.
const (
	ApprovalPending  ApprovalState = "pending"
	ApprovalApproved ApprovalState = "approved"
	ApprovalRefused  ApprovalState = "refused"
)

// The bounds of a token.
const (
	TokenLife     = 5 * time.Minute // from when it was sent
	tokenTries    = 5               // of all tokens of a request together
	tokenLength   = 6
	tokenAlphabet = "23456789abcdefghjkmnpqrstuvwxyz" // nothing that reads like another
	// requestLife is how long a request waits, for whomever.
	requestLife = 24 * time.Hour
)

// SandboxToken is the token of every request of a site that is for trying out.
const SandboxToken = "329329"

// Approval is a client device that waits to be let in: who says yes, and by what proof.
// A device has one at most, the newest. A device that counts already keeps its marks
// until another request of its app is approved.
type Approval struct {
	ID       string // UUID; another one whenever a token is sent, so that the old one is void
	DeviceID string
	UserID   string // who decides
	AskedBy  string // the name of the integrator that asked; empty: the user himself
	Way      ApprovalWay
	// Token is what was sent, sealed for approvals|token|ID; empty: nothing was.
	Token []byte
	Tries int // wrong tokens that were counted
	State ApprovalState
	// Marks take the place of the device's when it is approved.
	Marks
	CreatedAt time.Time
	// TokenExpiresAt is the end of the token, ExpiresAt that of the request.
	TokenExpiresAt, ExpiresAt time.Time
	DecidedAt                 time.Time // zero: not yet
}
