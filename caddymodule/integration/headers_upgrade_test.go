package integration

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// M6, SES-11: of upgrades only a WebSocket's reaches the app: another protocol
// would leave the checks behind.
func TestForeignUpgrades(t *testing.T) {
	d := open(t, "", "open /public/*")
	token := d.mustLogin()
	for _, upgrade := range []string{
		"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
		"Connection: Upgrade\r\nUpgrade: H2C\r\n",
		"Connection: upgrade\r\nUpgrade: websocket, h2c\r\n",
		"Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n",
		"Connection: upgrade\r\nUpgrade: TLS/1.0\r\n",
		"Connection: keep-alive\r\nConnection: upgrade\r\nUpgrade: connect-udp\r\n",
	} {
		for _, path := range []string{"/", "/public/x"} {
			t.Run(fmt.Sprintf("%q to %s", upgrade, path), func(t *testing.T) {
				answer := d.raw("GET " + path + " HTTP/1.1\r\nHost: gate\r\nAuthorization: " + token + "\r\n" + upgrade + "\r\n")
				if h := d.app.last.Load().Header; answer.status != http.StatusOK || h["Upgrade"] != nil || h["Connection"] != nil || h["Http2-Settings"] != nil {
					t.Errorf("%d, and the app got %v", answer.status, h)
				}
			})
		}
	}
}

// A WebSocket and a stream of events go through, with the identity.
func TestStreams(t *testing.T) {
	next := make(chan struct{})
	app := newBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			for i := range 2 {
				_, _ = fmt.Fprintf(w, "data: %d for %s\n\n", i, r.Header.Get("Remote-User"))
				w.(http.Flusher).Flush()
				<-next
			}
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		kind, message, err := conn.Read(r.Context())
		if err == nil {
			_ = conn.Write(r.Context(), kind, append([]byte(r.Header.Get("Remote-User")+": "), message...))
		}
	})
	d := openBefore(t, app, caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String()))
	token := d.mustLogin()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	t.Run("WebSocket", func(t *testing.T) {
		conn, _, err := websocket.Dial(ctx, "ws://gate/ws", &websocket.DialOptions{ //nolint:bodyclose // the connection owns it
			HTTPClient: d.client, HTTPHeader: http.Header{"Authorization": {token}, "Remote-User": {"root"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.CloseNow() }()
		if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if _, got, err := conn.Read(ctx); string(got) != "alice: hello" || err != nil {
			t.Errorf("%q %v", got, err)
		}
	})
	t.Run("events", func(t *testing.T) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://gate/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		resp, err := d.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		for i := range 2 { // the second is sent only when the first has arrived
			if !lines.Scan() || lines.Text() != fmt.Sprintf("data: %d for alice", i) || !lines.Scan() {
				t.Fatalf("event %d: %q %v", i, lines.Text(), lines.Err())
			}
			next <- struct{}{}
		}
	})
}
