package authcore

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// hashParams are those of the OWASP password storage cheat sheet: 19 MiB, two
// passes. One hash takes about 20 ms of one core and 19 MiB.
var hashParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Hasher hashes passwords, at most one per core at a time. Callers beyond a
// short queue are refused at once: a flood of logins must not be a flood of
// memory.
type Hasher struct {
	slots   chan struct{}
	waiting chan struct{}
	dummy   func() string
}

// NewHasher makes a Hasher with as many slots as cores, and room for 32
// callers to wait for one.
func NewHasher() *Hasher {
	return &Hasher{
		slots:   make(chan struct{}, runtime.GOMAXPROCS(0)),
		waiting: make(chan struct{}, runtime.GOMAXPROCS(0)+32),
		dummy: sync.OnceValue(func() string {
			hash, err := argon2id.CreateHash("nobody has this password", hashParams)
			if err != nil {
				panic(err) // crypto/rand does not fail
			}
			return hash
		}),
	}
}

// acquire waits for a slot. The caller must call the returned function.
func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	select {
	case h.waiting <- struct{}{}:
	default:
		return nil, busy()
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.waiting }, nil
	case <-ctx.Done():
		<-h.waiting
		return nil, Unavailable(context.Cause(ctx))
	}
}

func busy() *Error {
	return &Error{Code: CodeUnavailable, Message: "too many logins at once, please try again", RetryAfter: 2 * time.Second}
}

// hash makes a PHC string. The caller holds a slot.
func (h *Hasher) hash(password string) (string, error) {
	hash, err := argon2id.CreateHash(normal(password), hashParams)
	if err != nil {
		return "", Wrap(CodeInternal, err, "hashing failed")
	}
	return hash, nil
}

// verify compares in constant time and says whether the hash should be made
// anew. An empty stored hash costs as much as any and never matches. The caller
// holds a slot.
func (h *Hasher) verify(password, stored string) (match, outdated bool) {
	known := stored != ""
	if !known {
		stored = h.dummy()
	}
	if len(password) > maxPassword {
		password, known = "", false
	}
	match, params, err := argon2id.CheckHash(normal(password), stored)
	if err != nil || !match || !known {
		return false, false
	}
	outdated = params.Memory < hashParams.Memory || params.Iterations < hashParams.Iterations
	return true, outdated
}

// normal is NFC: a password typed on another keyboard is the same password
// (NIST SP 800-63B section 3.1.1.2).
func normal(password string) string {
	return norm.NFC.String(strings.ToValidUTF8(password, "\uFFFD"))
}
