//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import "github.com/doorward/doorward/authcore"

// Without a lock a second process could use the file unnoticed.
func lock(string) (func() error, error) {
	return nil, authcore.Errorf(authcore.CodeInvalid, "this operating system has no file lock that is supported: use PostgreSQL")
}
