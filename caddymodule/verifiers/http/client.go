package http

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
)

// errTarget is a refusal of ours: what is not encrypted stays on this machine.
var errTarget = errors.New("its name leads to another machine: use https")

// newClient follows no redirect and asks no proxy: the operator wrote who is asked. It
// keeps no connection, which would outlive a reload.
func newClient(scheme string) *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if scheme != "https" && (err != nil || !target.Addr().Unmap().IsLoopback()) {
			return errTarget
		}
		return nil
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxAnswer,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
