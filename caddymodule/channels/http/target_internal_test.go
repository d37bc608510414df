package http

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/reach"
)

// Only what is public is reached through a name; a literal reaches itself.
func TestMayReach(t *testing.T) {
	for _, c := range []struct {
		url   string
		allow []string
		good  []string
		bad   []string
	}{
		{"https://sms.example.com", nil, []string{"93.184.216.34", "8.8.8.8", "2606:4700::1111"}, []string{
			"127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "fd00::1", "169.254.169.254", "fe80::1",
			"0.0.0.0", "::", "224.0.0.1", "ff02::1", "100.64.0.1", "198.18.0.1", "192.0.2.1", "240.0.0.1", "255.255.255.255",
			"::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001::1", "fec0::1", "::a00:1",
		}},
		{"https://sms.example.com", []string{"10.1.0.0/16", "fd00::/8"}, []string{"10.1.2.3", "fd12::1", "8.8.8.8", "::ffff:10.1.2.3"}, []string{"10.2.0.1", "127.0.0.1", "fe80::1"}},
		{"https://10.0.0.1", nil, []string{"10.0.0.1", "::ffff:10.0.0.1"}, []string{"10.0.0.2", "8.8.8.8"}},
		{"https://localhost", nil, []string{"127.0.0.1", "::1"}, []string{"10.0.0.1", "8.8.8.8"}},
		{"http://localhost", nil, []string{"127.0.0.1"}, []string{"8.8.8.8"}},
	} {
		h := &HTTP{URL: c.url, Allow: c.allow}
		if err := h.Provision(caddy.Context{}); err != nil {
			t.Fatal(err)
		}
		for want, addresses := range map[bool][]string{true: c.good, false: c.bad} {
			for _, a := range addresses {
				if got := h.mayReach(netip.MustParseAddr(a).Unmap()); got != want {
					t.Errorf("%s, allow %v: %s is reached: %v", c.url, c.allow, a, got)
				}
			}
		}
	}
}

// A connection that could not be made is tried once more; a refusal of ours is
// not.
func TestOneMoreDial(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	t.Cleanup(server.Close)
	for _, c := range []struct {
		name            string
		failures, dials int
		err             error
		requests        int64
	}{
		{"none fails", 0, 1, nil, 1},
		{"one fails", 1, 2, syscall.ECONNREFUSED, 1},
		{"two fail", 2, 2, syscall.ECONNREFUSED, 0},
		{"a target that is refused", 1, 1, reach.ErrRefused, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &HTTP{URL: server.URL}
			if err := h.Provision(caddy.Context{}); err != nil {
				t.Fatal(err)
			}
			requests.Store(0)
			dials, real := 0, h.dial
			h.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if dials++; dials <= c.failures {
					return nil, &net.OpError{Op: "dial", Err: c.err}
				}
				return real(ctx, network, address)
			}
			err := h.Send(t.Context(), authcore.Message{ID: "1", To: "+79001234567"})
			if dials != c.dials || requests.Load() != c.requests {
				t.Errorf("%d dials and %d requests, want %d and %d", dials, requests.Load(), c.dials, c.requests)
			}
			if c.requests == 0 && (authcore.CodeOf(err) != authcore.CodeUnavailable || !errors.Is(err, c.err)) || c.requests == 1 && err != nil {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
