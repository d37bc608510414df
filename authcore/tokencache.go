package authcore

import (
	"crypto/sha256"
	"sync"
)

// tokenKey is the SHA-256 of a whole token, and of what it was good for: the
// audience, and the policy that it was verified under.
type tokenKey [sha256.Size]byte

// keyOf keeps a token of the usual size off the heap. No token that verifies
// holds a NUL, and no audience or policy can pass for another's end.
func keyOf(token, audience, policy string) tokenKey {
	var room [MaxToken + 512]byte
	text := append(room[:0], token...)
	text = append(append(text, 0), audience...)
	text = append(append(text, 0), policy...)
	return sha256.Sum256(text)
}

// tokenCache remembers verified tokens. When it is full it forgets some, any:
// with tokens in turn, forgetting the oldest would forget just the next one. It
// says nothing about how long a token is good.
type tokenCache struct {
	mu    sync.RWMutex
	known map[tokenKey]*Principal
	size  int
}

// cachedTokens bounds the cache to some 100 MiB.
const cachedTokens = 1 << 17

func newTokenCache(size int) *tokenCache {
	return &tokenCache{known: map[tokenKey]*Principal{}, size: size}
}

func (c *tokenCache) get(k tokenKey) *Principal {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.known[k]
}

func (c *tokenCache) put(k tokenKey, p *Principal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= c.size {
		some := max(1, c.size/64)
		for old := range c.known { // in no order
			delete(c.known, old)
			if some--; some == 0 {
				break
			}
		}
	}
	c.known[k] = p
}

// clear forgets everything.
func (c *tokenCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = map[tokenKey]*Principal{}
}

func (c *tokenCache) forget(k tokenKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, k)
}
