package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// A gate with an audience in a handle block, and the pages beside that block: who
// signs in there is let in.
func TestPortalAloneHasAnAudience(t *testing.T) {
	app := newBackend(t, nil)
	proxy := "reverse_proxy " + app.Listener.Addr().String()
	config := strings.Replace(caddyfile("", "SITE", ""), "doorward {\n\t\t\tSITE\n\t\t}", `doorward_portal {
			audience own
		}
		handle /in/* {
			doorward {
				audience own
			}
			`+proxy+`
		}`, 1)
	d := openBefore(t, app, config)
	d.signIn(d.browser(), "/in/x").want(http.StatusOK, "Remote-User")
}

// In JSON the parts of the handler could each be for another site: who signed in
// would be led to sign in again, without end.
func TestPortalAndGateAreForOneAudience(t *testing.T) {
	d := open(t, "", "audience own")
	config, err := caddytestkit.Adapt(caddyfile("", "audience own", "respond ok"))
	if err != nil {
		t.Fatal(err)
	}
	const portal = `"portal":{"audience":"own"}`
	for what, want := range map[string]string{
		`"portal":{}`:               "audience 'doorward' is not the gate's, 'own'",
		`"portal":{"audience":"*"}`: "audience '*' is none",
	} {
		if strings.Count(string(config), portal) != 1 {
			t.Fatalf("%s", config)
		}
		err := caddy.Load([]byte(strings.Replace(string(config), portal, what, 1)), true)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	d.signIn(d.browser(), "/x").want(http.StatusOK, "Remote-User")
}
