package elcoin_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/doorward/doorward/caddymodule"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// database is where a gateway keeps things, and the way to it beside the gateway.
type database struct{ caddyfile, driver, dsn string }

var onSQLite = database{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", "file:{$KIT_DIR}/doorward.db?_pragma=busy_timeout(5000)"}

func onBothStores(t *testing.T, run func(*testing.T, func(testing.TB) database)) {
	t.Run("sqlite", func(t *testing.T) { run(t, func(testing.TB) database { return onSQLite }) })
	t.Run("postgres", func(t *testing.T) {
		cluster := postgrestest.Start(t)
		run(t, func(t testing.TB) database {
			dsn := cluster.Database(t)
			return database{"store postgres " + dsn + "\nseal_key " + strings.Repeat("A", 43) + "=", "postgres", dsn}
		})
	})
}

// gateway is a whole one, and what a story keeps of what it answers.
type gateway struct {
	*testing.T
	values
	database
	kit    *caddytestkit.Caddy
	client *http.Client
}

// startGateway waits until it is ready.
func startGateway(t *testing.T, store database, caddyfile string) gateway {
	t.Helper()
	g := gateway{T: t, values: values{}, database: store, kit: caddytestkit.Start(t, caddyfile)}
	g.client = g.kit.Client("gate")
	g.until("the gateway is ready", func() error {
		if status, answer := g.request(http.MethodGet, "/.doorward/ready", "", nil); status != http.StatusOK {
			return fmt.Errorf("%d %s", status, answer)
		}
		return nil
	})
	return g
}

// until waits for what is to come.
func (g gateway) until(what string, come func() error) {
	g.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	err := come()
	for deadline := time.Now().Add(30 * time.Second); err != nil && time.Now().Before(deadline); err = come() {
		<-tick.C
	}
	if err != nil {
		g.Fatalf("it never comes that %s: %v", what, err)
	}
}

func (g gateway) do(method, path, body string, header http.Header) *http.Response {
	g.Helper()
	req, err := http.NewRequestWithContext(g.Context(), method, "http://app.example.com"+path, strings.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, all := range header {
		req.Header[http.CanonicalHeaderKey(name)] = all
	}
	resp, err := g.client.Do(req)
	if err != nil {
		g.Fatal(err)
	}
	return resp
}

func (g gateway) request(method, path, body string, header http.Header) (status int, text string) {
	g.Helper()
	resp := g.do(method, path, body, header)
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		g.Fatal(err)
	}
	return resp.StatusCode, string(all)
}

func (g gateway) operate(operation string, in, out any) error {
	client := admin.Client{Address: "unix/" + filepath.Join(g.kit.Dir, "admin.sock")}
	return client.Call(context.Background(), operation, in, out)
}

// sql changes what no door changes.
func (g gateway) sql(statement string) error {
	db, err := sql.Open(g.driver, strings.ReplaceAll(g.dsn, "{$KIT_DIR}", g.kit.Dir))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(g.Context(), statement)
	return err
}
