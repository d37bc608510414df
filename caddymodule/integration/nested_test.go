package integration

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A gate in a handle block of a guarded site takes over who the outer one
// proved: the token is gone by then. Its demands still count.
func TestGateInsideAGate(t *testing.T) {
	app := newBackend(t, nil)
	d := openBefore(t, app, caddyfile("", "api onlyoffice", `
		handle /staff/* {
			doorward {
				require {
					group staff
				}
			}
			reverse_proxy `+app.Listener.Addr().String()+`
		}
		handle /other/* {
			doorward {
				audience other
			}
			reverse_proxy `+app.Listener.Addr().String()+`
		}
		handle {
			doorward
			reverse_proxy `+app.Listener.Addr().String()+`
		}`))
	token := d.mustLogin()
	for path, want := range map[string]int{"/": 200, "/staff/x": 403, "/other/x": 401} {
		hits := app.hits.Load()
		status, body := d.get(path, "Authorization", token)
		if status != want || (app.hits.Load() > hits) != (want == 200) {
			t.Errorf("%s gives %d %s, want %d", path, status, body, want)
		}
		if want == 200 && !strings.Contains(body, `"Remote-User":["alice"]`) {
			t.Errorf("%s: the app does not see who it is: %s", path, body)
		}
		if status, _ := d.get(path); status != http.StatusUnauthorized {
			t.Errorf("%s without a token gives %d, want 401", path, status)
		}
	}
}

// LOG-02: the audit trail goes where the operator routes it, as Caddy's
// configuration does that for every module.
func TestAuditLogIsRouted(t *testing.T) {
	app := newBackend(t, nil)
	config := caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	config = strings.Replace(config, "doorward {", `log audit {
			output file "{$KIT_DIR}/audit.log"
			include doorward
		}
		doorward {`, 1)
	d := openBefore(t, app, config)
	if status, _ := d.login("000000"); status != http.StatusUnauthorized {
		t.Fatalf("a wrong code gives %d", status)
	}
	for n := range 2 {
		text, err := os.ReadFile(filepath.Join(d.Dir, "audit.log"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(text), `"action":"login.code"`); got != n+1 {
			t.Errorf("%d lines tell of %d wrong codes", got, n+1)
		}
		if n == 0 { // a reload writes on
			if err := d.Load(strings.Replace(config, "api onlyoffice", "api onlyoffice\nopen /x", 1)); err != nil {
				t.Fatal(err)
			}
			// The server before it may still take a connection, and close it unanswered.
			d.client.CloseIdleConnections()
			pollUntil(t, 10*time.Second, "the new server answers", func() bool {
				resp, err := d.client.Get("http://gate/.doorward/ready")
				if err == nil {
					_ = resp.Body.Close()
				}
				return err == nil && resp.StatusCode == http.StatusOK
			})
			if status, _ := d.login("000000"); status != http.StatusUnauthorized {
				t.Fatalf("a wrong code gives %d", status)
			}
		}
	}
}
