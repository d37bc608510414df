package app

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/authcore"
)

// CoreFunc gives the services, or CodeUnavailable while the store is away.
type CoreFunc func(context.Context) (*authcore.Core, error)

// Of is how a handler reaches the app of its configuration.
func Of(ctx caddy.Context) (*App, error) {
	module, err := ctx.App("doorward")
	if err != nil {
		return nil, err
	}
	return module.(*App), nil
}

// Original is the method and the URL that the client sent, before any rewrite.
func Original(r *http.Request) (method string, u *url.URL) {
	if original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok && original.URL != nil {
		return original.Method, original.URL
	}
	return r.Method, r.URL
}

// Origin is where r came from, as Caddy sees it: no decision of ours reads a
// forwarded header (law 9).
func Origin(r *http.Request) authcore.Origin {
	address, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	id := ""
	if repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		id, _ = repl.GetString("http.request.uuid")
	}
	return authcore.Origin{Address: address, RequestID: id}
}

// TrustedProxy says whether the peer is one of Caddy's trusted_proxies.
func TrustedProxy(r *http.Request) bool {
	trusted, _ := caddyhttp.GetVar(r.Context(), caddyhttp.TrustedProxyVarKey).(bool)
	return trusted
}

// Encrypted says whether the client speaks TLS, to us or to a trusted proxy that
// says so.
func Encrypted(r *http.Request) bool {
	return r.TLS != nil || TrustedProxy(r) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// Secure says whether r came over TLS, through a trusted proxy that says so, or
// from this machine to this machine. Host has no say.
func Secure(r *http.Request) bool {
	if Encrypted(r) {
		return true
	}
	if TrustedProxy(r) {
		return false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return local != nil && (local.Network() == "unix" || loopback(local.String()) && loopback(r.RemoteAddr))
}

func loopback(address string) bool {
	a, err := netip.ParseAddrPort(address)
	return err == nil && a.Addr().Unmap().IsLoopback()
}
