// Package pskc reads Portable Symmetric Key Containers (RFC 6030): the files in which
// the makers of hardware tokens deliver their keys.
//
// HOTP and TOTP keys come out, from plain values, from values under a pre-shared key
// (section 6.1) and from values under a password (section 6.2): AES-CBC, whose MAC is
// checked before anything is decrypted. What the server could not honour refuses the
// key: another algorithm, a certificate (section 6.3), key derivation (section 4.4), a
// policy that is not understood or that asks for what is not done here (section 5).
//
// A Signature (section 7) is not checked: there is no list of makers whose signature
// would count, and who alters a file can take its signature away. Reader.Signed says
// that there was one, so that the operator may be told.
//
// The XML is UTF-8 without a document type, with nothing to expand and nothing to
// fetch, and no part of it is longer than 64 KiB.
package pskc

import (
	"errors"
	"io"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// Key is one KeyPackage, decrypted and checked: oath.Key takes what it says.
type Key struct {
	Line         int    // of the file, where the KeyPackage begins
	Serial       string // DeviceInfo/SerialNo; else the Id of the Key. Not empty, at most 255 bytes
	Manufacturer string
	FriendlyName string
	Kind         string // "hotp" or "totp"
	Secret       []byte // 16 to 128 bytes
	Algorithm    oath.Algorithm
	Digits       int
	Period       int // TOTP: seconds, default 30
	// Counter is HOTP's moving factor for the next code (section 4.1, RFC 4226 section
	// 5.1): a new token has 0, which is what it is without the element too (figure 7).
	Counter int64
	// Drift is TOTP's TimeDrift (section 4.1): by how many steps the clock of the device
	// is ahead; negative: behind. Time, which says how many steps had passed when the
	// file was written, is of no use.
	Drift int
	// Expires is the ExpiryDate of the policy, which lies ahead; zero: none. The key must
	// not be used after it (section 5): whoever takes the key sees to that.
	Expires time.Time
}

// Unlock is what opens an encrypted container; one of the two, or none.
type Unlock struct {
	PreShared []byte // 16, 24 or 32 bytes, as the cipher asks (section 6.1)
	Password  string // of PBKDF2 (section 6.2)
}

// What of Unlock is missing: errors.Is finds these in the error of a container that it
// opens.
var (
	ErrNoKey      = errors.New("give that key")
	ErrNoPassword = errors.New("give it")
)

// KeyError is a key that can't be had; the next one may be.
type KeyError struct {
	Line   int
	Serial string // if it is known
	Reason string // says nothing of the secret
}

func (e *KeyError) Error() string { return e.Reason }

// Reader reads a container key by key: however many there are, it holds one.
type Reader struct {
	source *source
	unlock Unlock
	now    func() time.Time

	begun    bool     // the container is open
	protects *element // EncryptionKey
	mac      *element // MACMethod
	lock     *lock    // made of the three above at the first KeyPackage
	signed   bool
	err      error // that ended it
}

// NewReader reads a container from r.
func NewReader(r io.Reader, unlock Unlock) *Reader {
	return &Reader{source: newSource(r), unlock: unlock, now: time.Now}
}

// Next gives the next key. A *KeyError says that this one is refused, and Next may
// be called again; io.EOF is the end, and any other error says why the rest of the
// file can't be read, with its line. A file is known to be whole at io.EOF and not
// before: until then, what came out of it must not be used.
func (r *Reader) Next() (Key, error) {
	if r.err != nil {
		return Key{}, r.err
	}
	k, err := r.next()
	var refused *KeyError
	if err != nil && !errors.As(err, &refused) {
		r.err = err
	}
	return k, err
}

// Signed says, after io.EOF, whether the container has a signature. Nobody checked it.
func (r *Reader) Signed() bool { return r.signed }
