package surepassid_test

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

// inbox is a provider of SMS, e-mail and voice calls on 127.0.0.1, at a path each.
type inbox struct {
	*httptest.Server
	mu       sync.Mutex
	messages []message
}

type message struct{ channel, to, text string }

func newInbox(t testing.TB) *inbox {
	b := new(inbox)
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct{ To, Text string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.messages = append(b.messages, message{strings.TrimPrefix(r.URL.Path, "/"), m.To, m.Text})
	}))
	t.Cleanup(b.Close)
	return b
}

var sixDigits = regexp.MustCompile(`(?:\d ?){5}\d`) // a voice reads them one by one

// last gives the code of the last message with one, which went this way to this address.
func (b *inbox) last(channel, to string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.messages) - 1; i >= 0; i-- {
		m := b.messages[i]
		if code := sixDigits.FindString(m.text); code != "" {
			if m.channel != channel || m.to != to {
				return "", fmt.Errorf("the last code went by %s to %s", m.channel, m.to)
			}
			return strings.ReplaceAll(code, " ", ""), nil
		}
	}
	return "", fmt.Errorf("no code was sent")
}

// got says whether somebody was told something.
func (b *inbox) got(channel, to, text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if m.channel == channel && m.to == to && strings.Contains(m.text, text) {
			return true
		}
	}
	return false
}
