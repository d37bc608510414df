package elcoin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// loginInbox is a provider of SMS, e-mail and push messages on 127.0.0.1, at a path each.
type loginInbox struct {
	*httptest.Server
	mu       sync.Mutex
	messages []loginMessage
}

type loginMessage struct{ channel, to, text string }

func newLoginInbox(t testing.TB) *loginInbox {
	b := new(loginInbox)
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct{ To, Text string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.messages = append(b.messages, loginMessage{strings.TrimPrefix(r.URL.Path, "/"), m.To, m.Text})
	}))
	t.Cleanup(b.Close)
	return b
}

var loginCode = regexp.MustCompile(`\b\d{6}\b`)

// last gives the code of the last message with one, which went this way to this address.
func (b *loginInbox) last(channel, to string) (code, text string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.messages) - 1; i >= 0; i-- {
		m := b.messages[i]
		if code := loginCode.FindString(m.text); code != "" {
			if m.channel != channel || m.to != to {
				return "", "", fmt.Errorf("the last code went by %s to %s", m.channel, m.to)
			}
			return code, m.text, nil
		}
	}
	return "", "", fmt.Errorf("no code was sent")
}

// codes are those that were sent.
func (b *loginInbox) codes() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if code := loginCode.FindString(m.text); code != "" {
			all = append(all, code)
		}
	}
	return all
}
