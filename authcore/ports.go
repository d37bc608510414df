package authcore

import (
	"context"
	"time"
)

// Clock tells the time. Every decision about time asks it, so that tests can
// turn it. Implementations are safe for concurrent use.
type Clock interface {
	Now() time.Time
}

// SystemClock is the clock of the machine.
type SystemClock struct{}

// Now is time.Now.
func (SystemClock) Now() time.Time { return time.Now() }

// Store keeps everything that must survive a restart. It is the contract that
// storage/ fulfils and that storage/storagetest checks.
//
// Both methods run fn once, in one transaction, and return fn's error. Each is
// bounded in time whatever the database does: within a few seconds it returns
// an Error with CodeUnavailable. Errors of the driver never pass through as
// they are: they become CodeUnavailable, or CodeConflict where a uniqueness
// rule was broken. A Tx must not be used after fn returned. Times come back in
// UTC, cut to milliseconds.
type Store interface {
	// Read runs fn on one consistent state; fn must not write.
	Read(ctx context.Context, fn func(Tx) error) error
	// Write runs fn and commits when it returns nil. When Write returns nil the
	// commit is durable; when it returns an error nothing of it may be relied on.
	Write(ctx context.Context, fn func(Tx) error) error
	// Close lets running transactions finish and closes the database.
	Close() error
}

// Notifier is a Store that can tell when epochs have changed. It is a hint:
// the feed is read four times a second in any case, and a hint may be lost or
// come for nothing.
type Notifier interface {
	// Changes receives when it is worth reading the feed. Nil: never.
	Changes() <-chan struct{}
}

// StoreGuest is what a Caddy module in the namespace doorward.stores
// implements: it is configuration that knows how to open a Store.
type StoreGuest interface {
	// StoreKey names the database. Configurations with equal keys share one
	// open Store across reloads. It appears in no log: it may hold a password.
	StoreKey() string
	// OpenStore opens and migrates. CodeUnavailable means "may work later": the
	// caller tries again while it serves 503. Any other error refuses the
	// configuration. It is never called while a configuration is only validated.
	OpenStore(ctx context.Context) (Store, error)
}

// SealKeyKeeper is implemented by a StoreGuest that keeps a seal key beside
// its data when the configuration names none.
type SealKeyKeeper interface {
	// SealKey reads the key, or makes it when neither key nor data exist.
	SealKey() ([]byte, error)
}

// Tx is one transaction: a table, an interface. Lookups of what does not exist
// return an Error with CodeNotFound.
type Tx interface {
	UserTable
	DeviceTable
	SessionTable
	AttemptTable
	KeyTable
	EpochTable
	SealTable
	AuditTable
	RestoreTable
	ChallengeTable
	BackupTable
	IdentityTable
	InviteTable
	AttributeTable
	IntegratorTable
	PictureTable
	ImportTable
	AccountTable
	ClientTable
	ApprovalTable
	RefTable
	ReplayTable
}

// UserTable keeps users and the names they log in with.
type UserTable interface {
	// UserByLogin finds a user by a canonical name, e-mail or phone, or by the address of a
	// device with Device.LogsIn.
	UserByLogin(tenant, login string) (User, error)
	UserByID(id string) (User, error)
	// Users lists a tenant's users by name; an empty tenant lists all.
	Users(tenant string) ([]User, error)
	// FindUsers lists up to limit users of a tenant, by name, whose name, e-mail or
	// phone has words in it, in any case; empty words: anybody's.
	FindUsers(tenant, words string, limit int) ([]User, error)
	// CreateUser fails with CodeConflict when one of the names is taken.
	CreateUser(u User) error
	// SetUserContacts replaces a user's e-mail and phone, and what he logs in with, but for
	// what his devices log him in with; CodeConflict when one of them is taken.
	SetUserContacts(id, email, phone string) error
	SetUserDisabled(id string, disabled bool) error
	// SetStrictDevices sets User.StrictDevices.
	SetStrictDevices(id string, strict bool) error
	// SetRestoredBy sets User.RestoredBy.
	SetRestoredBy(id, address string) error
	// SetUserPassword replaces the hash when it still is old; an empty old
	// replaces any. It reports whether a row was changed.
	SetUserPassword(id, old, hash string) (bool, error)
	// LockUser keeps other transactions from locking or changing the user until
	// this one ends, so that what is his can be counted.
	LockUser(id string) error
	// RemoveUser removes the user, his names, devices and sessions. It revokes
	// nothing by itself: raise his epoch before it, in the same transaction.
	RemoveUser(id string) error
}

// DeviceTable keeps devices.
type DeviceTable interface {
	DeviceByID(id string) (Device, error)
	DeviceBySerial(tenant, serial string) (Device, error)
	// Devices lists a user's devices in the order in which they became his; an empty
	// user lists all of the tenant; an empty tenant those of every tenant.
	Devices(tenant, userID string) ([]Device, error)
	// CreateDevice fails with CodeConflict when the serial is taken.
	CreateDevice(d Device) error
	// RemovePending removes a user's devices that are pending for their first code,
	// and reports how many they were: they never opened anything.
	RemovePending(userID string) (int64, error)
	// AssignDevice gives a device of the user from to the user to, as the last of his,
	// and reports whether from had it. One statement decides. Its name goes, and what
	// is on its way to it: challenges, and pictures that a user might yet read, and
	// Device.Notified and Device.LogsIn are its new user's to have. Nobody
	// is the empty user: the device is in stock. CodeConflict: there is no user to. A
	// client device never goes to another: false.
	AssignDevice(id, from, to string) (bool, error)
	// HadDevice says whether AssignDevice or RemoveDevice took a device from a user
	// that had counted: one that makes codes or gets them, and was neither pending nor
	// rejected.
	HadDevice(userID string) (bool, error)
	// RemoveDevice removes a device with all that belongs to it; its serial is free
	// again. It revokes nothing by itself: raise its epoch before it, in the same
	// transaction.
	RemoveDevice(id string) error
	// MoveDevice sets the status to "to" if it is one of from, in one
	// statement, and reports whether it did. What is retired has neither Device.Notified nor
	// Device.LogsIn.
	MoveDevice(id string, to DeviceStatus, from ...DeviceStatus) (bool, error)
	// RenameDevice says what its owner calls it.
	RenameDevice(id, name string) error
	// DeviceByNumber finds one of a tenant by Device.Number.
	DeviceByNumber(tenant string, number int64) (Device, error)
	// DeviceByEnrolment finds the one that awaits an app with this digest.
	DeviceByEnrolment(digest []byte) (Device, error)
	// FindDevices lists what q asks for by Device.Number, and counts all that it would.
	FindDevices(q DeviceQuery) (devices []Device, total int64, err error)
	// GiveKey is the one statement that decides which app a device is: it sets the key of a
	// pending one that was created after since and has this enrolment, which is void then,
	// makes it active, and reports whether it did.
	GiveKey(id string, digest, publicKey []byte, since, now time.Time) (bool, error)
	// ChangedDevice adds one to Device.Version, as GiveKey does by itself: call it after
	// whatever else changes what is shown of a device.
	ChangedDevice(id string, now time.Time) error
	SetDeviceAddress(id, address string) error
	// SetNotified sets Device.Notified, and takes it from the user's other devices, whose
	// Version rises by that. Hold the user: see LockUser.
	SetNotified(id string, notified bool, now time.Time) error
	// SetLogsIn sets Device.LogsIn: its address is a name of its user then, which it may be
	// already. CodeConflict when it is another's.
	SetLogsIn(id string, logsIn bool) error
	// ConsumeCounter is the one statement that decides who used a code: it sets
	// last_counter, drift and the time of use of an active device if
	// last_counter is lower than counter, and reports whether it did.
	ConsumeCounter(id string, counter int64, drift int, at time.Time) (bool, error)
}

// SessionTable keeps sessions.
type SessionTable interface {
	CreateSession(s Session) error
	SessionByID(id string) (Session, error)
	// Sessions lists what has neither ended nor expired at now, newest first;
	// an empty user lists everybody's.
	Sessions(userID string, now time.Time) ([]Session, error)
	// EndSessions marks the open sessions of a user, of a device's codes or bound to a
	// device, or one session, as ended, and reports how many they were.
	EndSessions(of Subject, at time.Time) (int64, error)
}

// AttemptTable counts tries. A try is counted, and the count committed, before
// anything is compared (law 3).
type AttemptTable interface {
	// Reserve counts one try against key, unless the key is paused at now or
	// its cap is reached, in one statement, and reports whether it counted.
	Reserve(key AttemptKey, limit AttemptLimit, now time.Time) (bool, error)
	// Refund takes back one counted try that turned out not to be wrong.
	Refund(key AttemptKey) error
	// Succeed takes back one counted try, ends the run of wrong ones and lifts
	// a pause that this run caused. The total keeps every wrong try.
	Succeed(key AttemptKey) error
	// Lift ends a pause and the run of wrong tries; the total stays.
	Lift(key AttemptKey) error
	// Attempts reads the counters; zero when there are none.
	Attempts(key AttemptKey) (Attempts, error)
}

// KeyTable keeps the keys that sign tokens.
type KeyTable interface {
	// SigningKeys lists all keys, oldest first.
	SigningKeys() ([]SigningKey, error)
	CreateSigningKey(k SigningKey) error
	RemoveSigningKey(id string) error
}

// EpochTable keeps the integers that revoke tokens.
type EpochTable interface {
	// BumpEpoch adds one to the epoch of a user, device or session and notes
	// the change in the feed. SubjectKeys, the set of keys, has one too. A
	// subject that does not exist is CodeNotFound.
	BumpEpoch(s Subject, at time.Time) (int64, error)
	// EpochsSince lists the changes noted after cursor, and the cursor for the
	// next call. A change may be listed twice, and none is ever missed, also
	// when it was committed later than a younger one, or when the database was
	// replaced by a copy of itself meanwhile (a failover). The zero Cursor
	// lists nothing and gives the present.
	EpochsSince(cursor Cursor) ([]EpochChange, Cursor, error)
}

// SealTable gives access to every sealed value, whatever table it is in.
type SealTable interface {
	// SealedWithout lists up to limit sealed values that don't start with
	// prefix. An empty prefix lists any.
	SealedWithout(prefix []byte, limit int) ([]SealedValue, error)
	// ReplaceSealed swaps v.Sealed for sealed if it still is v.Sealed.
	ReplaceSealed(v SealedValue, sealed []byte) (bool, error)
	// Canary reads the value that proves the seal key; CodeNotFound at first.
	Canary() ([]byte, error)
	// CreateCanary stores it once; CodeConflict when there is one.
	CreateCanary(sealed []byte) error
}

// AuditTable keeps one row for every decision about a login or a device.
type AuditTable interface {
	AppendEvent(e Event) error
	// Events lists the newest first.
	Events(limit int) ([]Event, error)
	// Prune removes some of what r says may go, in every table that anonymous
	// traffic or an integrator can grow, and reports how many rows went: call it until
	// none do.
	// It never takes a device's counter, and by age none that is paused.
	Prune(r Retention) (int64, error)
}

// RestoreTable ends what a restored backup would bring back.
type RestoreTable interface {
	// Retire ends, in the rows numbered from "from" on, all that could have been
	// used up or revoked by now, one batch at a time: open sessions end, the
	// counter of a TOTP device moves past now, an active HOTP device and active
	// backup codes are blocked, challenges and invitations go, pictures count as read,
	// requests for client devices expire and their tokens are void, as are those with which an
	// app brings its key.
	Retire(from int64, now time.Time) (Retired, error)
}

// ChallengeTable keeps codes on their way. A user has one at most for each
// purpose.
type ChallengeTable interface {
	// PutChallenge stores c in place of any other of c's user and purpose.
	PutChallenge(c Challenge) error
	// Challenge finds a user's challenge, redeemed and expired ones too.
	Challenge(userID string, purpose Purpose) (Challenge, error)
	ChallengeByID(id string) (Challenge, error)
	// ChallengesTo lists those of a device that have neither an answer, nor were redeemed, nor
	// expired at now, the oldest first.
	ChallengesTo(deviceID string, now time.Time) ([]Challenge, error)
	// AnswerChallenge is the one statement that notes what a device says: it reports true
	// once, never after the expiry, nor when the code was redeemed.
	AnswerChallenge(id string, a Answer, now time.Time) (bool, error)
	// TryChallenge counts one try if c is neither redeemed nor answered with no nor expired at now
	// and fewer than limit were counted, in one statement, and reports whether
	// it counted.
	TryChallenge(id string, limit int, now time.Time) (bool, error)
	// RefundChallenge takes back one counted try that turned out not to be wrong.
	RefundChallenge(id string) error
	// RedeemChallenge is the one statement that decides who used the code: it
	// reports true once, never after the expiry or a no, and only for an active device,
	// whose time of use it notes. Who gets false undoes the transaction.
	RedeemChallenge(id string, now time.Time) (bool, error)
	// RemoveChallenge removes one that could not be delivered. None is no error.
	RemoveChallenge(id string) error
}

// BackupTable keeps the digests of backup codes.
type BackupTable interface {
	// PutBackupCodes stores the digests in place of all that the device had.
	PutBackupCodes(deviceID string, digests [][]byte) error
	// BackupCodes counts the codes of a device: in all, and used ones.
	BackupCodes(deviceID string) (all, used int, err error)
	// ConsumeBackupCode is the one statement that decides who used a code: it
	// reports true once for each digest, and only for an active device.
	ConsumeBackupCode(deviceID string, digest []byte, at time.Time) (bool, error)
}

// IdentityTable links accounts at identity sources to users.
type IdentityTable interface {
	// LinkIdentity fails with CodeConflict when the account belongs to a user.
	LinkIdentity(i Identity) error
	UnlinkIdentity(i Identity) error
	UserByIdentity(tenant, source, subject string) (User, error)
	// Identities lists what is linked to a user.
	Identities(userID string) ([]Identity, error)
}

// InviteTable keeps invitations to enrol a device. A user has one at most.
type InviteTable interface {
	// PutInvite stores i in place of any other of i's user.
	PutInvite(i Invite) error
	// Invite finds a user's invitation, used and expired ones too.
	Invite(userID string) (Invite, error)
	// ConsumeInvite is the one statement that decides who used an invitation: it
	// reports true once, and never after the expiry.
	ConsumeInvite(userID string, digest []byte, now time.Time) (bool, error)
}

// AttributeTable keeps what dialects remember of users and devices.
type AttributeTable interface {
	// Attributes lists what a dialect knows of a user or a device.
	Attributes(of Subject, dialect string) (Attributes, error)
	// AttributesOf is Attributes for many users or devices, by their IDs.
	AttributesOf(kind SubjectKind, ids []string, dialect string) (map[string]Attributes, error)
	// SetAttributes writes those that are named and leaves the others.
	SetAttributes(of Subject, dialect string, a Attributes) error
	// ClaimAttribute writes one unless it is there, in one statement, and reports
	// whether it has this value now.
	ClaimAttribute(of Subject, dialect, name, value string) (bool, error)
}

// IntegratorTable keeps who may call a dialect.
type IntegratorTable interface {
	// CreateIntegrator fails with CodeConflict when the name is taken.
	CreateIntegrator(i Integrator) error
	IntegratorByName(name string) (Integrator, error)
	IntegratorByID(id string) (Integrator, error)
	// Integrators lists all, by name.
	Integrators() ([]Integrator, error)
	RemoveIntegrator(id string) error
}

// PictureTable keeps who may read a device's key as a picture. A device has one
// at most.
type PictureTable interface {
	// PutPicture stores p in place of one that nobody took, and reports whether it
	// did: what was taken stays.
	PutPicture(p Picture) (bool, error)
	// Picture finds one by the digest of its token, taken and expired ones too.
	Picture(digest []byte) (Picture, error)
	// TakePicture is the one statement that decides who is the first reader: it
	// reports true once, and never after the expiry.
	TakePicture(digest []byte, now time.Time) (bool, error)
}

// ImportTable keeps devices that are being imported. Until an import ends, no method
// of another table finds its devices, by whatever they are looked up, but their
// serials are taken.
type ImportTable interface {
	CreateImport(i Import) error
	// Import finds one that has not ended, also one that is being dropped.
	Import(id string) (Import, error)
	// TouchImport notes that the import goes on, and keeps it from ending until the
	// transaction does. CodeNotFound when it has ended or is being dropped.
	TouchImport(id string, now time.Time) error
	// StageDevices stores devices in stock for an import, all but those whose serial
	// is taken in the tenant, and gives the IDs of those it stored, in any order. It
	// does not ask whether the import goes on: touch it before, in the transaction.
	StageDevices(importID string, devices []Device) (stored []string, err error)
	// BySerials lists the devices of a tenant that have one of the serials, those
	// that are being imported too.
	BySerials(tenant string, serials []string) ([]SerialHolder, error)
	// CountStaged is how many devices an import has brought.
	CountStaged(importID string) (int64, error)
	// EndImport makes all its devices be there, in one statement, and reports whether
	// it was there to end. One that is being dropped is not.
	EndImport(id string) (bool, error)
	// DropStaged removes up to limit devices of an import that has not ended, and
	// reports how many they were: fewer than limit were the last, and the import is
	// gone. From the first call on it can't go on or end. None is no error.
	DropStaged(importID string, limit int) (int64, error)
	// Imports lists those that were not touched since before, the oldest first, and
	// those that are being dropped before them.
	Imports(before time.Time) ([]Import, error)
}
