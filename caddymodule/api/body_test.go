package api

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap/zapcore"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// served is a server whose bodies must come within 50 ms; nothing may be served.
func served(t *testing.T) string {
	t.Helper()
	bodyTime = 50 * time.Millisecond
	t.Cleanup(func() { bodyTime = 10 * time.Second })
	a := newAPI(zapcore.NewNopCore(), func(http.ResponseWriter, *dialect.Call) error { t.Error("served"); return nil })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{})
		if err := a.ServeHTTP(w, r.WithContext(ctx), nil); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func dial(t *testing.T, address, head string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "POST /fake/1 HTTP/1.1\r\nHost: gate\r\n"+head); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

func status(t *testing.T, conn net.Conn) int {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(8 * time.Second)); err != nil { // under the real bound
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}

// REL-05: a body that does not come in time is cut, and so is one that trickles:
// what arrives does not move the bound.
func TestSlowBody(t *testing.T) {
	address := served(t)
	t.Run("nothing", func(t *testing.T) {
		if got := status(t, dial(t, address, "Content-Length: 2\r\n\r\n{")); got != http.StatusRequestTimeout {
			t.Errorf("%d", got)
		}
	})
	t.Run("trickle", func(t *testing.T) {
		conn := dial(t, address, "Content-Length: 8000\r\n\r\n{")
		done := make(chan struct{})
		go func() {
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-done:
					return
				case <-tick.C:
					_, _ = conn.Write([]byte(" ")) // fails when it is cut
				}
			}
		}()
		defer close(done)
		if got := status(t, conn); got != http.StatusRequestTimeout {
			t.Errorf("%d", got)
		}
	})
	t.Run("refused, and the rest does not come", func(t *testing.T) {
		for _, length := range []string{"8193", "4611686018427387904"} {
			if got := status(t, dial(t, address, "Content-Length: "+length+"\r\n\r\n{")); got != http.StatusRequestEntityTooLarge {
				t.Errorf("%s gives %d", length, got)
			}
		}
	})
	t.Run("cut off", func(t *testing.T) {
		for _, head := range []string{"Content-Length: 4\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"} {
			conn := dial(t, address, head)
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if got := status(t, conn); got != http.StatusBadRequest {
				t.Errorf("%q gives %d", head, got)
			}
		}
	})
}

// REL-05: the bound of a route holds to the byte, whatever the length says.
func TestLargeBody(t *testing.T) {
	for _, c := range []struct {
		limit int64
		size  int
		fits  bool
	}{{0, 8192, true}, {0, 8193, false}, {64 << 10, 64 << 10, true}, {64 << 10, 64<<10 + 1, false}} {
		for _, length := range []int64{-1, int64(c.size)} { // -1 is chunked
			r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", c.size)))
			r.ContentLength = length
			body, err := readBody(httptest.NewRecorder(), r, c.limit)
			var refused *dialect.StatusError
			if c.fits != (err == nil) || c.fits && len(body) != c.size || !c.fits && (!errors.As(err, &refused) || refused.Status != 413) {
				t.Errorf("%+v, length %d: %d bytes, %v", c, length, len(body), err)
			}
		}
	}
}
