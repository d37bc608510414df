// Package dialect is the port through which a vendor's wire language is
// served, and the helpers that every one of them needs.
package dialect

import (
	"crypto"
	"net/http"

	"github.com/doorward/doorward/authcore"
)

// Dialect speaks one wire language. A Caddy module in the namespace
// doorward.dialects implements it. It decodes, calls the core and encodes; it
// decides nothing.
type Dialect interface {
	// Route finds what answers a request by its method and its path as sent
	// and decoded once. ok is false for what is not the dialect's: the next
	// handler sees it, which is the gate.
	Route(method, path string) (route Route, ok bool)
	// WriteError answers in the dialect's form. err is an authcore.Error, or a
	// StatusError around one.
	WriteError(w http.ResponseWriter, err error)
}

// Route is one request of a dialect.
type Route struct {
	// Name is what the log shows instead of the path: "authentication/{code}".
	Name string
	// MaxBody is how many bytes a body may have. Default: 8 KiB.
	MaxBody int64
	// Serve answers, or returns what WriteError shall say. It never returns an
	// error after it has written.
	Serve func(w http.ResponseWriter, c *Call) error
	// Fail answers in place of the dialect's WriteError, for a dialect whose
	// form depends on the request. Nil: WriteError does.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
}

// Call is one request, read and checked as far as every dialect needs it.
type Call struct {
	*http.Request
	Body     []byte // whole; the request's own is spent
	Core     *authcore.Core
	Audience string // of the site
	Origin   authcore.Origin
	// PublicURL is the origin that links begin with, as https://app.example.com;
	// empty when none is configured. Host has no say.
	PublicURL string
	// Encrypted says whether the client speaks TLS, so that a cookie may be
	// Secure; false on loopback only.
	Encrypted bool
	// Device is the secret of the browser's registered device; empty: it shows none. A login
	// binds its session to that (authcore.Attempt).
	Device string
	// Principal is who the request proves by its token: raw or as Bearer in
	// Authorization, or in a cookie. Without one it is CodeUnauthenticated. A
	// cookie alone proves nobody to a request that changes something and comes
	// from a page of another origin: that is CodeUnauthenticated as well. A request
	// that only reads (GET, HEAD, OPTIONS) must therefore change nothing.
	Principal func() (*authcore.Principal, error)
}

// CookieNamer is a Dialect whose clients keep the token in cookies of these
// names. The gate takes a token from there too.
type CookieNamer interface {
	CookieNames() []string
}

// Integrated is a Dialect that integrators call, each with a key of its own.
type Integrated interface {
	// Operations are what an integrator may be allowed to ask for, in the words of
	// the dialect.
	Operations() []string
}

// KeyChecker is an Integrated whose integrators may sign each call, in place of showing a
// key.
type KeyChecker interface {
	Integrated
	// CheckPublicKey refuses a key that calls can't be signed with here, and says which can.
	CheckPublicKey(key crypto.PublicKey) error
}

// SecretSharer is an Integrated whose integrators sign each call with a secret that we know
// too: it is sealed in the store, and not kept as a digest.
type SecretSharer interface {
	Integrated
	SharesSecrets()
}

// StatusError is a failure of the transport, which has an HTTP status in every
// dialect: a body too large, the wrong method.
type StatusError struct {
	Status int
	Allow  string // with 405
	Err    *authcore.Error
}

func (e *StatusError) Error() string { return e.Err.Error() }

// Unwrap gives the authcore.Error.
func (e *StatusError) Unwrap() error { return e.Err }

// Refuse makes a StatusError with a message that says what to do.
func Refuse(status int, message string) *StatusError {
	return &StatusError{Status: status, Err: authcore.Errorf(authcore.CodeInvalid, "%s", message)}
}
