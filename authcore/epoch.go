package authcore

import "time"

// SubjectKind says whose epoch it is.
type SubjectKind string

// The subjects of epochs. SubjectKeys stands for the set of signing keys: a
// change there tells every node to read them again.
const (
	SubjectUser    SubjectKind = "user"
	SubjectDevice  SubjectKind = "device"
	SubjectSession SubjectKind = "session"
	SubjectKeys    SubjectKind = "keys"
	// SubjectStore stands for everything: after a restore no node may go on with
	// what it knows.
	SubjectStore SubjectKind = "store"
)

// Subject names one epoch.
type Subject struct {
	Kind SubjectKind
	ID   string
}

// EpochChange is one line of the feed that nodes follow.
type EpochChange struct {
	Subject Subject
	Epoch   int64
}

// Cursor is a place in the feed of changed epochs.
type Cursor struct {
	// Database tells a run of the database from another one: positions of
	// different runs can't be compared.
	Database string
	Position string
	// Clock is what the database's clock showed, zero when it is this machine's.
	Clock time.Time
}
