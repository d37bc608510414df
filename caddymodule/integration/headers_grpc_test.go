package integration

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// gRPC passes when it is allowed, over HTTP/2 from end to end, with its trailers
// both ways and our identity; without a token it gets a status that its clients
// read, and the app is not contacted.
func TestGRPC(t *testing.T) {
	app := new(backend)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		app.hits.Add(1)
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
		_, _ = w.Write(append(body, (r.Proto + " " + r.Header.Get("Remote-User"))...))
		w.Header().Set("Grpc-Status", "0")
		w.Header().Set("Grpc-Message", "fine")
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	app.Server = server
	config := caddyfile("", "api onlyoffice", "reverse_proxy h2c://"+server.Listener.Addr().String())
	config = strings.Replace(config, "doorward {", "servers {\nprotocols h1 h2c\n}\ndoorward {", 1)
	d := openBefore(t, app, config)
	token := d.mustLogin()

	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: h2c, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.Dial(ctx, "gate")
	}}
	t.Cleanup(transport.CloseIdleConnections)
	ask := func(token string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://gate/service/Method", strings.NewReader("ping "))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Te", "trailers")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	resp, body := ask(token) //nolint:bodyclose // ask has closed it
	if resp.StatusCode != http.StatusOK || body != "ping HTTP/2.0 alice" || resp.Trailer.Get("Grpc-Status") != "0" || resp.Trailer.Get("Grpc-Message") != "fine" {
		t.Errorf("%d %q, trailer %v", resp.StatusCode, body, resp.Trailer)
	}
	hits := app.hits.Load()
	resp, body = ask("") //nolint:bodyclose // ask has closed it
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Grpc-Status") != "16" || body != "" || app.hits.Load() != hits {
		t.Errorf("without a token: %d %q %v", resp.StatusCode, body, resp.Header)
	}
}
