package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/doorward/doorward/authcore"
)

// resolve gives the one name of the file, so that two ways to write it, or a
// symbolic link, lead to the same lock.
func resolve(path string) (string, error) {
	if path == "" {
		return "", authcore.Errorf(authcore.CodeInvalid, "no path is given")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err == nil {
		return real, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	// The file is yet to be made; its directory may exist.
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if errors.Is(err, fs.ErrNotExist) {
		return abs, nil
	}
	return filepath.Join(dir, filepath.Base(abs)), err
}

func makeDir(path string) error { return os.MkdirAll(filepath.Dir(path), 0o700) }

// makeFile makes a database without tables, readable by its owner only, or looks
// at the file that is there. SQLite gives the files beside it the same mode.
func makeFile(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return newFile(ctx, path)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return authcore.Errorf(authcore.CodeInvalid, "this is not a regular file")
	case info.Size() == 0:
		// SQLite would take it for a new database, and nobody would notice the loss.
		return authcore.Errorf(authcore.CodeConflict, "the file is empty: restore it from a backup, or remove it to begin anew")
	case info.Mode().Perm()&0o077 != 0:
		return os.Chmod(path, 0o600)
	}
	return nil
}

// newFile gives a database its name when it has its first page: a process that
// is killed before leaves no empty file, which the next start would refuse. The
// caller holds the lock.
func newFile(ctx context.Context, path string) error {
	begun := path + ".new"
	for _, left := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(begun + left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(begun, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	db, err := pool(begun, func(c driver.Connector) driver.Connector { return c }, writing(), 1)
	if err != nil {
		return err
	}
	if err := errors.Join(db.PingContext(ctx), db.Close()); err != nil { // WAL mode stands in the first page
		return err
	}
	if err := os.Rename(begun, path); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil { // so that the name outlives a power cut
		_ = dir.Sync() // not every system can
		_ = dir.Close()
	}
	return nil
}

// refuseLost refuses to begin anew where a database has been: nobody would
// notice the loss. That there was one is what the lock file remembers, which is
// empty until the first Open has succeeded, and what a seal key shows. A start
// that was killed before that left an empty lock file, and may go on.
func refuseLost(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else may be wrong is found later
	}
	mark, noLock := os.Stat(path + ".lock")
	_, noKey := os.Stat(path + ".key")
	made := noLock == nil && mark.Size() > 0
	witness := path + ".lock"
	switch {
	case noKey == nil && (made || noLock != nil): // SealKey makes the lock file first
		witness = path + ".key"
	case !made:
		return nil
	}
	return authcore.Errorf(authcore.CodeConflict,
		"the file is gone, and there was one, as %s shows: restore it from a backup, or remove %s to begin anew", witness, witness)
}

// remember writes into the lock file that there is a database.
func remember(path string) error {
	f, err := os.OpenFile(path+".lock", os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Size() == 0 {
		_, err = f.WriteString("A database was made here. While it is open, this file is locked.\n")
		err = errors.Join(err, f.Sync())
	}
	return errors.Join(err, f.Close())
}

// forget makes the lock file say that there is no database yet.
func forget(path string) error {
	if err := makeDir(path); err != nil {
		return err
	}
	return os.WriteFile(path+".lock", nil, 0o600)
}
