package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage"
	"github.com/doorward/doorward/storage/sqlite"
	"github.com/doorward/doorward/storage/storagetest"
)

func open(t *testing.T, path string) *storage.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// refused wants Open to fail with code and a message with every one of the words.
func refused(t *testing.T, path string, code authcore.Code, words ...string) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err == nil {
		_ = db.Close()
		t.Fatal("Open succeeded")
	}
	if authcore.CodeOf(err) != code {
		t.Errorf("got %v, want code %s", err, code)
	}
	for _, word := range append(words, path) {
		if !strings.Contains(authcore.MessageOf(err), word) {
			t.Errorf("the message %q lacks %q", authcore.MessageOf(err), word)
		}
	}
}

func create(s authcore.Store, id string) error {
	return s.Write(context.Background(), func(tx authcore.Tx) error {
		return tx.CreateUser(authcore.User{ID: id, Tenant: "default", Name: "name-" + id})
	})
}

func exists(t *testing.T, s authcore.Store, id string) bool {
	t.Helper()
	err := s.Read(t.Context(), func(tx authcore.Tx) error {
		_, err := tx.UserByLogin("default", "name-"+id)
		return err
	})
	if err != nil && authcore.CodeOf(err) != authcore.CodeNotFound {
		t.Fatal(err)
	}
	return err == nil
}

// raw opens the file without the lock, to look or to meddle.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestPragmas(t *testing.T) {
	var connectors []driver.Connector
	db, err := sqlite.Open(t.Context(), sqlite.Options{
		Path: filepath.Join(t.TempDir(), "a.db"),
		Wrap: func(c driver.Connector) driver.Connector { connectors = append(connectors, c); return c },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, want := range []map[string]string{
		{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "2000", "foreign_keys": "1", "query_only": "0"},
		{"journal_mode": "wal", "busy_timeout": "2000", "foreign_keys": "1", "query_only": "1"},
	} {
		pool := sql.OpenDB(connectors[i])
		for pragma, value := range want {
			var got string
			if err := pool.QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != value {
				t.Errorf("pool %d: %s is %q (%v), want %q", i, pragma, got, err, value)
			}
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPragmaIgnored: what was asked for and not done is noticed.
func TestPragmaIgnored(t *testing.T) {
	meddle := &hooked{pragma: `PRAGMA synchronous = OFF`}
	_, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "a.db"), Wrap: meddle.wrap})
	if authcore.CodeOf(err) != authcore.CodeConflict || !strings.Contains(authcore.MessageOf(err), "synchronous") {
		t.Errorf("got %v, want a conflict about synchronous", err)
	}
}

func TestPermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "deeper")
	path := filepath.Join(dir, "a b?c#d%20.db") // a file name is no URL
	db := open(t, path)
	modes := map[string]fs.FileMode{dir: 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, path + ".lock": 0o600}
	for name, want := range modes {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %o", name, info, err, want)
		}
	}
	if err := create(db, "1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		t.Error("Close left a write-ahead log")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	db = open(t, path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a wide mode was left: %v %v", info, err)
	}
	if !exists(t, db, "1") {
		t.Error("the second Open lost a user")
	}
}

func TestDamagedFile(t *testing.T) {
	garbage := bytes.Repeat([]byte("this is no database. "), 500)
	path := filepath.Join(t.TempDir(), "a.db")
	if err := os.WriteFile(path, garbage, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path, authcore.CodeConflict, "damaged", "backup")
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, garbage) {
		t.Errorf("the damaged file was touched: %v", err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	refused(t, path, authcore.CodeConflict, "empty", "backup")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestUnusablePath(t *testing.T) {
	dir := t.TempDir()
	refused(t, dir, authcore.CodeInvalid, "not a regular file")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, filepath.Join(file, "a.db"), authcore.CodeInvalid)
	refused(t, "", authcore.CodeInvalid, "no path")
}

func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, path, authcore.CodeConflict, "99", "newer program")
}

// TestOpenInterrupted lets every single call of the first Open fail: Open gets
// over it (goose asks again when it can't find its table) or reports it, and
// then the next Open goes on where that one stopped.
func TestOpenInterrupted(t *testing.T) {
	for n, reported := 1, 0; ; n++ {
		path := filepath.Join(t.TempDir(), "a.db")
		faults := &storagetest.Faults{}
		faults.FailNext(n, nil)
		db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path, Wrap: faults.Wrap})
		over := faults.Pending()
		faults.Reset()
		if err != nil {
			reported++
			if authcore.CodeOf(err) != authcore.CodeUnavailable {
				t.Errorf("call %d: got %v, want unavailable", n, err)
			}
			db = open(t, path)
		}
		if err := create(db, "1"); err != nil {
			t.Errorf("after a failure of call %d: %v", n, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if over {
			if reported < 20 {
				t.Errorf("only %d failures were reported", reported)
			}
			return
		}
	}
}

// What a process left that was killed while it made the file is in nobody's way:
// the file has its name only when it has its first page.
func TestBegunAndKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	for _, left := range []string{"", "-wal", "-journal"} {
		if err := os.WriteFile(path+".new"+left, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen := make(chan int64, 1)
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path, Wrap: func(c driver.Connector) driver.Connector {
		if info, err := os.Stat(path); err == nil { // before the store itself writes
			select {
			case seen <- info.Size():
			default:
			}
		}
		return c
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if size := <-seen; size == 0 {
		t.Error("the file is empty when it has its name")
	}
	if left, _ := filepath.Glob(path + ".new*"); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
