package authcore

import (
	"encoding/binary"
	"testing"
)

func cacheKey(n int) (k tokenKey) {
	binary.BigEndian.PutUint64(k.sum[:], uint64(n))
	return k
}

// TOK-15: the cache is bounded, and keeps what is asked for.
func TestTokenCacheIsBounded(t *testing.T) {
	const size = 100
	c := newTokenCache(size)
	used := &Principal{UserID: "used"}
	c.put(cacheKey(-1), used)
	for n := range 50 * size {
		c.put(cacheKey(n), &Principal{})
		if kept := len(c.young) + len(c.old); kept > 2*size {
			t.Fatalf("%d tokens are kept, want at most %d", kept, 2*size)
		}
		if n%(size/2) == 0 && c.get(cacheKey(-1)) != used {
			t.Fatalf("after %d others a token in use was forgotten", n)
		}
	}
	if c.get(cacheKey(0)) != nil {
		t.Error("a token that nobody asks for is kept")
	}
	c.forget(cacheKey(-1))
	if c.get(cacheKey(-1)) != nil {
		t.Error("a forgotten token is there")
	}
}

// TOK-15: what was proven for one audience and policy is unknown for others.
func TestTokenCacheTellsAudiencesApart(t *testing.T) {
	c := newTokenCache(10)
	k := tokenKey{audience: "a", policy: "p"}
	c.put(k, &Principal{})
	other := k
	other.sum[31] = 1
	for _, o := range []tokenKey{{audience: "b", policy: "p"}, {audience: "a", policy: "q"}, {audience: "ap"}, other} {
		if c.get(o) != nil {
			t.Errorf("%v is known", o)
		}
	}
	if c.get(k) == nil {
		t.Error("what was put is unknown")
	}
}
