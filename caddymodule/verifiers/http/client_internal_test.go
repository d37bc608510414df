package http

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is not encrypted stays on this machine, wherever a name leads to: that is held
// when it is dialled. 192.0.2.1 (RFC 5737) stands for another machine; nothing is sent there.
func TestReadableOnlyOnThisMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	for target, refused := range map[string]bool{
		server.URL: false,
		strings.Replace(server.URL, "127.0.0.1", "192.0.2.1", 1):     true,
		strings.Replace(server.URL, "127.0.0.1", "[2001:db8::1]", 1): true,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := newClient("http").Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		if errors.Is(err, errTarget) != refused || (err == nil) == refused {
			t.Errorf("%s gives %v", target, err)
		}
	}
}
