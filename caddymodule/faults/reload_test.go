package faults

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// FI-11, the short one; reload_long_test.go has the minute.
func TestReloads(t *testing.T) { reloadUnderLoad(t, 6) }

// FI-11: configurations come twice a second while 200 requests a second are
// answered. Every fifth can't be honoured. Nothing is lost, and nothing grows.
func reloadUnderLoad(t *testing.T, reloads int) {
	x := begin(t, "FI-11")
	n := newWorld(t, "sqlite doorward.db").start()
	if err := reload(n, 1); err != nil { // what is made once is made now
		t.Fatal(err)
	}
	p, guesser := n.enrol("alice", 1), n.enrol("bob", 1)
	token := n.mustLogin(p)
	n.mustLogin(guesser)
	for range 7 { // of 10 that pause
		if status, _ := n.login(guesser, "000000"); status != http.StatusUnauthorized {
			t.Fatalf("a wrong code gives %d", status)
		}
	}
	wrong := n.wrongCodes(guesser)
	if err := reload(n, 2); err != nil {
		t.Fatal(err)
	}
	warm := atRate(200, 50, func(int) { _, _ = n.get("/", token) })
	pass(time.Second)
	warm.stop()
	before := n.held()

	var lost, again, logins, refused atomic.Int64
	var held sync.Map // tokens of sessions that were opened meanwhile
	load := atRate(200, 50, func(number int) {
		path, auth, want := "/", token, http.StatusOK
		switch number % 4 {
		case 0:
			path, auth = "/open/x", ""
		case 1:
			auth, want = "", http.StatusUnauthorized
		}
		if number%40 == 2 {
			if status, fresh := n.login(p, p.devices[0].code()); status == http.StatusCreated {
				held.Store(fresh, true)
				logins.Add(1)
			} else {
				refused.Add(1) // whether the code was used or not, the look-ahead forgives
			}
			return
		}
		status, body := n.get(path, auth)
		// Caddy without Doorward, reloaded like this, closes 1 of 240 connections
		// unanswered (measured); clients ask again, and so does this one.
		for tries := 0; status == 0 && tries < 5; tries++ {
			again.Add(1)
			status, body = n.get(path, auth)
		}
		if status != want {
			lost.Add(1)
			x.violate("%s gives %d %q, want %d", path, status, body, want)
		}
		x.ack()
	})
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	bad := 0
	for i := range reloads {
		<-tick.C
		err := reload(n, i)
		if broken := i%5 == 4; broken == (err == nil) {
			x.violate("reload %d: %v", i, err)
		} else if broken {
			bad++
		}
	}
	load.stop()
	x.note("lost", lost.Load())
	x.note("asked_again", again.Load())
	x.note("asked", load.asked())
	x.note("dropped", load.dropped.Load())
	x.note("logins", logins.Load())
	x.note("logins_unanswered", refused.Load())
	x.note("reloads_refused", bad)
	x.note("p99_ms", load.percentile(99).Milliseconds())
	held.Range(func(token, _ any) bool {
		if status, _ := n.get("/", token.(string)); status != http.StatusOK {
			x.violate("a session that was opened meanwhile gives %d", status)
		}
		return true
	})
	if logins.Load() == 0 || load.asked() < reloads*50 {
		x.violate("%d requests and %d logins prove little", load.asked(), logins.Load())
	}
	if now := n.wrongCodes(guesser); now != wrong {
		x.violate("%d wrong codes are counted, %d before", now, wrong)
	}
	var shown admin.DeviceWithAttempts
	n.mustCall("device/show", admin.DeviceRef{Device: guesser.devices[0].Serial}, &shown)
	if shown.WrongCodes != 7 {
		x.violate("%d wrong codes in a row are counted, want 7", shown.WrongCodes)
	}
	var after resources
	x.until(15*time.Second, "descriptors, goroutines and memory are those of before", func() bool {
		after = n.held()
		return after.within(before)
	})
	x.note("before", fmt.Sprint(before))
	x.note("after", fmt.Sprint(after))
}

// reload posts a configuration as caddy reload does. The numbers give different
// options; of five one can't be honoured.
func reload(n *node, number int) error {
	config := n.caddyfile(
		[]string{"", "token_lifetime 1h", "session_lifetime 24h", "token_lifetime 2h", "session_lifetime 1h\ntoken_lifetime 5h"}[number%5],
		[]string{"", "open /other", "require /admin/* {\n group admins\n}", "", ""}[number%5])
	if number%10 == 9 { // the other kind: what only shows when it starts
		config = strings.Replace(n.caddyfile("", ""), "store sqlite doorward.db", "store sqlite Caddyfile/doorward.db", 1)
	}
	// Connections to the app that are kept for minutes would look like a leak.
	proxy := "reverse_proxy " + n.app.Listener.Addr().String()
	config = strings.Replace(config, proxy, proxy+" {\ntransport http {\nkeepalive 1s\n}\n}", 1)
	resp, err := n.operator().Post("http://admin/load", "text/caddyfile", strings.NewReader(config))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%d %s", resp.StatusCode, text)
	}
	return nil
}

// resources are what a leak would eat.
type resources struct{ Goroutines, Files, MiB int }

func (n *node) held() resources {
	n.client.CloseIdleConnections()
	return resources{n.goroutines(), n.files(), n.status("VmRSS") >> 10}
}

// within is not more than a tenth more; small numbers may differ by what is
// just closing.
func (r resources) within(before resources) bool {
	few := func(now, then, least int) bool { return now <= then+max(then/10, least) }
	return few(r.Goroutines, before.Goroutines, 8) && few(r.Files, before.Files, 8) && few(r.MiB, before.MiB, 24)
}
