package integration

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// What a request of a known session may cost on top of the same site without
// doorward, identity headers included. CPU time wanders with the machine, these
// do not. It takes 12 allocations: Caddy prepares three headers more for its
// log (6) and calls a handler more (1), a context that a revocation can end, and
// the proxy's below it, are 5, and the gate has 1 for all the rest. Three more
// where a header is the ninth of a request or the fifteenth, for Go's map grows
// there, and so a request as browsers make it is asked.
const (
	maxAllocations = 12
	maxBytes       = 1536
)

// costSites are gates before one app, and a site without one, on ports of
// loopback: on a socket the proxy would leave out the forwarded headers.
func costSites(t *testing.T, app string) (config string, addresses map[string]string) {
	t.Helper()
	addresses = map[string]string{}
	config = fmt.Sprintf(`{
		%s
		doorward {
			store sqlite "{$KIT_DIR}/doorward.db"
		}
	}
	`, caddytestkit.Globals)
	for name, gate := range map[string]string{
		"base":  "",
		"gate":  "doorward",
		"api":   "doorward {\n api onlyoffice\n }",
		"miss":  "doorward {\n require /admin/* {\n group admins\n }\n }",
		"match": "doorward {\n require /files/* {\n group staff\n }\n }",
	} {
		port, err := postgrestest.FreePort()
		mustDo(t, err)
		addresses[name] = fmt.Sprintf("127.0.0.1:%d", port)
		config += fmt.Sprintf("http://%s {\n %s\n reverse_proxy %s\n}\n", addresses[name], gate, app)
	}
	return config, addresses
}

// DESIGN section 6: the protected request is cheap. Caddy's own metrics count, in
// a process of its own, so that neither client nor app is in them.
func TestCostOfAProtectedRequest(t *testing.T) {
	t.Parallel()
	app := newBackend(t, func(http.ResponseWriter, *http.Request) {})
	dir := shortDir(t)
	tokens := mintTokens(t, filepath.Join(dir, "doorward.db"), 1000)
	// Each collection empties the pools, whose refilling would be counted.
	config, sites := costSites(t, app.Listener.Addr().String())
	s := prepare(t, dir, config, "GOGC=off", "GOMEMLIMIT=256MiB")
	s.cmd.Path = builtCaddy(t)
	s.cmd.Args[0] = s.cmd.Path
	s.begin()
	pollUntil(t, 30*time.Second, "the server is ready", func() bool {
		resp, err := app.Client().Get("http://" + sites["gate"] + "/.doorward/ready")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	})

	bearer, cookie := "Authorization: Bearer ", "Cookie: theme=dark; doorward="
	dialects := "Cookie: theme=dark; asc_auth_key="
	base, baseCookie := asked(sites["base"], bearer, tokens[:1]), asked(sites["base"], cookie, tokens[:1])
	cases := []struct {
		what       string
		with, base *series
		held       bool
	}{
		{"one token", asked(sites["gate"], bearer, tokens[:1]), base, true},
		{"1000 tokens in turn", asked(sites["gate"], bearer, tokens), base, true},
		{"a require that does not match", asked(sites["miss"], bearer, tokens[:1]), base, false},
		{"a require that matches", asked(sites["match"], bearer, tokens[:1]), base, false},
		{"a dialect before the gate", asked(sites["api"], bearer, tokens[:1]), base, true},
		{"the token in the cookie", asked(sites["gate"], cookie, tokens[:1]), baseCookie, false},
		{"the token in a dialect's cookie", asked(sites["api"], dialects, tokens[:1]), baseCookie, false},
	}
	dear := func(over cost) bool { return over.allocations >= maxAllocations+1 || over.bytes > maxBytes }
	for round := range costRounds {
		base.measure(t, dir)
		baseCookie.measure(t, dir)
		again := round == 0
		for _, c := range cases {
			c.with.measure(t, dir)
			again = again || c.held && dear(c.with.least.minus(c.base.least))
		}
		if !again {
			break
		}
	}
	for _, c := range cases {
		over := c.with.least.minus(c.base.least)
		t.Logf("%s: %.1f allocations and %.0f bytes over the %.1f and %.0f without doorward",
			c.what, over.allocations, over.bytes, c.base.least.allocations, c.base.least.bytes)
		if c.held && dear(over) {
			t.Errorf("%s costs %.1f allocations and %.0f bytes, want at most %d and %d",
				c.what, over.allocations, over.bytes, maxAllocations, maxBytes)
		}
	}
}
