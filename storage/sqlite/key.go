package sqlite

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
)

// SealKey reads the seal key of the database at dbPath from dbPath.key: one
// line, Base64 of 32 bytes, mode 0600 or less. It makes the key when neither it
// nor the database exist, so it must be called before the first [Open].
//
// CodeInvalid: the file can be read by others, or holds no key. CodeConflict:
// there is a database, but no key to it. The message says what to do, and
// holds nothing of the key.
func SealKey(dbPath string) ([]byte, error) {
	path, err := resolve(dbPath)
	if err != nil {
		return nil, problem(dbPath, err)
	}
	key, err := readKey(path + ".key")
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, err := os.Stat(path); err == nil {
		return nil, authcore.Errorf(authcore.CodeConflict,
			"the seal key file %s.key is missing, and without it the secrets in %s can't be opened: restore it from a backup", path, path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, problem(path, err)
	}
	if err := forget(path); err != nil { // before the key, which would show that there was a database
		return nil, problem(path, err)
	}
	if err := makeKey(path + ".key"); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, authcore.Wrap(authcore.CodeInvalid, err, "the seal key file "+path+".key can't be made: "+err.Error())
	}
	return readKey(path + ".key") // also when somebody else made it first
}

func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, authcore.Wrap(authcore.CodeInvalid, err, "the seal key file "+path+" can't be read")
	}
	if info.Mode().Perm()&0o177 != 0 {
		return nil, authcore.Errorf(authcore.CodeInvalid,
			"the seal key file %s has mode %04o, so others may read it: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, authcore.Wrap(authcore.CodeInvalid, err, "the seal key file "+path+" can't be read")
	}
	key, err := seal.ParseKey(string(text))
	if err != nil {
		return nil, authcore.Errorf(authcore.CodeInvalid,
			"the seal key file %s must hold one line, Base64 of 32 bytes: restore it from a backup", path)
	}
	return key, nil
}

// makeKey makes the file appear whole or not at all, and never in place of
// another: a link fails where something stands already.
func makeKey(path string) error {
	if err := makeDir(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(seal.NewKey()) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
