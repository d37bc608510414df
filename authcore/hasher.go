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

// Hasher hashes passwords on half of the cores, so that requests of known
// sessions always find one. Callers beyond a short queue are refused at once, and
// so is an address that has taken its share of it: a flood of logins must be no
// flood of memory, and one caller's flood must not shut the others out.
type Hasher struct {
	slots   chan struct{}
	mu      sync.Mutex
	waiting int
	callers map[string]int
}

// The bounds of the queue, those who are being served included.
const (
	maxWaiting       = 32
	maxWaitingCaller = 8
)

// NewHasher makes a Hasher with half as many slots as cores.
func NewHasher() *Hasher {
	return &Hasher{
		slots:   make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		callers: map[string]int{},
	}
}

// dummy is what the password of an unknown name is compared with.
var dummy = sync.OnceValue(makeDummy)

func makeDummy() string {
	hash, err := argon2id.CreateHash("nobody has this password", hashParams)
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return hash
}

// acquire waits for a slot. caller is who has a share of the queue; an operator
// has none. The caller must call the returned function.
func (h *Hasher) acquire(ctx context.Context, caller string) (release func(), err error) {
	if !h.queue(caller) {
		return nil, busy()
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.leave(caller) }, nil
	case <-ctx.Done():
		h.leave(caller)
		return nil, Unavailable(context.Cause(ctx))
	}
}

func (h *Hasher) queue(caller string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting >= maxWaiting || caller != operatorCaller && h.callers[caller] >= maxWaitingCaller {
		return false
	}
	h.waiting++
	h.callers[caller]++
	return true
}

func (h *Hasher) leave(caller string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting--
	if h.callers[caller]--; h.callers[caller] == 0 {
		delete(h.callers, caller)
	}
}

// operatorCaller is the one caller whose share is the whole queue.
const operatorCaller = "operator"

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
		stored = dummy()
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
