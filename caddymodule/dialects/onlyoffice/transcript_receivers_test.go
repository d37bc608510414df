package onlyoffice_test

import (
	"fmt"
	"net/http"
	"net/smtp"
	"slices"
	"strings"
	"testing"
)

// The two receivers read what arrives: a story that finds no code blames the
// channel.
func TestReceivers(t *testing.T) {
	m := newMailServer(t)
	text := "From: door@example.com\r\nTo: alice@example.com\r\nSubject: =?UTF-8?q?=D0=9A=D0=BE=D0=B4?=\r\nContent-Type: text/plain; charset=UTF-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\nYour code is 12=\r\n3456.\r\n"
	if err := smtp.SendMail(m.address, nil, "door@example.com", []string{"alice@example.com"}, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if got, want := m.received(), []message{{"alice@example.com", "123456", "Your code is 123456.\r\n"}}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	g := newSMSGateway(t)
	for _, body := range []string{`{"to":"+79001234567","text":"Your code is 654321"}`, "to=%2B79001234567&text=Your+code+is+654321"} {
		resp, err := g.Client().Post(g.URL, "text/plain", strings.NewReader(body))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatal(err, resp)
		}
		_ = resp.Body.Close()
		sent := g.received()
		if last := sent[len(sent)-1]; last.to != "+79001234567" || last.code != "654321" {
			t.Errorf("%s: %q", body, last)
		}
	}
	g.Close()
	if resp, err := g.Client().Post(g.URL, "text/plain", nil); err == nil {
		_ = resp.Body.Close()
		t.Errorf("a receiver that is off answers %s", fmt.Sprint(resp.StatusCode))
	}
}
