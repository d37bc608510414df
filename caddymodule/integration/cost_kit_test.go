package integration

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage/sqlite"
)

// cost is that of one request.
type cost struct{ allocations, bytes float64 }

func (c cost) minus(o cost) cost { return cost{c.allocations - o.allocations, c.bytes - o.bytes} }

// series are requests of one kind at one site, and what one of them took there:
// the least of several rounds, for what else the process does only adds.
type series struct {
	site     string
	requests []string
	least    cost
}

// One measurement is of so many requests that the poll of the store and the
// reading of the metrics make no difference, unless the machine is busy: then
// there are more rounds.
const (
	costRequests = 3000
	costRounds   = 8
)

// asked are the requests that show these tokens in turn.
func asked(site, header string, tokens []string) *series {
	s := &series{site: site}
	for _, token := range tokens {
		s.requests = append(s.requests, "GET /files/report HTTP/1.1\r\nHost: "+site+"\r\nUser-Agent: cost\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nAccept-Language: en\r\n"+header+token+"\r\n\r\n")
	}
	return s
}

func (s *series) measure(t *testing.T, dir string) {
	t.Helper()
	ask := keepAlive(t, s.site)
	if s.least == (cost{}) { // the first request of a session is not the one that is counted
		for _, request := range s.requests {
			ask(request)
		}
	}
	before := readCost(t, dir)
	for i := range costRequests {
		ask(s.requests[i%len(s.requests)])
	}
	all := readCost(t, dir).minus(before)
	one := cost{all.allocations / costRequests, all.bytes / costRequests}
	if s.least != (cost{}) {
		one = cost{min(s.least.allocations, one.allocations), min(s.least.bytes, one.bytes)}
	}
	s.least = one
}

// keepAlive sends requests over one connection.
func keepAlive(t *testing.T, address string) (ask func(request string)) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	answers := bufio.NewReader(conn)
	return func(request string) {
		t.Helper()
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if _ = resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("status %d (%v), want 200", resp.StatusCode, err)
		}
	}
}

// readCost is what Caddy has allocated so far, but for what its threads have not
// told yet: some hundred objects.
func readCost(t *testing.T, dir string) (c cost) {
	t.Helper()
	resp, err := unixClient(t, filepath.Join(dir, "admin.sock")).Get("http://admin/metrics")
	mustDo(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	mustDo(t, err)
	for name, into := range map[string]*float64{"go_memstats_mallocs_total ": &c.allocations, "go_memstats_alloc_bytes_total ": &c.bytes} {
		for _, line := range linesWith(string(text), name) {
			if value, ok := strings.CutPrefix(line, name); ok {
				*into, err = strconv.ParseFloat(strings.TrimSpace(value), 64)
			}
		}
		if err != nil || *into == 0 {
			t.Fatalf("%q is not in the metrics (%v): %.200s", name, err, text)
		}
	}
	return c
}

// mintTokens makes a user's sessions in a database that no Caddy has opened yet:
// one hash for all of them.
func mintTokens(t *testing.T, path string, n int) (tokens []string) {
	t.Helper()
	ctx, operator := t.Context(), authcore.Operator()
	key, err := sqlite.SealKey(path)
	mustDo(t, err)
	ring, err := seal.NewRing(key)
	mustDo(t, err)
	store, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	mustDo(t, err)
	defer func() { mustDo(t, store.Close()) }()
	core := authcore.New(authcore.Options{
		Store: store, Live: authcore.NewLive(), Ring: ring, Clock: authcore.SystemClock{}, Log: slog.New(slog.DiscardHandler), Issuer: "doorward",
	})
	mustDo(t, core.Prepare(ctx))
	const password = "mossy lantern kettle vowel"
	_, err = core.Users.Add(ctx, operator, authcore.NewUser{Name: "alice", Email: "alice@example.com", Groups: []string{"staff", "payroll"}, Password: password})
	mustDo(t, err)
	device, err := core.Devices.Register(ctx, operator, authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
	mustDo(t, err)
	verified, err := core.Logins.Primary(ctx, authcore.Attempt{Name: "alice", Password: password, Audience: "doorward", ClientID: "cost"})
	mustDo(t, err)
	for counter := range int64(n) {
		login, err := core.Logins.Second(ctx, verified, authtest.HOTP(t, device.Secret, counter))
		mustDo(t, err)
		tokens = append(tokens, login.Token)
	}
	return tokens
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// builtCaddy is cmd/caddy as `make build` makes it. Under the race detector, with
// which the tests run, every pool forgets at random, so that bytes wander.
func builtCaddy(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "caddy")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", "nobadger,nomysql,nopgx", "-o", path, "../../cmd/caddy")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building caddy: %v\n%s", err, out)
	}
	return path
}
