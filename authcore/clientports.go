package authcore

import "time"

// AccountTable keeps accounts and their approvers.
type AccountTable interface {
	// CreateAccount fails with CodeConflict when the ID, or the name in the tenant, is taken.
	CreateAccount(a Account) error
	AccountByID(id string) (Account, error)
	AccountByName(tenant, name string) (Account, error)
	// Accounts lists those of a tenant, by name.
	Accounts(tenant string) ([]Account, error)
	// MoveAccount sets the status to "to" if it is one of from, in one statement, and
	// reports whether it did.
	MoveAccount(id string, to AccountStatus, from ...AccountStatus) (bool, error)
	// CreateApprover fails with CodeConflict when the user is one already, or the document
	// is another's on the account.
	CreateApprover(a Approver) error
	ApproverByDocument(account, document string) (Approver, error)
	ApproverByUser(account, userID string) (Approver, error)
	// Approvers lists those of an account, the oldest first.
	Approvers(account string) ([]Approver, error)
	// RemoveApprover reports whether he was one.
	RemoveApprover(account, userID string) (bool, error)
}

// ClientTable keeps what client devices have beside other devices.
type ClientTable interface {
	CreateClient(c Client) error
	// Client finds one by the ID of its device.
	Client(deviceID string) (Client, error)
	// ClientBySecret finds one by the digest of a browser's secret.
	ClientBySecret(digest []byte) (Client, error)
	// ClientsBySession lists those of a user's active devices that have the digest of a
	// session, the newest first.
	ClientsBySession(userID string, digest []byte) ([]Client, error)
	// Clients lists those of an account, the oldest first.
	Clients(account string) ([]Client, error)
	// MarkClient gives a client other marks.
	MarkClient(deviceID string, m Marks) error
	// AppendStatus notes a state of a client device; History lists them, the oldest first.
	// Prune goes by when it was noted that one was rejected or deactivated.
	AppendStatus(deviceID string, c StatusChange) error
	History(deviceID string) ([]StatusChange, error)
}

// ApprovalTable keeps requests for client devices: one at most for each, the newest.
type ApprovalTable interface {
	// PutApproval stores a in place of any other of its device.
	PutApproval(a Approval) error
	// Approval finds that of a device, whatever its state.
	Approval(deviceID string) (Approval, error)
	// Waiting lists the pending ones that a user decides and that have not expired at now,
	// the oldest first.
	Waiting(userID string, now time.Time) ([]Approval, error)
	// TryApproval counts one try if the request is not refused and fewer than limit were
	// counted, in one statement, and reports whether it counted.
	TryApproval(id string, limit int, now time.Time) (bool, error)
	// RefundApproval takes back one counted try that turned out not to be wrong.
	RefundApproval(id string) error
	// DecideApproval is the one statement that decides a request: it sets the state of a
	// pending one that has not expired, and reports true once. A request that was sent
	// another token has another ID.
	DecideApproval(id string, to ApprovalState, now time.Time) (bool, error)
	// RenewApproval gives the pending request old another ID, way and token with its end,
	// those of a, and its session sealed for that ID, if fewer than limit tries were counted,
	// in one statement, and reports whether it did.
	RenewApproval(old string, a Approval, limit int) (bool, error)
	// AskVerifier notes that a verifier is asked about a pending request now, unless one
	// was since before, in one statement, and reports whether it did.
	AskVerifier(id string, before, now time.Time) (bool, error)
}

// Ref is what a dialect calls a thing of ours.
type Ref struct{ Dialect, Tenant, Kind, Key string }

// RefTable keeps what dialects call things of ours.
type RefTable interface {
	// ByRef gives the ID of what r names.
	ByRef(r Ref) (id string, err error)
	// PointRef lets r name id if it names old, nothing when old is empty, in one statement,
	// and reports whether it did.
	PointRef(r Ref, old, id string) (bool, error)
}

// ReplayTable keeps what may be shown once.
type ReplayTable interface {
	// ShowOnce reports true once for each digest until then.
	ShowOnce(digest []byte, until time.Time) (bool, error)
}
