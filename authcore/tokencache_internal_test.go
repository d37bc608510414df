package authcore

import (
	"encoding/binary"
	"testing"
)

func cacheKey(n int) (k tokenKey) {
	binary.BigEndian.PutUint64(k[:], uint64(n))
	return k
}

// TOK-15: the cache is bounded, and most of what it knows stays when it is full.
func TestTokenCacheIsBounded(t *testing.T) {
	const size = 1000
	c := newTokenCache(size)
	for n := range 50 * size {
		c.put(cacheKey(n), &Principal{})
		if len(c.known) > size {
			t.Fatalf("%d tokens are kept, want at most %d", len(c.known), size)
		}
		if n > size && len(c.known) < size*9/10 {
			t.Fatalf("%d of %d tokens are left", len(c.known), size)
		}
		if c.get(cacheKey(n)) == nil {
			t.Fatal("the last one is forgotten")
		}
	}
	c.forget(cacheKey(50*size - 1))
	if c.get(cacheKey(50*size-1)) != nil {
		t.Error("a forgotten token is there")
	}
}

// TOK-15: what was proven for one audience and policy is unknown for others.
func TestTokenCacheTellsAudiencesApart(t *testing.T) {
	c := newTokenCache(10)
	c.put(keyOf("t", "a", "p"), &Principal{})
	for _, other := range [][3]string{{"t", "b", "p"}, {"t", "a", "q"}, {"t", "ap", ""}, {"u", "a", "p"}, {"ta", "", "p"}} {
		if c.get(keyOf(other[0], other[1], other[2])) != nil {
			t.Errorf("%q is known", other)
		}
	}
	if c.get(keyOf("t", "a", "p")) == nil {
		t.Error("what was put is unknown")
	}
}
