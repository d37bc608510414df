// Package admin is the Caddy module admin.api.doorward: what an operator may
// ask the running server, and a client of it. Everything, names and secrets
// too, travels in bodies: Caddy logs the URLs of its admin endpoint.
package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/caddymodule/app"
)

func init() { caddy.RegisterModule(new(API)) }

// API serves POST /doorward/<noun>/<verb> on Caddy's admin endpoint. Who can
// reach that endpoint is an operator: that is Caddy's setting, not ours.
type API struct{}

// CaddyModule returns the module's ID.
func (*API) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "admin.api.doorward", New: func() caddy.Module { return new(API) }}
}

const prefix = "/doorward/"

// Routes gives the one route.
func (*API) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{{Pattern: prefix, Handler: caddy.AdminHandlerFunc(serve)}}
}

// maxBody is how many bytes a request may have: one that brings a batch of devices
// more than the others.
func maxBody(name string) int64 {
	if strings.HasPrefix(name, importing) {
		return 512 << 10
	}
	return 64 << 10
}

func serve(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, prefix)
	operate, known := operations[name]
	if !known {
		return refuse(http.StatusNotFound, "no such operation: POST /doorward/<noun>/<verb>, like /doorward/user/list")
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return refuse(http.StatusMethodNotAllowed, "only POST, with a JSON object as the body")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody(name)))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return refuse(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", maxBody(name)))
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "the body was cut off")
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeFor(name))
	defer cancel()
	a, err := running(ctx)
	if err != nil {
		return err
	}
	answer, err := operate(ctx, a, body)
	if err != nil {
		return apiError(err)
	}
	return write(w, answer)
}

// timeFor bounds an operation. Rotating the seal touches every row that has a
// secret, and store restored every session and device, a batch at a time; the
// rest is a transaction and at most one hash.
func timeFor(name string) time.Duration {
	switch {
	case name == "store/restored":
		return 10 * time.Minute
	case strings.HasSuffix(name, "/rotate"):
		return 30 * time.Second
	}
	return 5 * time.Second
}

// running finds the app that serves now. It is looked up anew for each request
// and not in Provision: Caddy replaces the admin server before it starts a
// configuration, and a configuration that fails would leave its app here.
func running(ctx context.Context) (*app.App, error) {
	active, err := activeContext(ctx)
	if err != nil {
		return nil, err
	}
	module, err := active.AppIfConfigured("doorward")
	if errors.Is(err, caddy.ErrNotConfigured) {
		return nil, refuse(http.StatusNotFound, "doorward is not configured in this server: put the directive doorward into a site")
	}
	if err != nil {
		return nil, apiError(err)
	}
	return module.(*app.App), nil
}

// activeContext waits for the moment between the first answer of a site and the
// end of Caddy's start: a script that asks as soon as the site is ready is served.
func activeContext(ctx context.Context) (caddy.Context, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if active := caddy.ActiveContext(); active.Context != nil {
			return active, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return caddy.Context{}, refuse(http.StatusServiceUnavailable, "Caddy is still starting: try again in a moment")
		}
	}
}

func write(w http.ResponseWriter, answer any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // the & of a URI stays readable
	if err := encoder.Encode(answer); err != nil {
		return apiError(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // secrets are shown once
	_, _ = body.WriteTo(w)                      // whoever went away is not told
	return nil
}

var _ caddy.AdminRouter = (*API)(nil)
