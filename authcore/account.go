package authcore

import "time"

// Account is what apps ask for devices on, as a bank account: its approvers say which.
type Account struct {
	ID     string // UUID, in small letters: its key in the dialect
	Tenant string
	Name   string // unique in a tenant
	Status AccountStatus
	// Hub accounts hold others, and have no devices.
	Hub       bool
	CreatedAt time.Time
}

// AccountStatus is a state of active <-> blocked -> closed, and active -> closed.
type AccountStatus string

// The states. Devices of an account that is not active bind no session.
const (
	AccountActive  AccountStatus = "active"
	AccountBlocked AccountStatus = "blocked"
	AccountClosed  AccountStatus = "closed"
)

// Approver is a user who says which devices an account has.
type Approver struct {
	Account string // ID
	UserID  string
	// Document is the number that he is known by on the account, 11 digits; unique there.
	Document string
	// Phone and Email are where his tokens go; empty: the user's own.
	Phone, Email string
	// Face is what a verifier knows him by; may be empty.
	Face      string
	CreatedAt time.Time
}
