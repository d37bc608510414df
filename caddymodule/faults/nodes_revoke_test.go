package faults

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// What is revoked on one node is refused on all within a second, and what is
// still streaming there ends.
func TestRevokedEverywhere(t *testing.T) {
	x := begin(t, "nodes-revoke")
	w := newWorld(t, "")
	w.app = httptest.NewServer(http.HandlerFunc(stream))
	t.Cleanup(w.app.Close)
	w2, nodes := threeNodes(t)
	w.store, w.key = w2.store, w2.key
	b := w.start() // one more, before an app that streams
	nodes = append(nodes, b)
	a := nodes[0]
	for what, revoke := range map[string]func(p *person, token string){
		"device_blocked": func(p *person, _ string) {
			a.mustCall("device/block", admin.DeviceRef{Device: p.devices[0].Serial}, nil)
		},
		"device_deactivated": func(p *person, _ string) {
			a.mustCall("device/deactivate", admin.DeviceRef{Device: p.devices[0].ID}, nil)
		},
		"session_revoked":  func(_ *person, s string) { a.mustCall("session/revoke", admin.SessionRef{Session: sid(t, s)}, nil) },
		"user_disabled":    func(p *person, _ string) { a.mustCall("user/disable", admin.UserRef{User: p.name}, nil) },
		"password_changed": func(p *person, _ string) { a.mustCall("user/password", admin.SetPassword{User: p.name}, nil) },
	} {
		p, other := a.enrol(what, 1), a.enrol("not_"+what, 1)
		token, stays := nodes[1].mustLogin(p), nodes[2].mustLogin(other)
		for i, n := range nodes[:3] {
			if status, _ := n.get("/", token); status != http.StatusOK {
				t.Fatalf("%s: node %d gives %d before", what, i, status)
			}
		}
		ended := b.listen(t, token)
		otherEnded := b.listen(t, stays)
		revoke(p, token)
		began := time.Now()
		if status, _ := a.get("/", token); status != http.StatusUnauthorized {
			x.violate("%s: the node that did it gives %d", what, status)
		}
		x.until(time.Second, what+": every node refuses", func() bool {
			for _, n := range nodes[:3] {
				if status, _ := n.get("/", token); status != http.StatusUnauthorized {
					return false
				}
			}
			return true
		})
		x.took(time.Since(began), time.Second, what)
		x.note(what+"_ms", time.Since(began).Milliseconds())
		select {
		case <-ended:
			x.took(time.Since(began), time.Second, "the end of a stream: "+what)
		case <-time.After(5 * time.Second):
			x.violate("%s: the stream goes on", what)
		}
		select {
		case <-otherEnded:
			x.violate("%s: another user's stream ended too", what)
		default:
		}
		x.ack()
	}
}

// stream answers a line every few milliseconds until nobody listens.
func stream(w http.ResponseWriter, r *http.Request) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for r.Context().Err() == nil {
		_, _ = fmt.Fprintln(w, "still here")
		_ = http.NewResponseController(w).Flush()
		<-tick.C
	}
}

// listen opens a stream, and closes the channel when it has ended.
func (n *node) listen(t *testing.T, token string) <-chan struct{} {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.url+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	began, ended := make(chan int, 1), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(began)
		resp, err := (&http.Client{Transport: n.client.Transport}).Do(req)
		if err != nil {
			return
		}
		defer func() { _ = resp.Body.Close() }()
		began <- resp.StatusCode
		_, _ = io.Copy(io.Discard, resp.Body)
	}()
	if status := <-began; status != http.StatusOK {
		t.Fatalf("the stream begins with %d", status)
	}
	return ended
}
