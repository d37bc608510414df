// Package reach says which addresses a guest may dial when a name leads it there.
package reach

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// ErrRefused is a refusal of ours: the address that the name led to was not asked.
var ErrRefused = errors.New("its name leads to an address that is not public: name the network with 'allow' if that is meant")

// Dialer looks at the address that is really dialled: what a name meant when
// it was checked, it need not mean when it is used.
func Dialer(may func(netip.Addr) bool) *net.Dialer {
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !may(target.Addr().Unmap().WithZone("")) {
			return ErrRefused
		}
		return nil
	}}
}

// May says whether host may lead to target: what the operator wrote is meant; what a name
// leads to is not, unless it is public or in a network that he allowed.
func May(host string, target netip.Addr, allow []netip.Prefix) bool {
	if literal, err := netip.ParseAddr(host); err == nil {
		return literal.Unmap().WithZone("") == target
	}
	if host == "localhost" {
		return target.IsLoopback()
	}
	return isPublic(target) || slices.ContainsFunc(allow, func(n netip.Prefix) bool { return n.Contains(target) })
}

// Loopback says whether host, as it is written, is this machine.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// Networks reads the words of 'allow'.
func Networks(words []string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, word := range words {
		network, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("allow '%s' is not a network, like 10.1.0.0/16 or fd00::/8", word)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}
