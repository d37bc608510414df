package admin

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serveUnix answers on a unix socket, and gives its address.
func serveUnix(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return "unix/" + path
}

func TestCallPutsEverythingInTheBody(t *testing.T) {
	var uri, body string
	address := serveUnix(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		uri, body = r.Method+" "+r.RequestURI, string(text)
		io.WriteString(w, `{"id":"u","password":"made"}`)
	})
	var out UserWithPassword
	err := Client{address + "|0600"}.Call(t.Context(), "user/add", AddUser{Name: "alice", Password: " p "}, &out)
	if err != nil || out.ID != "u" || out.Password != "made" {
		t.Errorf("got %+v, %v", out, err)
	}
	if uri != "POST /doorward/user/add" || body != `{"name":"alice","password":" p "}` {
		t.Errorf("sent %s %s", uri, body)
	}
}

func TestCallErrors(t *testing.T) {
	for _, c := range []struct {
		name, body, want string
		status           int
	}{
		{"ours", `{"error":"no such user"}`, "no such user", 404},
		{"with colons", `{"error":"a: b: c"}`, "a: b: c", 409},
		{"not ours", "404 page not found\n", "answers HTTP 404 and no JSON: is it a Caddy with Doorward?", 404},
		{"no words", `{}`, "answers HTTP 500 and no JSON", 500},
		{"not JSON", "hello", "is not JSON: is it a Caddy with Doorward?", 200},
		{"nothing", "", "is not JSON: is it a Caddy with Doorward?", 200},
	} {
		address := serveUnix(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		err := Client{address}.Call(t.Context(), "user/show", UserRef{User: "x"}, new(User))
		if err == nil || !strings.HasSuffix(err.Error(), c.want) && !strings.Contains(err.Error(), address+" "+c.want) || errors.Is(err, ErrNoAnswer) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestCallWithoutServer(t *testing.T) {
	address := "unix/" + filepath.Join(t.TempDir(), "none")
	err := Client{address}.Call(t.Context(), "user/list", Nothing{}, new([]User))
	if !errors.Is(err, ErrNoAnswer) || !strings.Contains(err.Error(), "no Caddy answers at "+address+" (dial unix ") {
		t.Errorf("got %v", err)
	}
}

func TestCallEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	address := serveUnix(t, func(http.ResponseWriter, *http.Request) {
		cancel()
		<-release
	})
	err := Client{address}.Call(ctx, "seal/rotate", Nothing{}, new(Sealed))
	if !errors.Is(err, ErrNoAnswer) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
