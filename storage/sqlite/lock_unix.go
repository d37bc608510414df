//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"errors"
	"os"
	"syscall"

	"github.com/doorward/doorward/authcore"
)

// lock takes the file at path for this open database alone, and gives the
// function that lets go of it. The kernel lets go of it too when the process
// ends, however that happens; so the file itself stays. That it is there does
// not mean that it is locked.
func lock(path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f.Close, nil
	}
	closeErr := f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, authcore.Errorf(authcore.CodeConflict,
			"it is in use: a SQLite database serves one process; stop the other one, or give this one a file of its own")
	}
	return nil, errors.Join(err, closeErr)
}
