package http

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// errTarget is a refusal of ours: the address that the name led to was not
// asked.
var errTarget = errors.New("its name leads to an address that is not public: name the network with 'allow' if that is meant")

// dialer looks at the address that is really dialled: what a name meant when
// it was checked, it need not mean when it is used.
func (h *HTTP) dialer() *net.Dialer {
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !h.mayReach(target.Addr().Unmap().WithZone("")) {
			return errTarget
		}
		return nil
	}}
}

// mayReach: what the operator wrote is meant; what a name leads to is not, unless
// it is public or in a network that he allowed.
func (h *HTTP) mayReach(target netip.Addr) bool {
	host := h.url.Hostname()
	if literal, err := netip.ParseAddr(host); err == nil {
		return literal.Unmap().WithZone("") == target
	}
	if host == "localhost" {
		return target.IsLoopback()
	}
	return isPublic(target) || slices.ContainsFunc(h.allow, func(n netip.Prefix) bool { return n.Contains(target) })
}

// special are the networks of the IANA special-purpose address registries that
// netip has no word for, and those whose addresses stand for IPv4 ones.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // RFC 6598: behind a carrier's NAT
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), // RFC 6052
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // RFC 3056
	netip.MustParsePrefix("fec0::/10"),
}

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(special, func(n netip.Prefix) bool { return n.Contains(a) })
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
