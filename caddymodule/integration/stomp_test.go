package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/go-stomp/stomp/v3"

	"github.com/doorward/doorward/caddymodule/channels/stomp/rabbitmqtest"
)

// oneBroker is for all tests that need one: it takes seconds to start. TestMain closes it.
func oneBroker(t *testing.T) *rabbitmqtest.Broker {
	t.Helper()
	if startedBroker == nil {
		broker, err := rabbitmqtest.New()
		if err != nil {
			t.Fatal(err)
		}
		startedBroker = broker
	}
	return startedBroker
}

var startedBroker *rabbitmqtest.Broker

func closeBroker() {
	if startedBroker != nil {
		startedBroker.Close()
	}
}

// throughBroker are the options of a gateway that asks through b, over TLS.
func throughBroker(t *testing.T, b *rabbitmqtest.Broker, reply string) string {
	t.Setenv("BROKER_PASSCODE", rabbitmqtest.Passcode)
	return strings.NewReplacer("ADDRESS", b.TLSAddress(), "DIR", b.Dir, "REPLY", reply).Replace(`factors stomp totp
	channel stomp stomp {
		server tls://ADDRESS
		login door {env.BROKER_PASSCODE}
		ca DIR/ca.pem
		reply REPLY
	}`)
}

// listening is a device at a broker.
type listening struct {
	*askedDevice
	questions *stomp.Subscription
}

func (d *listening) next() string {
	d.t.Helper()
	select {
	case m := <-d.questions.C:
		if m == nil || m.Err != nil {
			d.t.Fatalf("the subscription ended: %+v", m)
		}
		if err := m.Conn.Ack(m); err != nil {
			d.t.Fatal(err)
		}
		return string(m.Body)
	case <-time.After(30 * time.Second):
		d.t.Fatal("no question comes")
		return ""
	}
}

func (d *listening) connect(b *rabbitmqtest.Broker, destination string) *stomp.Conn {
	d.t.Helper()
	c := b.Dial(d.t)
	var err error
	if d.questions, err = c.Subscribe(destination, stomp.AckClientIndividual); err != nil {
		d.t.Fatal(err)
	}
	return c
}

func reply(t *testing.T, c *stomp.Conn, destination, text string) {
	t.Helper()
	if err := c.Send(destination, "application/jose", []byte(text), stomp.SendOpt.Receipt, stomp.SendOpt.Header("persistent", "true")); err != nil {
		t.Fatal(err)
	}
}

// A question goes to a device through a real broker, and a login ends by its code or by its
// answer; also when the broker was killed between the question and the answer.
func TestStompLogin(t *testing.T) {
	const destination, answers = "/queue/phone-of-bob", "/queue/answers-of-logins"
	b := oneBroker(t)
	bob := open(t, throughBroker(t, b, answers), "").another("bob")
	device := &listening{askedDevice: bob.addAsked("stomp", destination)}
	c := device.connect(b, destination)

	typing := bob.asks()
	q := device.verify(device.next())
	if q["user"] != "bob" || len(q["code"].(string)) != 6 || !strings.Contains(typing.body, q["number"].(string)) {
		t.Errorf("the question is %v", q)
	}
	typing.types(q["code"].(string))

	saying := bob.asks()
	reply(t, c, answers, device.says(device.verify(device.next()), "yes"))
	saying.enters()

	if err := c.Disconnect(); err != nil {
		t.Fatal(err)
	}
	saying = bob.asks() // while the device is not there
	b.Kill()
	if err := b.Run(); err != nil {
		t.Fatal(err)
	}
	c = device.connect(b, destination)
	reply(t, c, answers, device.says(device.verify(device.next()), "yes"))
	saying.enters()
}

// Reloads end the listener of before and start that of now, lose no answer and leave
// nothing behind.
func TestReloadsOfABroker(t *testing.T) {
	const destination, answers = "/queue/phone-of-carol", "/queue/answers-of-reloads"
	b := oneBroker(t)
	app := newBackend(t, nil)
	configs := [2]string{}
	for i, rest := range []string{"", "token_lifetime 1h\n"} {
		configs[i] = caddyfile(rest+throughBroker(t, b, answers), "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	}
	d := openBefore(t, app, configs[0])
	carol := d.another("carol")
	device := &listening{askedDevice: carol.addAsked("stomp", destination)}
	c := device.connect(b, destination)
	saying := carol.asks()
	yes := device.says(device.verify(device.next()), "yes")
	round := func(n int) {
		if err := d.Load(configs[n%2]); err != nil {
			t.Fatal(err)
		}
		d.client.CloseIdleConnections()
	}
	for n := range 4 { // what is made once is made now
		round(n)
	}
	before := held(t)
	for n := range 10 {
		round(n)
	}
	reply(t, c, answers, yes)
	round(1)
	saying.enters()
	d.client.CloseIdleConnections()
	pollUntil(t, 10*time.Second, "goroutines and files are those of before", func() bool { return held(t).within(before) })
}
