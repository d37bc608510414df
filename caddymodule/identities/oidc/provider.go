package oidc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/doorward/doorward/authcore"
)

// provider is what its metadata and keys say (OpenID Connect Discovery section 3).
type provider struct {
	Issuer            string   `json:"issuer"`
	KeysURL           string   `json:"jwks_uri"`
	TokenURL          string   `json:"token_endpoint"`
	TokenAuth         []string `json:"token_endpoint_auth_methods_supported"`
	IntrospectionURL  string   `json:"introspection_endpoint"`
	IntrospectionAuth []string `json:"introspection_endpoint_auth_methods_supported"`

	keys kept[[]jose.JSONWebKey]
	at   time.Time
}

// remembered is how long metadata and keys count: a key that the provider takes
// back verifies nothing after that.
const remembered = time.Hour

// provider gives the metadata, from memory when they are young enough.
func (o *OIDC) provider(ctx context.Context) (*provider, error) {
	p, err := o.found.get(ctx, false)
	if err == nil && o.now().Sub(p.at) > remembered {
		p, err = o.found.get(ctx, true)
	}
	return p, err
}

// discover asks for the metadata. Every address in it must be as safe as that
// of the issuer: our secret goes there, and keys come from there.
func (o *OIDC) discover(ctx context.Context) (*provider, error) {
	p := &provider{at: o.now()}
	if err := o.getJSON(ctx, strings.TrimSuffix(o.Issuer, "/")+"/.well-known/openid-configuration", p); err != nil {
		return nil, err
	}
	if p.Issuer != o.Issuer {
		return nil, away("the metadata of %s name another issuer: write it into the configuration as they do", o.Issuer)
	}
	local := strings.HasPrefix(o.Issuer, "http:")
	for _, address := range []string{p.KeysURL, p.TokenURL, p.IntrospectionURL} {
		if address != "" && !endpoint(address, local) {
			return nil, away("the metadata of %s have an address that is not https", o.Issuer)
		}
	}
	if p.KeysURL == "" {
		return nil, away("the metadata of %s name no keys", o.Issuer)
	}
	p.keys = kept[[]jose.JSONWebKey]{now: o.clock, ask: func(ctx context.Context) ([]jose.JSONWebKey, error) {
		return o.askKeys(ctx, p.KeysURL)
	}}
	return p, nil
}

// endpoint is plain, and may have a query (RFC 6749 section 3.2).
func endpoint(address string, local bool) bool {
	address, _, _ = strings.Cut(address, "?")
	return plain(address, local)
}

// askKeys leaves out what we can't read: a provider may have keys of kinds that
// came after us.
func (o *OIDC) askKeys(ctx context.Context, address string) (keys []jose.JSONWebKey, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := o.getJSON(ctx, address, &set); err != nil {
		return nil, err
	}
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(text, &key) == nil && (key.Use == "" || key.Use == "sig") {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (o *OIDC) getJSON(ctx context.Context, address string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return authcore.Unavailable(err)
	}
	status, body, err := o.do(req)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return away("%s answers %d", req.URL.Path, status)
	}
	if json.Unmarshal(body, out) != nil {
		return away("%s answers no JSON object of the right shape", req.URL.Path)
	}
	return nil
}

// away is an answer that is none. The text is for the log.
func away(format string, args ...any) error {
	return authcore.Unavailable(fmt.Errorf(format, args...))
}
