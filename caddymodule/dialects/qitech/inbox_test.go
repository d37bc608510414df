package qitech_test

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

// inbox is a provider of SMS and e-mail on 127.0.0.1, at a path each, and one who looks at
// pictures.
type inbox struct {
	*httptest.Server
	mu       sync.Mutex
	messages []message
	verdict  string
}

type message struct{ channel, to, token string }

func newInbox(t testing.TB) *inbox {
	b := new(inbox)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if r.URL.Path == "/verify" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"verdict":%q}`, b.verdict)
			return
		}
		var m struct{ To, Text string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		b.messages = append(b.messages, message{strings.TrimPrefix(r.URL.Path, "/"), m.To, token.FindString(m.Text)})
	}))
	t.Cleanup(b.Close)
	return b
}

var token = regexp.MustCompile(`^[2-9a-hjkmnp-z]{6}\b`) // a message begins with it

// last gives the token of the last message with one, which went this way to this address.
func (b *inbox) last(channel, to string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.messages) - 1; i >= 0; i-- {
		m := b.messages[i]
		if m.token == "" {
			continue
		}
		if m.channel != channel || m.to != to {
			return "", fmt.Errorf("the last token went by %s to %s", m.channel, m.to)
		}
		return m.token, nil
	}
	return "", fmt.Errorf("no token was sent")
}

// tokens are those that were sent.
func (b *inbox) tokens() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if m.token != "" {
			all = append(all, m.token)
		}
	}
	return all
}

func (b *inbox) setVerdict(v string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.verdict = v
}
