package smtp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// scripted is a mail server that says nothing more, or hangs up, from a command
// on. The dot is the end of a message; the empty command is the connection.
type scripted struct {
	from   string
	hangUp bool
	flood  bool // says too much instead
}

func (s scripted) start(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.serve(conn)
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return listener.Addr().String()
}

func (s scripted) serve(conn net.Conn) {
	defer conn.Close()
	answers := map[string]string{
		"": "220 mail", "EHLO": "250 mail", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 taken", "QUIT": "221 bye",
	}
	lines := bufio.NewReader(conn)
	data := false
	for command := ""; ; {
		switch {
		case command == s.from && s.flood:
			for { // until nobody reads any more
				if _, err := io.WriteString(conn, "250-"+strings.Repeat("x", 1020)+"\r\n"); err != nil {
					return
				}
			}
		case command == s.from && s.hangUp:
			return
		case command == s.from:
			_, _ = io.Copy(io.Discard, conn) // until the other side ends it
			return
		default:
			_, _ = fmt.Fprintf(conn, "%s\r\n", answers[command])
		}
		data = command == "DATA"
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			command, _, _ = strings.Cut(strings.TrimSpace(line), " ")
			if !data || command == "." {
				break
			}
		}
	}
}

const patience = 300 * time.Millisecond

// Wherever a server stops answering, we don't wait longer than the time-out;
// after the final dot nobody knows whether the message was taken.
func TestFrozenServer(t *testing.T) {
	for _, from := range []string{"", "EHLO", "MAIL", "RCPT", "DATA", "."} {
		for _, hangUp := range []bool{false, true} {
			t.Run(fmt.Sprintf("%q %v", from, hangUp), func(t *testing.T) {
				want := authcore.CodeUnavailable
				if from == "." {
					want = authcore.CodeInternal
				}
				c := channel(t, on(scripted{from: from, hangUp: hangUp}.start(t))+"tls none\ntimeout 300ms")
				took, err := timed(t.Context(), c)
				checkError(t, err, want, "mail server 127.0.0.1:")
				if took > 10*patience {
					t.Errorf("it took %s", took)
				}
			})
		}
	}
}

// TLS that never stands is left in time too.
func TestFrozenHandshake(t *testing.T) {
	c := channel(t, on(scripted{from: ""}.start(t))+"tls implicit\ntimeout 300ms")
	took, err := timed(t.Context(), c)
	checkError(t, err, authcore.CodeUnavailable, "it took too long")
	if took > 10*patience {
		t.Errorf("it took %s", took)
	}
}

// A server that has taken the message and forgets to say goodbye took it.
func TestFrozenGoodbye(t *testing.T) {
	c := channel(t, on(scripted{from: "QUIT"}.start(t))+"tls none")
	took, err := timed(t.Context(), c)
	if err != nil || took > 4*time.Second {
		t.Errorf("%v after %s", err, took)
	}
}

// The caller's context ends a delivery before the time-out does.
func TestContextEndsDelivery(t *testing.T) {
	for _, block := range []string{"tls none", "tls implicit"} {
		c := channel(t, on(scripted{from: ""}.start(t))+block+"\ntimeout 10s")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		took, err := timed(ctx, c)
		cancel()
		checkError(t, err, authcore.CodeUnavailable, "it took too long")
		if took > 10*patience {
			t.Errorf("it took %s", took)
		}
	}
}

// What talks without end costs no memory.
func TestTalkativeServer(t *testing.T) {
	c := channel(t, on(scripted{from: "EHLO", flood: true}.start(t))+"tls none\ntimeout 10s")
	_, err := timed(t.Context(), c)
	checkError(t, err, authcore.CodeUnavailable, "it says too much")
}

func timed(ctx context.Context, c authcore.Channel) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*patience)
	defer cancel()
	begin := time.Now()
	err := c.Send(ctx, message())
	return time.Since(begin), err
}
