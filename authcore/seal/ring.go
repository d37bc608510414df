package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

const (
	version    = 1
	prefixSize = 1 + 8 // version and key ID
)

// Ring is the keys that seal and open. It is immutable and safe for concurrent
// use. The zero Ring opens nothing and must not seal; use NewRing.
type Ring struct {
	keys []*key
}

// key is one key as it is used. What it was made from is not kept.
type key struct {
	prefix [prefixSize]byte
	aead   cipher.AEAD
}

// NewRing makes a ring of keys of 32 bytes each. The first seals, all open. It
// refuses no keys, other sizes and a key that is given twice; the error says
// which, counted from 1, and never holds a key.
func NewRing(keys ...[]byte) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("no seal key")
	}
	ring := &Ring{}
	for i, raw := range keys {
		if len(raw) != keySize {
			return nil, fmt.Errorf("seal key %d has %d bytes: it must have %d", i+1, len(raw), keySize)
		}
		k, err := newKey(raw)
		if err != nil {
			return nil, fmt.Errorf("seal key %d: %w", i+1, err)
		}
		for j, earlier := range ring.keys {
			if earlier.prefix == k.prefix {
				return nil, fmt.Errorf("seal key %d is the same as seal key %d", i+1, j+1)
			}
		}
		ring.keys = append(ring.keys, k)
	}
	return ring, nil
}

// newKey derives the key ID and the encryption key from raw, each with its own
// info (RFC 5869 section 3.2): the ID is no secret, and tells nothing of the key.
func newKey(raw []byte) (*key, error) {
	id, err := hkdf.Key(sha256.New, raw, nil, "doorward seal v1 key id", prefixSize-1)
	if err != nil {
		return nil, err
	}
	secret, err := hkdf.Key(sha256.New, raw, nil, "doorward seal v1 aes-256-gcm", keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	k := &key{aead: aead}
	k.prefix[0] = version
	copy(k.prefix[1:], id)
	return k, nil
}

// Format prints how many keys there are, whatever the verb, so that no way of
// printing shows the inside of a cipher.
func (r Ring) Format(out fmt.State, _ rune) {
	fmt.Fprintf(out, "seal.Ring(%d keys)", len(r.keys))
}
