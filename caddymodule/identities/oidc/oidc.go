// Package oidc is the guest doorward.identities.oidc: an OpenID provider says
// who somebody is.
package oidc

import (
	"context"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(new(OIDC)) }

// OIDC takes an ID token or an access token of an OpenID provider whose
// audience is our client, or an authorization code. The account is the claim
// sub. The provider is asked when somebody logs in, and not before.
type OIDC struct {
	// The provider, as its metadata names it: https, without a query.
	Issuer string `json:"issuer,omitempty"`

	// Our client at the provider: the audience that a token must have.
	ClientID string `json:"client_id,omitempty"`

	// The secret of that client, best as a placeholder like {env.OIDC_SECRET}.
	// Without it there are no codes and no access tokens that are not JWTs.
	ClientSecret string `json:"client_secret,omitempty"`

	// The address that the client had the code sent to (RFC 6749 section
	// 4.1.3). Without it there are no codes.
	RedirectURL string `json:"redirect_url,omitempty"`

	now    func() time.Time
	client *http.Client
	slots  chan struct{}
	found  kept[*provider]
}

// CaddyModule returns the module's ID.
func (*OIDC) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.identities.oidc", New: func() caddy.Module { return new(OIDC) }}
}

// Provision reads the placeholders. It opens no connection.
func (o *OIDC) Provision(caddy.Context) error {
	if err := o.resolve(); err != nil {
		return err
	}
	if err := o.check(true); err != nil {
		return err
	}
	o.now, o.client, o.slots = time.Now, newClient(), make(chan struct{}, atOnce)
	o.found = kept[*provider]{ask: o.discover, now: o.clock}
	return nil
}

// Cleanup closes connections that nobody uses.
func (o *OIDC) Cleanup() error {
	if o.client != nil {
		o.client.CloseIdleConnections()
	}
	return nil
}

func (o *OIDC) clock() time.Time { return o.now() }

// maxProof is how many bytes a token or a code may have: with a few hundred
// groups in it, a token is that large.
const maxProof = 16 << 10

// Verify gives the sub of whom proof shows, within askTime. CodeUnavailable: the
// provider does not answer, or not as it should; any other error is
// CodeUnauthenticated. No error repeats the proof, the secret or an answer.
func (o *OIDC) Verify(ctx context.Context, proof authcore.Proof) (subject string, err error) {
	if (proof.Token == "") == (proof.Code == "") || len(proof.Token)+len(proof.Code) > maxProof {
		return "", refused("neither one token nor one code, or too long")
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	head, jwt := readHeader(proof.Token)
	if !jwt && o.ClientSecret == "" {
		return "", refused("a code, or a token that is no JWT, needs a client_secret")
	}
	p, err := o.provider(ctx)
	switch {
	case err != nil:
		return "", err
	case jwt:
		return o.verifyJWT(ctx, p, proof.Token, head)
	case proof.Code != "":
		return o.exchange(ctx, p, proof.Code)
	default:
		return o.introspect(ctx, p, proof.Token)
	}
}

func refused(why string) error { return authcore.Errorf(authcore.CodeUnauthenticated, "%s", why) }

var (
	_ caddy.Provisioner       = (*OIDC)(nil)
	_ caddy.CleanerUpper      = (*OIDC)(nil)
	_ authcore.IdentitySource = (*OIDC)(nil)
)
