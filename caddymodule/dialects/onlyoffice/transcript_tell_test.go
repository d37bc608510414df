package onlyoffice_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// teller plays a story against a whole gateway.
type teller struct {
	*testing.T
	story
	values
	database
	kit      *caddytestkit.Caddy
	client   *http.Client
	sms      *smsGateway
	mail     *mailServer
	outgoing map[string]func() []message
}

const gateway = `{
	%s
	doorward {
		%s
		public_url https://portal.example.com
		%s
	}
}
http:// {
	bind "unix/{$KIT_DIR}/gate.sock"
	doorward {
		api onlyoffice {
			%s
		}
	}
	reverse_proxy %s
}`

func newTeller(t *testing.T, s story, store database) *teller {
	t.Helper()
	// The app behind the gateway says who it was told is there.
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "the app sees %q", r.Header.Get("Remote-User"))
	}))
	t.Cleanup(app.Close)
	p := &teller{T: t, story: s, values: values{}, database: store, sms: newSMSGateway(t), mail: newMailServer(t)}
	p.outgoing = map[string]func() []message{"sms": p.sms.received, "mail": p.mail.received}
	global := strings.Join(s.lines["doorward"], "\n")
	for _, channel := range s.lines["channel"] {
		global += "\n" + map[string]string{"phone": p.sms.caddyfile(), "email": p.mail.caddyfile()}[channel]
	}
	p.kit = caddytestkit.Start(t, fmt.Sprintf(gateway, caddytestkit.Globals, store.caddyfile, global,
		strings.Join(s.lines["api"], "\n"), app.Listener.Addr()))
	p.client = p.kit.Client("gate")
	p.waitReady()
	return p
}

func (p *teller) waitReady() {
	p.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-tick.C {
		if status, _, _ := p.send(exchange{method: http.MethodGet, path: "/.doorward/ready"}); status == "200" {
			return
		}
	}
	p.Fatal("the gateway does not become ready")
}

// tell plays the steps until one goes wrong: the next would build on it.
func (p *teller) tell() {
	p.Helper()
	for _, s := range p.steps {
		var err error
		switch s.verb {
		case "":
			err = p.exchange(s.exchange)
		case "do":
			err = p.operate(s.rest)
		case "set":
			err = p.set(s.rest)
		case "expire":
			err = p.expire()
		default:
			if s.rest == "off" {
				p.sms.Close()
				continue
			}
			if n := fmt.Sprint(len(p.outgoing[s.verb]())); n != s.rest {
				err = fmt.Errorf("%s messages of the kind %s were sent, want %s", n, s.verb, s.rest)
			}
		}
		if err != nil {
			p.Fatalf("%s: %s %s\n%v", s.at, s.method, s.path, err)
		}
	}
}
