package integration

import (
	"io"
	"log"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// mailServer is a real one that keeps the text of what it gets, by who it is for.
type mailServer struct {
	address string
	mu      sync.Mutex
	texts   map[string][]string
}

func startMailServer(t testing.TB) *mailServer {
	t.Helper()
	m := &mailServer{texts: map[string][]string{}}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &letterTo{m: m}, nil }))
	server.Domain, server.ErrorLog, server.EnableSMTPUTF8 = "localhost", log.New(io.Discard, "", 0), true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = listener.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return m
}

// letterTo is a letter that comes in.
type letterTo struct {
	m  *mailServer
	to string
}

func (l *letterTo) Mail(string, *gosmtp.MailOptions) error { return nil }

func (l *letterTo) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	l.to = to
	return nil
}

func (l *letterTo) Data(r io.Reader) error {
	letter, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body := letter.Body
	if strings.EqualFold(letter.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.m.texts[l.to] = append(l.m.texts[l.to], string(text))
	return nil
}

func (l *letterTo) Reset()        {}
func (l *letterTo) Logout() error { return nil }

var mailedToken = regexp.MustCompile(`(?m)^([2-9a-z]{6}) lets a new device in`)

// tokens are those that were mailed to somebody, the oldest first.
func (m *mailServer) tokens(to string) (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, text := range m.texts[to] {
		if found := mailedToken.FindStringSubmatch(text); found != nil {
			list = append(list, found[1])
		}
	}
	return list
}

// token is the last one. It is there when the answer to the request is.
func (m *mailServer) token(t testing.TB, to string) string {
	t.Helper()
	list := m.tokens(to)
	if len(list) == 0 {
		t.Fatalf("no token was mailed to %s, but %q", to, m.texts)
	}
	return list[len(list)-1]
}

// count is how many letters went to somebody, whatever stands in them.
func (m *mailServer) count(to string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.texts[to])
}
