// Package pskc reads Portable Symmetric Key Containers (RFC 6030): the files in which
// the makers of hardware tokens deliver their keys.
package pskc

import (
	"errors"
	"io"

	"github.com/doorward/doorward/authcore/oath"
)

// Key is one KeyPackage, decrypted and checked.
type Key struct {
	Line         int    // of the file, where the KeyPackage begins
	Serial       string // DeviceInfo/SerialNo; else the Id of the Key
	Manufacturer string
	FriendlyName string
	Kind         string // "hotp" or "totp"
	Secret       []byte
	Algorithm    oath.Algorithm
	Digits       int
	Period       int   // TOTP: seconds
	Counter      int64 // HOTP: the next one
	Drift        int   // TOTP: steps that the clock of the device is ahead (TimeDrift)
}

// Unlock is what opens an encrypted container; one of the two, or none.
type Unlock struct {
	PreShared []byte // 16 bytes (section 6.1)
	Password  string // of PBKDF2 (section 6.2)
}

// KeyError is a key that can't be had; the next one may be.
type KeyError struct {
	Line   int
	Serial string // if it is known
	Reason string // says nothing of the secret
}

func (e *KeyError) Error() string { return e.Reason }

// Reader reads a container key by key: however many there are, it holds one.
type Reader struct{}

// NewReader reads a container from r.
func NewReader(r io.Reader, unlock Unlock) *Reader { return &Reader{} }

// Next gives the next key. A *KeyError says that this one is refused, and Next may
// be called again; io.EOF is the end, and any other error says why the rest of the
// file can't be read, with its line.
func (r *Reader) Next() (Key, error) { return Key{}, errors.New("not built yet") }
