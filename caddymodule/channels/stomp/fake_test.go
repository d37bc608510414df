package stomp_test

import (
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-stomp/stomp/v3/frame"

	"github.com/doorward/doorward/authcore"
)

// pretend is a broker that says hello, and then does as it is told with each frame; what it
// returns is sent.
func pretend(t *testing.T, do func(c net.Conn, f *frame.Frame) *frame.Frame) (block string, connections *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	connections = new(atomic.Int64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer func() { _ = c.Close() }()
				r, w := frame.NewReader(c), frame.NewWriter(c)
				for {
					f, err := r.Read()
					if err != nil {
						return
					}
					if f == nil { // a heart-beat
						continue
					}
					reply := frame.New(frame.CONNECTED, frame.Version, "1.2")
					if f.Command != frame.CONNECT {
						reply = do(c, f)
					}
					if reply != nil && w.Write(reply) != nil {
						return
					}
				}
			}()
		}
	}()
	return "server tcp://" + l.Addr().String() + "\ntimeout 300ms", connections
}

func receipt(f *frame.Frame) *frame.Frame {
	id, wanted := f.Header.Contains(frame.Receipt)
	if !wanted {
		return nil
	}
	return frame.New(frame.RECEIPT, frame.ReceiptId, id)
}

// A question without a receipt may have been sent, and the client is not told that it was
// not; nothing more is asked of a connection that has ended.
func TestNoReceipt(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(net.Conn, *frame.Frame) *frame.Frame
		words string
	}{
		"silence":     {func(net.Conn, *frame.Frame) *frame.Frame { return nil }, "no receipt came in time"},
		"another's":   {func(net.Conn, *frame.Frame) *frame.Frame { return frame.New(frame.RECEIPT, frame.ReceiptId, "99") }, "no receipt came in time"},
		"it hangs up": {func(c net.Conn, _ *frame.Frame) *frame.Frame { _ = c.Close(); return nil }, "broker 127.0.0.1:"},
		"it refuses":  {func(net.Conn, *frame.Frame) *frame.Frame { return frame.New(frame.ERROR, frame.Message, "alice") }, "its log says which"},
		"it talks wrong": {func(c net.Conn, _ *frame.Frame) *frame.Frame {
			_, _ = io.WriteString(c, "HELLO\nworld\n\n\x00")
			return nil
		}, "what is not STOMP"},
	} {
		t.Run(name, func(t *testing.T) {
			block, _ := pretend(t, c.do)
			l, _ := channel(t, block)
			wantError(t, ask(t, l, "/queue/alice", "eyJ"), authcore.CodeInternal, c.words)
		})
	}
}

// A late receipt is nobody's, and the connection goes on.
func TestLateReceipt(t *testing.T) {
	var held *frame.Frame
	block, connections := pretend(t, func(c net.Conn, f *frame.Frame) *frame.Frame {
		if held == nil {
			held = f
			return nil
		}
		if err := frame.NewWriter(c).Write(receipt(held)); err != nil {
			return nil
		}
		return receipt(f)
	})
	l, _ := channel(t, block)
	wantError(t, ask(t, l, "/queue/alice", "eyJ"), authcore.CodeInternal, "no receipt came in time")
	for range 3 {
		if err := ask(t, l, "/queue/alice", "eyJ"); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// One that never greets is left in time, and nothing was sent.
func TestSilentBroker(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	s, _ := channel(t, "server tcp://"+l.Addr().String()+"\ntimeout 300ms")
	begin := time.Now()
	wantError(t, ask(t, s, "/queue/alice", "eyJ"), authcore.CodeUnavailable, "it took too long")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// A broker that is away, or that refuses the subscription, is not asked without a pause.
func TestPauses(t *testing.T) {
	block, connections := pretend(t, func(net.Conn, *frame.Frame) *frame.Frame { return frame.New(frame.ERROR) })
	l, _ := channel(t, block)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	l.Listen(ctx, func(context.Context, string) error { return nil })
	// 250 and 500 ms, and 1 s: tries at 0, 0.25 and 0.75 s.
	if n := connections.Load(); n < 2 || n > 4 {
		t.Errorf("%d connections in 1.5 s, want 3", n)
	}
	wantError(t, ask(t, l, "/queue/alice", "eyJ"), authcore.CodeUnavailable, "not tried again yet")
}

// When a configuration ends, its connection does, and all that worked on it; nobody opens
// another.
func TestCleanup(t *testing.T) {
	block, connections := pretend(t, func(_ net.Conn, f *frame.Frame) *frame.Frame { return receipt(f) })
	round := func() {
		l, end := channel(t, block)
		_, _, stop := listen(t, l, 0)
		if err := ask(t, l, "/queue/alice", "eyJ"); err != nil {
			t.Fatal(err)
		}
		stop()
		end()
		was := connections.Load()
		wantError(t, ask(t, l, "/queue/alice", "eyJ"), authcore.CodeUnavailable, "has ended")
		if n := connections.Load(); n != was {
			t.Errorf("%d connections after the end", n-was)
		}
	}
	round()
	before := runtime.NumGoroutine()
	for range 20 {
		round()
	}
	eventually(t, "the goroutines end", func() error { return least(int64(before)+5, int64(runtime.NumGoroutine())) })
}

// A destination is a name and nothing that a broker could read as more, is below a prefix,
// and is not where the answers come.
func TestDestinations(t *testing.T) {
	block, connections := pretend(t, func(_ net.Conn, f *frame.Frame) *frame.Frame { return receipt(f) })
	l, _ := channel(t, block+"\ndestination /queue/bank/ /topic/\nreply /queue/doorward.answers")
	for _, good := range []string{"/queue/bank/alice", "/topic/a.b-c_1", "/queue/bank/a/b"} {
		if err := l.CheckAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for address, words := range map[string]string{
		"/queue/alice":                       "begins with none of those of channel stomp: /queue/bank/, /topic/",
		"/exchange/amq.fanout":               "begins with none",
		"/queue/bank":                        "begins with none",
		"/topic/doorward.answers":            "is where answers come",
		"/topic/Doorward.Answers":            "is where answers come",
		"/topic/doorward%2Eanswers":          "letters, digits and ._-",
		"/queue/bank/":                       "letters, digits",
		"/queue/bank/../x":                   "letters, digits",
		"/queue/bank//x":                     "letters, digits",
		"queue/bank/x":                       "letters, digits",
		"/topic/*":                           "letters, digits",
		"/topic/a.#":                         "letters, digits",
		"/topic/a.>":                         "letters, digits",
		"/topic/a,b":                         "letters, digits",
		"/topic/a::b":                        "letters, digits",
		"/topic/a?consumer.x=1":              "letters, digits",
		"/topic/a b":                         "letters, digits",
		"/topic/a\nreceipt:1":                "letters, digits",
		"/topic/a\x00SEND":                   "letters, digits",
		"/topic/я":                           "letters, digits",
		"":                                   "letters, digits",
		"/topic/" + strings.Repeat("x", 255): "at most 255 bytes",
	} {
		if err := l.CheckAddress(address); authcore.CodeOf(err) != authcore.CodeInvalid || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %s", address, err, words)
		}
		if err := ask(t, l, address, "eyJ"); authcore.CodeOf(err) != authcore.CodeUnavailable {
			t.Errorf("a question to %q gives %v", address, err)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
}
