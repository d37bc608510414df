//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// serve is what this program does when it is started again as a server: "app"
// answers 1 KiB, "auth" says yes to everything and names a user.
func serve(kind, addressFile string) error {
	kilobyte := bytes.Repeat([]byte("x"), 1024)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// Under another name first: who waits for the file never reads half of it.
	if err := os.WriteFile(addressFile+".new", []byte(listener.Addr().String()), 0o600); err != nil {
		return err
	}
	if err := os.Rename(addressFile+".new", addressFile); err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if kind == "auth" {
			w.Header().Set("Remote-User", "alice")
			w.WriteHeader(http.StatusOK)
			return
		}
		_, _ = w.Write(kilobyte)
	})}
	return server.Serve(listener)
}

// startServer starts this program as a server and waits for its address.
func startServer(ctx context.Context, dir, kind string) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, kind+".address")
	p, err := start(ctx, dir, filepath.Join(dir, kind+".log"), self, "serve", kind, file)
	if err != nil {
		return nil, "", err
	}
	var address string
	err = p.await(ctx, func() bool {
		text, err := os.ReadFile(file)
		address = strings.TrimSpace(string(text))
		return err == nil
	})
	return p, address, err
}

// await asks again and again whether a process is ready.
func (p *process) await(ctx context.Context, ready func() bool) error {
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for late := time.After(time.Minute); ; {
		if ready() {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.done:
			return fmt.Errorf("%s ended: %s", p.cmd.Path, p.lastWords())
		case <-late:
			return fmt.Errorf("%s is not ready after a minute: %s", p.cmd.Path, p.lastWords())
		}
	}
}

// freePort is one that nobody listens on now.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
