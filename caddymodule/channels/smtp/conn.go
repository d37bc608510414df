package smtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// maxAnswers is how much a server may say while it takes one message, in bytes.
const maxAnswers = 1 << 20

// dial connects. What is sent without TLS goes to this machine only, whatever
// the name of the server leads to.
func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	if s.tls == "none" {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().Unmap().IsLoopback() {
				return errors.New("tls none is for this machine only")
			}
			return nil
		}
	}
	conn, err := d.DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", s.address(), err)
	}
	return &bounded{conn, maxAnswers}, nil
}

func (s *SMTP) address() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// bounded reads no more than left bytes: before TLS begins, anybody on the way
// may be talking.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("it says too much")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
