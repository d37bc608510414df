package authcore

import (
	"crypto/sha256"
	"sync"
)

// tokenKey is the SHA-256 of a whole token, and what it was good for: the
// audience, and the policy that it was verified under.
type tokenKey struct {
	sum              [sha256.Size]byte
	audience, policy string
}

// tokenCache remembers verified tokens, at most two generations of them: when
// the young one is full it becomes the old one, and what was not asked for
// meanwhile is forgotten. It says nothing about how long a token is good.
type tokenCache struct {
	mu         sync.RWMutex
	young, old map[tokenKey]*Principal
	size       int // of a generation
}

// generation bounds the cache to some 60 MiB.
const generation = 1 << 16

func newTokenCache(size int) *tokenCache {
	return &tokenCache{young: map[tokenKey]*Principal{}, size: size}
}

func (c *tokenCache) get(k tokenKey) *Principal {
	c.mu.RLock()
	p, inOld := c.young[k], c.old[k]
	c.mu.RUnlock()
	if p == nil && inOld != nil {
		c.put(k, inOld)
		return inOld
	}
	return p
}

func (c *tokenCache) put(k tokenKey, p *Principal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= c.size {
		c.young, c.old = map[tokenKey]*Principal{}, c.young
	}
	c.young[k] = p
}

// clear forgets everything.
func (c *tokenCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old = map[tokenKey]*Principal{}, nil
}

func (c *tokenCache) forget(k tokenKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, k)
	delete(c.old, k)
}
