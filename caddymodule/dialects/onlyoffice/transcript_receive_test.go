package onlyoffice_test

import (
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// message is what a person got: where, and the code he reads in it.
type message struct{ to, code, text string }

// inbox keeps messages in the order in which they came.
type inbox struct {
	mu  sync.Mutex
	all []message
}

// put keeps what has a code. What a person is told of besides comes when it comes,
// and no client waits for it.
func (b *inbox) put(to, text string) {
	code := codeInText.FindString(text)
	if code == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, message{to, code, text})
}

func (b *inbox) received() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.all)
}

var (
	codeInText   = regexp.MustCompile(`\b\d{6}\b`)
	numberInText = regexp.MustCompile(`\+\d{4,15}\b`)
)

// smsGateway is a real HTTP receiver on 127.0.0.1, as a provider of SMS offers.
type smsGateway struct {
	inbox
	*httptest.Server
}

func newSMSGateway(t testing.TB) *smsGateway {
	g := new(smsGateway)
	g.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := string(body)
		if strings.Contains(text, "%2B") { // a form
			text, _ = url.QueryUnescape(text)
		}
		g.put(numberInText.FindString(text), text)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *smsGateway) caddyfile() string { return "channel phone http " + g.URL + "/send" }

// mailServer is a real SMTP server on 127.0.0.1.
type mailServer struct {
	inbox
	address string
}

func newMailServer(t testing.TB) *mailServer {
	t.Helper()
	m := new(mailServer)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &letter{box: &m.inbox}, nil }))
	server.Domain = "localhost"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = listener.Addr().String()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return m
}

func (m *mailServer) caddyfile() string {
	return fmt.Sprintf("channel email smtp {\nserver %s\nfrom door@example.com\ntls none\n}", m.address)
}

// letter is one e-mail on its way in.
type letter struct {
	box *inbox
	to  string
}

func (l *letter) Mail(string, *smtp.MailOptions) error { return nil }
func (l *letter) Reset()                               {}
func (l *letter) Logout() error                        { return nil }

func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error {
	l.to = to
	return nil
}

func (l *letter) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	text := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		text = quotedprintable.NewReader(text)
	}
	body, err := io.ReadAll(text)
	l.box.put(l.to, string(body))
	return err
}
