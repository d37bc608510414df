package integration

import (
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// tidings are what arrived at one of the receivers.
type tidings struct{ to, subject, text string }

// mailbox is a real SMTP server on 127.0.0.1.
type mailbox struct {
	address string
	letters chan tidings
	mu      sync.Mutex
	refuse  func() error // asked before a letter is taken
}

func newMailbox(t testing.TB) *mailbox {
	t.Helper()
	m := &mailbox{letters: make(chan tidings, 100), refuse: func() error { return nil }}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &delivery{box: m}, nil }))
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

func (m *mailbox) refuses(with func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = with
}

type delivery struct {
	box *mailbox
	to  []string
}

func (d *delivery) Mail(string, *gosmtp.MailOptions) error { return nil }
func (d *delivery) Reset()                                 {}
func (d *delivery) Logout() error                          { return nil }

func (d *delivery) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	d.to = append(d.to, to)
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	letter, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	d.box.mu.Lock()
	refuse := d.box.refuse
	d.box.mu.Unlock()
	if err := refuse(); err != nil {
		return err
	}
	body := letter.Body
	if letter.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
	d.box.letters <- tidings{strings.Join(d.to, " "), subject, strings.TrimSpace(string(text))}
	return err
}

func arrives(t *testing.T, box <-chan tidings, to, subject, text string) {
	t.Helper()
	select {
	case got := <-box:
		if got.to != to || got.subject != subject || !strings.Contains(got.text, text) || !strings.Contains(got.text, " UTC") {
			t.Errorf("%+v arrived, want %q to %s with %q", got, text, to, subject)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("nothing arrives, want %q to %s", text, to)
	}
}

// DEV-10: a change is told by e-mail or by text message, and a mail server that
// refuses, hangs or is gone undoes and delays none.
func TestChangesAreTold(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { tellChanges(t, `store sqlite "{$KIT_DIR}/doorward.db"`) })
	t.Run("postgres", func(t *testing.T) {
		dsn := postgrestest.Start(t).Database(t)
		tellChanges(t, "store postgres "+dsn+"\nseal_key "+strings.Repeat("A", 43)+"=")
	})
}

func tellChanges(t *testing.T, store string) {
	letters := newMailbox(t)
	gateway, texts := receiver(t)
	app := newBackend(t, nil)
	channels := fmt.Sprintf("channel email smtp {\nserver %s\nfrom door@example.com\ntls none\n}\nchannel phone http %s\n"+
		"public_url https://app.example.com", letters.address, gateway)
	config := caddyfile(channels, "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	c := caddytestkit.Start(t, strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, store, 1))
	d := &door{Caddy: c, app: app, client: c.Client("gate"), name: "alice", t: t}
	d.waitReady()

	var u admin.UserWithPassword
	d.call("user/add", admin.AddUser{Name: "alice", Email: "alice@example.com", Language: "pt"}, &u)
	d.password = u.Password
	const subject = "Aviso de segurança de app.example.com"
	device := d.addHOTP()
	arrives(t, letters.letters, "alice@example.com", subject, "app.example.com: dispositivo adicionado: gerador de códigos")
	if status, _ := d.login(device.code(0)); status != http.StatusCreated { // is not told
		t.Fatalf("the login gives %d", status)
	}

	d.call("user/add", admin.AddUser{Name: "bob", Phone: "+79001234567"}, new(struct{}))
	d.call("device/add", admin.AddDevice{User: "bob", Kind: "totp"}, new(struct{}))
	arrives(t, texts, "+79001234567", "", "app.example.com: device added: authenticator app")

	asked := make(chan struct{}, 1)
	release := make(chan struct{})
	for name, refuse := range map[string]func() error{
		"refuses": func() error { return &gosmtp.SMTPError{Code: 550, Message: "no alice@example.com here"} },
		"hangs":   func() error { <-release; return nil },
	} {
		letters.refuses(func() error { asked <- struct{}{}; return refuse() })
		begun := time.Now()
		d.call("device/block", admin.DeviceRef{Device: device.Serial}, new(struct{}))
		if took := time.Since(begun); took > 3*time.Second { // the channel's own time-out is 5 s
			t.Errorf("a mail server that %s holds the change up for %s", name, took)
		}
		if status, token := d.login(device.code(1)); status != http.StatusUnauthorized || token != "" {
			t.Errorf("a mail server that %s: the blocked device gives %d", name, status)
		}
		<-asked
		letters.refuses(func() error { return nil })
		d.call("device/unblock", admin.DeviceRef{Device: device.Serial}, new(struct{}))
		arrives(t, letters.letters, "alice@example.com", subject, "dispositivo desbloqueado: gerador de códigos")
	}
	close(release)
	select {
	case got := <-texts:
		t.Errorf("what a mail server did not take is a text message: %+v", got)
	default:
	}
}
