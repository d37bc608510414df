package integration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// PATH-07: wherever the directive is written in a site, nothing that could give
// away the app stands before the gate. Only redir does: a redirect holds what the
// Caddyfile says and nothing of the app.
func TestAdaptOrder(t *testing.T) {
	others := []string{
		"abort /x", "acme_server /x", "basic_auth {\nalice $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}", "encode gzip",
		"error /x 404", "file_server", "forward_auth localhost:1 {\nuri /\n}", "handle /a {\nrespond a\n}", "handle_path /b/* {\nrespond b\n}",
		"header X-A b", "intercept {\nreplace_status 200\n}", "log_append a b", "log_skip /x", "map {path} {x} {\n/a b\n}", "method GET",
		"metrics /m", "php_fastcgi localhost:2", "push", "request_body {\nmax_size 1MB\n}", "request_header X-A b", "respond hello",
		"reverse_proxy localhost:3", "rewrite /a /b", "root * /srv", "route {\nrespond c\n}", "templates", "tracing", "try_files {path} /index.html",
		"uri strip_prefix /a", "vars a b", "invoke named",
	}
	harmless := []string{
		"subroute", "headers", "request_body", "log_append", "vars", "map", "rewrite", "tracing", "doorward_portal", "doorward_api",
	}
	for _, directive := range []string{"doorward {\napi onlyoffice\n}", "doorward_gate", "doorward_api {\napi onlyoffice\n}\ndoorward_gate\ndoorward_portal"} {
		for i := range len(others) + 1 {
			text := strings.Join(slices.Insert(slices.Clone(others), i, directive), "\n")
			config, err := caddytestkit.Adapt("&(named) {\nrespond d\n}\nhttp:// {\n" + text + "\n}\n")
			if err != nil {
				t.Fatal(err)
			}
			var tree any
			if err := json.Unmarshal(config, &tree); err != nil {
				t.Fatal(err)
			}
			routes := tree.(map[string]any)["apps"].(map[string]any)["http"].(map[string]any)["servers"].(map[string]any)["srv0"].(map[string]any)["routes"]
			var names []string
			handlers(routes, &names)
			at := slices.IndexFunc(names, func(name string) bool { return name == "doorward" || name == "doorward_gate" })
			if at < 0 || len(names) < at+len(harmless) {
				t.Fatalf("%q", names)
			}
			for _, name := range names[:at] {
				if !slices.Contains(harmless, name) {
					t.Errorf("written %d.: %s stands before the gate: %q", i, name, names)
				}
			}
		}
	}
}

// handlers lists the handlers of routes in their order, the inner ones too.
func handlers(routes any, names *[]string) {
	list, _ := routes.([]any)
	for _, route := range list {
		handle, _ := route.(map[string]any)["handle"].([]any)
		for _, h := range handle {
			handler := h.(map[string]any)
			*names = append(*names, handler["handler"].(string))
			handlers(handler["routes"], names)
		}
	}
}
