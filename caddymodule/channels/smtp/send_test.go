package smtp_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/doorward/doorward/authcore"
)

const sender = "from \"Doorward <door@example.com>\"\n"

func on(address string) string { return "server " + address + "\n" + sender }

// A letter arrives as RFC 5322 wants it, by each way there is.
func TestLetterArrives(t *testing.T) {
	config := &tls.Config{Certificates: []tls.Certificate{trusted}}
	t.Setenv("SMTP_PASSWORD", "open sesame")
	for _, c := range []struct {
		name, block string
		implicit    bool
		config      *tls.Config
	}{
		{"STARTTLS", "", false, config},
		{"STARTTLS and AUTH", "username door\npassword {env.SMTP_PASSWORD}", false, config},
		{"implicit TLS", "tls implicit", true, config},
		{"implicit TLS and AUTH", "tls implicit\nusername door\npassword {env.SMTP_PASSWORD}", true, config},
		{"no TLS on this machine", "tls none", false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := startMailServer(t, c.implicit, c.config)
			if err := send(t, channel(t, on(server.address)+c.block), message()); err != nil {
				t.Fatal(err)
			}
			got := server.got()
			if len(got) != 1 || got[0].from != "door@example.com" || got[0].to != "alice@example.com" || got[0].secure != (c.config != nil) {
				t.Fatalf("%+v arrived", got)
			}
			checkLetter(t, got[0].text)
			if withLogin := strings.Contains(c.block, "username"); withLogin != (len(server.logins) == 1) || withLogin && server.logins[0] != "door:open sesame" {
				t.Errorf("the logins are %q", server.logins)
			}
		})
	}
}

func checkLetter(t *testing.T, text string) {
	t.Helper()
	l, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From": `"Doorward" <door@example.com>`, "To": "<alice@example.com>", "Auto-Submitted": "auto-generated",
		"Message-Id": "<8c4d3c3e-0000-4000-8000-000000000001@example.com>", "Content-Type": "text/plain; charset=UTF-8", "X-Mailer": "",
	} {
		if got := l.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(l.Header.Get("Subject")); err != nil || subject != message().Subject {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	if date, err := l.Header.Date(); err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("the date is %v, %v", date, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(l.Body))
	if err != nil || strings.TrimSpace(string(body)) != message().Text {
		t.Errorf("the text is %q, %v", body, err)
	}
}

// Whatever a server refuses was not sent. Its words may hold the address, and
// never show.
func TestRefusals(t *testing.T) {
	config := &tls.Config{Certificates: []tls.Certificate{trusted}}
	refusal := &gosmtp.SMTPError{Code: 550, Message: "alice@example.com 123456 is unknown"}
	login := "username door\npassword \"not this\"\n"
	for _, c := range []struct{ step, block, want string }{
		{"", login, "refuses the connection or the login with 535"},
		{"mail", "", "refuses the sender with 550"},
		{"rcpt", "", "refuses the recipient with 550"},
		{"data", "", "refuses the message with 550"},
	} {
		t.Run(c.want, func(t *testing.T) {
			server := startMailServer(t, false, config)
			server.refuse[c.step] = refusal
			err := send(t, channel(t, on(server.address)+c.block), message())
			checkError(t, err, authcore.CodeUnavailable, c.want)
			if got := server.got(); len(got) != 0 {
				t.Errorf("%+v arrived", got)
			}
		})
	}
}

// Nothing is sent, no password and no code, over a connection that is not what
// was asked for.
func TestTLSIsVerified(t *testing.T) {
	login := "username door\npassword \"open sesame\"\n"
	for _, c := range []struct {
		name, block string
		implicit    bool
		config      *tls.Config
		want        string
	}{
		{"STARTTLS stripped", "", false, nil, "does not support STARTTLS"},
		{"foreign certificate", "", false, &tls.Config{Certificates: []tls.Certificate{foreign}}, "certificate"},
		{"foreign certificate, implicit", "tls implicit", true, &tls.Config{Certificates: []tls.Certificate{foreign}}, "certificate"},
		{"old TLS", "", false, &tls.Config{Certificates: []tls.Certificate{trusted}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, "protocol version"},
		{"no TLS where implicit is asked", "tls implicit", false, nil, "TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := startMailServer(t, c.implicit, c.config)
			err := send(t, channel(t, on(server.address)+login+c.block), message())
			checkError(t, err, authcore.CodeUnavailable, c.want)
			if len(server.got()) != 0 || len(server.logins) != 0 {
				t.Errorf("%v arrived, the logins are %q", server.got(), server.logins)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	err := send(t, channel(t, on("127.0.0.1:1")), message())
	checkError(t, err, authcore.CodeUnavailable, "mail server 127.0.0.1:1: dial tcp")
}

// Header injection: a line break in an address or a subject starts no header of
// its own, and a list reaches nobody else.
func TestHostileMessages(t *testing.T) {
	server := startMailServer(t, false, &tls.Config{Certificates: []tls.Certificate{trusted}})
	c := channel(t, on(server.address))
	for _, to := range []string{
		"", "alice", "alice@example.com\r\nBcc: eve@example.com", "alice@example.com\nX: y", "alice@example.com, eve@example.com",
		"Eve <eve@example.com>", "alice<eve@example.com>", "alice@example.com (eve)", "<alice@example.com>", "alice@example.com\x00", "alice@example.com> SIZE=1",
	} {
		m := message()
		m.To = to
		checkError(t, send(t, c, m), authcore.CodeUnavailable, "the recipient is not an e-mail address")
	}
	m := message()
	m.Subject = "Code\r\nBcc: eve@example.com"
	checkError(t, send(t, c, m), authcore.CodeUnavailable, "control character")
	m = message()
	m.ID = "1>\r\nX: y"
	checkError(t, send(t, c, m), authcore.CodeUnavailable, "control character")
	if got := server.got(); len(got) != 0 {
		t.Fatalf("%+v arrived", got)
	}
	m = message()
	m.Text = "1\r\n.\r\nMAIL FROM:<eve@example.com>\r\n..\r\n"
	if err := send(t, c, m); err != nil || len(server.got()) != 1 {
		t.Errorf("a text that looks like commands: %v, %d letters", err, len(server.got()))
	}
}

// Law 14, where placeholders hide what is wrong until the server runs.
func TestProvisionRefuses(t *testing.T) {
	t.Setenv("SMTP_SERVER", "mail.example.com:25")
	_, err := provision(t, "server {env.SMTP_SERVER}\n"+sender+"tls none")
	if err == nil || !strings.Contains(err.Error(), "tls none: the mail server 'mail.example.com' is not this machine") {
		t.Errorf("a server elsewhere, without TLS: %v", err)
	}
}

func checkError(t *testing.T, err error, code authcore.Code, words string) {
	t.Helper()
	if err == nil || authcore.CodeOf(err) != code || !strings.Contains(err.Error(), words) {
		t.Errorf("%v (%s), want %s: %s", err, authcore.CodeOf(err), code, words)
	}
	for _, secret := range []string{"alice", "123456", "open sesame", "not this"} {
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%v holds %q", err, secret)
		}
	}
}
