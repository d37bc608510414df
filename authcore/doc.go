// Package authcore decides: who a person is, which device counts, what a token
// opens. It knows no HTTP, no SQL and no Caddy; doors (caddymodule/) ask it and
// storage/ remembers for it.
//
// # Words
//
// User: an account. Device: an authenticator that a person registered. Session:
// one login. Token: the JWT that names a session. Principal: who a request is
// proven to be. Actor: who asks the core for something. The contracts of what
// plugs in below and beside are in ports.go, in prose.
//
// # Laws
//
// Deny is the zero value. A one-time thing is consumed by one statement that
// says who won. A try is counted, and the count committed, before anything is
// compared. A code is looked at only after the primary secret was right. Only
// integers revoke (epochs), never clocks.
package authcore
