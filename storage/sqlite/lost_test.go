package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/authcore"
)

func remove(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
}

// FI-04: a database that is gone is never replaced by an empty one, as long as
// anything beside it tells that it was there.
func TestLostDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	for _, start := range []string{"the very first", "after the key was removed"} {
		sealKey(t, path)
		if err := open(t, path).Close(); err != nil {
			t.Fatalf("%s: %v", start, err)
		}
		remove(t, path, path+"-wal", path+"-shm")
		sealKey(t, path)
		for range 2 { // a refusal changes nothing
			refused(t, path, authcore.CodeConflict, "gone", "backup", "remove "+path+".key")
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("a file was made")
		}
		remove(t, path+".key")
	}
	// The folder with nothing but the key, as after a restore of half a backup.
	sealKey(t, path)
	remove(t, path+".lock")
	refused(t, path, authcore.CodeConflict, "remove "+path+".key")
}

// The same where the seal key is configured, and none stands beside the database.
func TestLostDatabaseWithoutKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	remove(t, path)
	refused(t, path, authcore.CodeConflict, "gone", "remove "+path+".lock")
	remove(t, path+".lock")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	// An older program left an empty lock file: it is mended when it is met.
	if err := os.Truncate(path+".lock", 0); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	remove(t, path)
	refused(t, path, authcore.CodeConflict, "gone")
}

// A first start that was killed anywhere before the database was made goes on.
func TestInterruptedFirstStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	sealKey(t, path) // killed here, twice
	sealKey(t, path)
	open(t, path)
}
