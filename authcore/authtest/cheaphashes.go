package authtest

import (
	_ "unsafe" // for go:linkname

	"github.com/alexedwards/argon2id"
)

// hashParams is the core's own variable. Nothing that the core exports can make
// a hash weaker, so that no program does; tests reach past that.
//
//go:linkname hashParams github.com/doorward/doorward/authcore.hashParams
var hashParams *argon2id.Params

// Cheap are the parameters of hashes that cost next to nothing: the least that
// argon2id takes.
var Cheap = &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// CheapHashes makes passwords and backup codes hashed cheaply in this process, for
// tests of what stands around a hash. TestMain calls it before anything is hashed:
// under the race detector the real ones take half of the time of all tests. Who
// measures hashes does so with the real ones.
func CheapHashes() { hashParams = Cheap }
