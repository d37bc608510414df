package storagetest

import (
	"context"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Opts is how a test wants its Store.
type Opts struct {
	// Wrap, if set, must stand between every pool and the driver.
	Wrap func(driver.Connector) driver.Connector
	// CallTimeout and Waiters are those of storage.Options; 0: the defaults.
	CallTimeout time.Duration
	Waiters     int
	// Writers is how many transactions may write at once, where that can be
	// chosen; 0: the default.
	Writers int
}

// Open opens a new and empty Store and closes it when the test ends.
type Open func(t *testing.T, o Opts) authcore.Store

// Exercise checks every promise of authcore.Store and authcore.Tx. Every Store
// of ours passes it; a Store of a third party should.
func Exercise(t *testing.T, open func(t *testing.T, o Opts) authcore.Store) {
	for _, part := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"users", users},
		{"passwords", passwords},
		{"removing a user", removeUser},
		{"devices", devices},
		{"device states and counters", deviceStates},
		{"names of devices", deviceNames},
		{"records of devices", records},
		{"records of an import", stagedRecords},
		{"versions of devices", versions},
		{"where a user is told", notified},
		{"devices as names", deviceLogins},
		{"names that are there twice", sharedNames},
		{"removing pending devices", removePending},
		{"assignments", assignments},
		{"assignments and what is on its way", assignedWith},
		{"removing a device", removeDevice},
		{"attributes", attributes},
		{"integrators", integrators},
		{"pictures", pictures},
		{"finding users", findUsers},
		{"contacts", contacts},
		{"imports", imports},
		{"imports that go on", importsTouched},
		{"a large import", largeImport},
		{"dropping an import", dropImport},
		{"challenges", challenges},
		{"tries of a challenge", challengeTries},
		{"answers to a question", answers},
		{"keys of apps", appKeys},
		{"backup codes", backupCodes},
		{"identities", identities},
		{"invitations", invitations},
		{"sessions", sessions},
		{"tries in a row", triesInARow},
		{"tries and the clock", triesAndClock},
		{"tries taken back", triesTakenBack},
		{"tries lifted", triesLifted},
		{"tries in all", triesInAll},
		{"signing keys", signingKeys},
		{"epochs", epochs},
		{"epoch feed", epochFeed},
		{"epoch feed of another run", replaced},
		{"sealed values", sealedValues},
		{"seal canary", sealCanary},
		{"audit", audit},
		{"prune by age", pruneByAge},
		{"prune by size", pruneBySize},
		{"prune without bounds", pruneUnbounded},
		{"rollback", rollback},
		{"read does not write", readDoesNotWrite},
		{"a lost transaction", lostTransaction},
		{"bounded in time", boundedInTime},
		{"a driver that panics", driverPanics},
		{"bounded crowd", boundedCrowd},
		{"close", closing},
		{"parallel reserves", parallelReserves},
		{"parallel consumes", parallelConsumes},
		{"parallel redeems", parallelRedeems},
		{"parallel tries of a challenge", parallelChallengeTries},
		{"parallel challenges", parallelChallenges},
		{"parallel answers", parallelAnswers},
		{"parallel keys of an app", parallelKeys},
		{"parallel backup codes", parallelBackupCodes},
		{"parallel lists of backup codes", parallelBackupLists},
		{"parallel uses of an invitation", parallelInvitations},
		{"parallel assigns", parallelAssigns},
		{"parallel claims", parallelClaims},
		{"parallel marks", parallelMarks},
		{"parallel names", parallelLogins},
		{"parallel attributes", parallelAttributes},
		{"parallel readers of a picture", parallelReaders},
		{"parallel imports of the same", parallelStages},
		{"a batch beside the end", stageBesideEnd},
		{"a block waits for a backup code", blockWaits},
		{"removing a user beside his login", removalBesideLogin},
		{"a device that a user had", hadDevice},
		{"accounts", accounts},
		{"approvers", approvers},
		{"client devices", clients},
		{"client devices by their session", clientSessions},
		{"history of client devices", clientHistory},
		{"a client device is no factor", clientsOfNoFactor},
		{"prune client devices", pruneClients},
		{"sessions on client devices", boundSessions},
		{"requests", approvals},
		{"tries of a request", approvalTries},
		{"requests that wait", waiting},
		{"questions to a verifier", verifierAsked},
		{"refs", refs},
		{"replays", replays},
		{"parallel decisions", parallelDecisions},
		{"parallel tokens of a request", parallelRenewals},
		{"parallel tries of a request", parallelApprovalTries},
		{"parallel questions to a verifier", parallelVerifiers},
		{"parallel copies of a call", parallelShows},
		{"parallel refs", parallelRefs},
		{"parallel moves of an account", parallelMoves},
		{"retire", retire},
		{"retire requests", retireRequests},
		{"failpoints", failpoints},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, open) })
	}
}

// start is the time of the tests: whole milliseconds, as a Store keeps them.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, s authcore.Store, fn func(authcore.Tx) error) {
	t.Helper()
	if err := s.Write(context.Background(), fn); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

func read(t *testing.T, s authcore.Store, fn func(authcore.Tx) error) {
	t.Helper()
	if err := s.Read(context.Background(), fn); err != nil {
		t.Fatalf("Read: %v", err)
	}
}

// refused runs fn in a Write and wants it to fail with code.
func refused(t *testing.T, s authcore.Store, code authcore.Code, fn func(authcore.Tx) error) {
	t.Helper()
	wantCode(t, s.Write(context.Background(), fn), code)
}

func wantCode(t *testing.T, err error, code authcore.Code) {
	t.Helper()
	if err == nil || authcore.CodeOf(err) != code {
		t.Errorf("got error %v, want code %s", err, code)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	// Nothing and an empty list are the same to every caller. Numbers are the store's to give.
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(authcore.Event{}), cmpopts.IgnoreFields(authcore.Device{}, "Number")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// won runs a statement that says whether it won.
func won(t *testing.T, s authcore.Store, want bool, what string, fn func(authcore.Tx) (bool, error)) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		got, err := fn(tx)
		if err == nil && got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
		return err
	})
}

func sampleUser(id string) authcore.User {
	return authcore.User{
		ID: id, Tenant: authcore.DefaultTenant, Name: "name-" + id, Email: id + "@example.com", Phone: "+1555" + id,
		Groups: []string{"admins", "staff"}, Password: "$argon2id$" + id, CreatedAt: start,
	}
}

func sampleDevice(id, user string) authcore.Device {
	return authcore.Device{
		ID: id, Tenant: authcore.DefaultTenant, UserID: user, Serial: "SN-" + id, Kind: authcore.KindTOTP,
		Status: authcore.StatusActive, Sealed: []byte{1, 0, 2, 255}, Algorithm: oath.SHA256, Digits: 8, Period: 60,
		LookAhead: 1, LastCounter: -1, Drift: -1, Epoch: 3, Version: 1, CreatedAt: start, LastUsedAt: time.Time{}, ExpiresAt: start.AddDate(5, 0, 0),
	}
}

func sampleSession(id, user string) authcore.Session {
	return authcore.Session{
		ID: id, Tenant: authcore.DefaultTenant, UserID: user, DeviceID: "d1", Audience: "app", ClientID: "portal",
		Address: "192.0.2.1", Epoch: 2, AuthTime: start, OTPTime: start.Add(time.Second), ExpiresAt: start.Add(12 * time.Hour),
	}
}
