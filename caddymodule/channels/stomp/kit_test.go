package stomp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/go-stomp/stomp/v3"

	"github.com/doorward/doorward/authcore"
	guest "github.com/doorward/doorward/caddymodule/channels/stomp"
	"github.com/doorward/doorward/caddymodule/channels/stomp/rabbitmqtest"
)

var (
	started *rabbitmqtest.Broker
	start   = sync.OnceValues(rabbitmqtest.New)
)

// broker is one for all tests that need one: it takes seconds to start. TestMain closes it.
func broker() *rabbitmqtest.Broker {
	b, err := start()
	if err != nil {
		panic(err)
	}
	started = b
	return b
}

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		started.Close()
	}
	os.Exit(code)
}

const deadline = 30 * time.Second

var made atomic.Int64

// fresh is a destination that no other test has.
func fresh(what string) string {
	return fmt.Sprintf("/queue/%s%d", what, made.Add(1))
}

// local is how the gateway reaches the broker without TLS.
func local() string {
	return "server tcp://" + broker().Address() + "\nlogin door {env.BROKER_PASSCODE}\n"
}

// channel is the guest as a Caddyfile sets it up. end is what a reload does to it.
func channel(t *testing.T, block string) (l authcore.Listener, end func()) {
	t.Helper()
	t.Setenv("BROKER_PASSCODE", rabbitmqtest.Passcode)
	var s guest.Stomp
	if err := s.UnmarshalCaddyfile(caddyfile.NewTestDispenser("stomp {\n" + block + "\n}")); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(&s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	module, err := ctx.LoadModuleByID("doorward.channels.stomp", raw)
	if err != nil {
		t.Fatal(err)
	}
	return module.(authcore.Listener), cancel
}

func ask(t *testing.T, l authcore.Asker, to, text string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), authcore.ChannelTime)
	defer cancel()
	answer, err := l.Ask(ctx, authcore.Question{ID: "q", To: to, Text: text, ExpiresAt: time.Now().Add(5 * time.Minute)})
	if answer != "" {
		t.Errorf("a broker answers at once: %q", answer)
	}
	return err
}

// eventually repeats try until it succeeds: what is asked again after a broker was away.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(deadline); ; <-tick.C {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// device is a subscription as a device has it.
func device(t *testing.T, c *stomp.Conn, destination string) *stomp.Subscription {
	t.Helper()
	s, err := c.Subscribe(destination, stomp.AckClientIndividual)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// next is what comes next, acknowledged.
func next(t *testing.T, s *stomp.Subscription) *stomp.Message {
	t.Helper()
	select {
	case m := <-s.C:
		if m == nil || m.Err != nil {
			t.Fatalf("the subscription ended: %+v", m)
		}
		if err := m.Conn.Ack(m); err != nil {
			t.Fatal(err)
		}
		return m
	case <-time.After(deadline):
		t.Fatal("nothing comes")
		return nil
	}
}

// answer has the broker keep text for the gateway.
func answer(t *testing.T, c *stomp.Conn, reply, text string) {
	t.Helper()
	err := c.Send(reply, "application/jose", []byte(text), stomp.SendOpt.Receipt, stomp.SendOpt.Header("persistent", "true"))
	if err != nil {
		t.Fatal(err)
	}
}

// listen collects what is taken. refuse says how often each is refused before.
func listen(t *testing.T, l authcore.Listener, refuse int) (taken chan string, tries *atomic.Int64, stop func()) {
	t.Helper()
	taken, tries = make(chan string, 100), new(atomic.Int64)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Listen(ctx, func(_ context.Context, text string) error {
			if tries.Add(1) <= int64(refuse) {
				return authcore.Unavailable(nil)
			}
			taken <- text
			return nil
		})
	}()
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(deadline):
			t.Error("Listen does not end with its context")
		}
	}
	t.Cleanup(stop)
	return taken, tries, stop
}

func wantTaken(t *testing.T, taken <-chan string, want string) {
	t.Helper()
	select {
	case got := <-taken:
		if got != want {
			t.Fatalf("%q is taken, want %q", got, want)
		}
	case <-time.After(deadline):
		t.Fatalf("%q is not taken", want)
	}
}

func wantError(t *testing.T, err error, code authcore.Code, words string) {
	t.Helper()
	if err == nil || authcore.CodeOf(err) != code || !strings.Contains(err.Error(), words) {
		t.Errorf("%v (%s), want %s: %s", err, authcore.CodeOf(err), code, words)
	}
	for _, secret := range []string{"sesame", "alice", "eyJ"} {
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%v holds %q", err, secret)
		}
	}
}
