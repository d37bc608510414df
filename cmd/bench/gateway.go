//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// gateway is a Caddy under test. Its sites differ in what stands before
// reverse_proxy, and each has a port of its own, so that routing is alike.
type gateway struct {
	*process
	admin *http.Client
	sites map[string]string // name -> address
}

// caddyfile is the start of every configuration: nothing outside of home.
func caddyfile(home, globals string) string {
	return fmt.Sprintf("{\n\tadmin \"unix/%s/admin.sock|0600\"\n\tpersist_config off\n\tauto_https off\n\tstorage file_system \"%s/caddy\"\n%s}\n", home, home, globals)
}

func site(address, handlers string) string {
	return fmt.Sprintf("http://%s {\n\tbind 127.0.0.1\n%s}\n", address, handlers)
}

// doorwardCaddyfile has the base, doorward and forward_auth in one process.
func doorwardCaddyfile(home, database, app, auth string, sites map[string]string) string {
	proxy := "\treverse_proxy " + app + "\n"
	return caddyfile(home, fmt.Sprintf("\tdoorward {\n\t\tstore sqlite \"%s\"\n\t}\n", database)) +
		site(sites["base"], proxy) +
		site(sites["doorward"], "\tdoorward\n"+proxy) +
		site(sites["forward_auth"], "\tforward_auth "+auth+" {\n\t\turi /\n\t\tcopy_headers Remote-User\n\t}\n"+proxy)
}

func stockCaddyfile(home, app string, sites map[string]string) string {
	return caddyfile(home, "") + site(sites["stock"], "\treverse_proxy "+app+"\n")
}

func addresses(names ...string) (map[string]string, error) {
	sites := map[string]string{}
	for _, name := range names {
		address, err := freePort()
		if err != nil {
			return nil, err
		}
		sites[name] = address
	}
	return sites, nil
}

// startGateway starts a Caddy in a home of its own; its sites may not answer yet.
func startGateway(ctx context.Context, program, home, config string, sites map[string]string) (*gateway, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	file := filepath.Join(home, "Caddyfile")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	p, err := start(ctx, home, filepath.Join(home, "caddy.log"), program, "run", "--config", file, "--adapter", "caddyfile")
	if err != nil {
		return nil, err
	}
	return &gateway{p, admin(filepath.Join(home, "admin.sock")), sites}, nil
}

// awaitSite waits until a site lets the token through to the app.
func (g *gateway) awaitSite(ctx context.Context, name, token string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return g.await(ctx, func() bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.sites[name]+"/", nil)
		if err != nil {
			return false
		}
		request.Header.Set("Authorization", "Bearer "+token)
		answer, err := client.Do(request)
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}
