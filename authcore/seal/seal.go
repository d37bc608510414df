// Package seal keeps secrets at rest: AES-256-GCM under a ring of keys, bound to
// the place where the value stands, so that it opens nowhere else.
//
// A sealed value is
//
//	version (1 byte) | key ID (8) | nonce (12) | ciphertext and tag (16 more than the plain value)
//
// and the place (table, column, row) is its additional data (RFC 5116
// section 2.1). Nonces are random, so one key may seal 2^32 values (NIST
// SP 800-38D section 8.3); replace it long before that.
package seal

import (
	"encoding/binary"
	"errors"
)

// What Open refuses with.
var (
	// ErrUnknownKey: it was sealed under a key that is not in the ring.
	ErrUnknownKey = errors.New("sealed under a key that is not configured")
	// ErrCorrupt: it was altered, cut off, moved from elsewhere or never sealed.
	ErrCorrupt = errors.New("sealed value is damaged or belongs elsewhere")
)

// Seal encrypts plain for one place under the first key. The result is 37 bytes
// longer, and another one every time.
func (r *Ring) Seal(table, column, row string, plain []byte) []byte {
	return r.keys[0].aead.Seal(r.Prefix(), nil, plain, place(table, column, row))
}

// Open decrypts what Seal made for the same place, under any key of the ring.
// Its error is ErrUnknownKey or ErrCorrupt, and then no bytes are returned.
func (r *Ring) Open(table, column, row string, sealed []byte) ([]byte, error) {
	if len(sealed) < prefixSize || sealed[0] != version {
		return nil, ErrCorrupt
	}
	for _, k := range r.keys {
		if prefix := [prefixSize]byte(sealed); prefix == k.prefix {
			plain, err := k.aead.Open(nil, nil, sealed[prefixSize:], place(table, column, row))
			if err != nil {
				return nil, ErrCorrupt
			}
			return plain, nil
		}
	}
	return nil, ErrUnknownKey
}

// Prefix is how everything begins that the first key sealed: what a store has
// without it still waits to be sealed again.
func (r *Ring) Prefix() []byte {
	prefix := r.keys[0].prefix
	return prefix[:]
}

// place writes each part after its length: with a mark between them, a|b and c
// would read as a and b|c.
func place(table, column, row string) []byte {
	var data []byte
	for _, part := range []string{table, column, row} {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}
