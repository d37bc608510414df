package http

import (
	"context"
	"net"
	"net/netip"

	"github.com/doorward/doorward/caddymodule/reach"
)

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func (h *HTTP) mayReach(target netip.Addr) bool { return reach.May(h.url.Hostname(), target, h.allow) }
