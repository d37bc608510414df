package faults

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-02: kill -9 at random instants, and what was acknowledged is there. The
// 200 rounds of the table are in killed_long_test.go.
func TestKilledSQLite(t *testing.T) {
	killAgainAndAgain(begin(t, "FI-02"), newWorld(t, "sqlite "+t.TempDir()+"/doorward.db"), 4)
}

func TestKilledPostgres(t *testing.T) {
	killAgainAndAgain(begin(t, "FI-02"), newWorld(t, "postgres "+postgrestest.Start(t).Database(t)), 4)
}

// ledger is what a gateway has acknowledged to one client.
type ledger struct {
	p *person // has a device that logs in and one that is tried by wrong codes
	// accepted are logins that were answered, committed those that the store had
	// after a crash although their answer was lost.
	accepted, committed int
	used, inFlight      string // the last code that won, and the one that was on its way
	stands              string // a token
	revoked             string
	tried               int // wrong codes that were answered
	tryInFlight         int
	spare               *person // of whom the device will be blocked
	spareToken          string
	blocked             *device
	blockedToken        string
	added               []string // serials
}

func killAgainAndAgain(x *experiment, w *world, rounds int) {
	n := w.start()
	var slowestStart time.Duration
	ledgers := make([]*ledger, 4)
	for round := range rounds {
		for i := range ledgers {
			if round%15 == 0 { // wrong codes are capped: a new user in time
				ledgers[i] = &ledger{p: n.enrol(fmt.Sprintf("user%d.%d", i, round), 1)}
			}
			if l := ledgers[i]; l.spare == nil {
				l.spare = n.enrol(fmt.Sprintf("spare%d.%d", i, round), 1)
				l.spareToken = n.mustLogin(l.spare)
			}
		}
		ended := make(chan struct{})
		var clients sync.WaitGroup
		for i, l := range ledgers {
			clients.Go(func() { l.live(x, n, ended, fmt.Sprintf("s%d-%d", i, round)) })
		}
		<-time.After(time.Duration(1+rand.IntN(300)) * time.Millisecond)
		n.kill()
		close(ended)
		clients.Wait()
		began := time.Now()
		n.run()
		n.awaitReady()
		x.took(time.Since(began), 2*time.Second, "a start")
		slowestStart = max(slowestStart, time.Since(began))
		for _, l := range ledgers {
			l.compare(x, n)
		}
	}
	n.kill()
	w.intact()
	x.note("slowest_start_ms", slowestStart.Milliseconds())
}

// tally counts what was acknowledged, by its kind.
func (x *experiment) tally(kind string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n, _ := x.more[kind].(int)
	x.more[kind] = n + 1
}

// live is one client, until the gateway is gone.
func (l *ledger) live(x *experiment, n *node, ended <-chan struct{}, serial string) {
	name, d := l.p.name, l.p.devices[0]
	for turn := rand.IntN(4); ; turn++ { // few rounds are long enough for all
		select {
		case <-ended:
			return
		default:
		}
		l.inFlight = d.code()
		status, token := n.login(l.p, l.inFlight)
		if status == http.StatusUnauthorized {
			x.violate("%s: a new code was refused", name)
		}
		if status != http.StatusCreated {
			return
		}
		l.accepted++
		l.used, l.inFlight, l.stands = l.inFlight, "", token
		x.ack()
		switch turn % 4 {
		case 0:
			number := fmt.Sprintf("%s-%d", serial, turn)
			if n.call("user/add", admin.AddUser{Name: number}, nil) != nil ||
				n.call("device/add", admin.AddDevice{User: number, Kind: "hotp", Serial: number}, nil) != nil {
				return
			}
			l.added = append(l.added, number)
			x.ack()
			x.tally("devices_added")
		case 1:
			if n.call("session/revoke", admin.SessionRef{Session: sid(x.t, token)}, nil) != nil {
				l.stands = "" // it may be revoked
				return
			}
			l.revoked, l.stands = token, ""
			x.ack()
			x.tally("sessions_revoked")
		case 2:
			l.tryInFlight++
			if status, _ := n.login(l.p, d.wrong()); status != http.StatusUnauthorized {
				return
			}
			l.tryInFlight--
			l.tried++
			x.ack()
			x.tally("wrong_codes")
		case 3:
			p, token := l.spare, l.spareToken
			l.spare = nil
			if p == nil || n.call("device/block", admin.DeviceRef{Device: p.devices[0].Serial}, nil) != nil {
				return // it may be blocked
			}
			l.blocked, l.blockedToken = p.devices[0], token
			x.ack()
			x.tally("devices_blocked")
		}
	}
}

// compare holds the store after a crash against what was acknowledged.
func (l *ledger) compare(x *experiment, n *node) {
	name, d := l.p.name, l.p.devices[0]
	if l.stands != "" {
		if status, _ := n.get("/", l.stands); status != http.StatusOK {
			x.violate("%s: a session that was acknowledged gets %d", name, status)
		}
	}
	for what, token := range map[string]string{"revoked": l.revoked, "of a blocked device": l.blockedToken} {
		if status, _ := n.get("/", token); token != "" && status != http.StatusUnauthorized {
			x.violate("%s: a token that is %s gets %d", name, what, status)
		}
	}
	for _, serial := range l.added {
		if err := n.call("device/show", admin.DeviceRef{Device: serial}, nil); err != nil {
			x.violate("%s: an added device is gone: %v", name, err)
		}
	}
	l.added = nil
	if l.blocked != nil {
		var shown admin.DeviceWithAttempts
		if err := n.call("device/show", admin.DeviceRef{Device: l.blocked.Serial}, &shown); err != nil || shown.Status != "blocked" {
			x.violate("%s: a blocked device is %s, %v", name, shown.Status, err)
		}
	}
	// A try whose answer was lost may have been counted, and so may the login
	// that was on its way; none that was answered is forgotten.
	var shown admin.DeviceWithAttempts
	n.mustCall("device/show", admin.DeviceRef{Device: d.Serial}, &shown)
	if shown.WrongCodesTotal < l.tried || shown.WrongCodesTotal > l.tried+l.tryInFlight+1 {
		x.violate("%s: %d wrong codes are counted, %d were answered", name, shown.WrongCodesTotal, l.tried)
	}
	l.tried, l.tryInFlight = shown.WrongCodesTotal, 0
	if l.used != "" {
		l.refused(x, n, l.used, "a code that was used before the crash")
	}
	rows := n.sessions(l.p)
	if rows < l.accepted+l.committed || rows > l.accepted+l.committed+1 {
		x.violate("%s: %d sessions, %d logins were answered and %d were not", name, rows, l.accepted, l.committed)
	}
	lost := rows - l.accepted - l.committed // was the code on its way accepted?
	l.committed += lost
	if lost == 1 {
		x.tally("codes_used_unheard")
	}
	if l.inFlight != "" {
		if lost == 1 {
			l.refused(x, n, l.inFlight, "a code that was accepted, though nobody heard it")
		} else if status, token := n.login(l.p, l.inFlight); status == http.StatusCreated {
			l.accepted++
			l.used, l.stands = l.inFlight, token
			l.refused(x, n, l.used, "a code that was just used")
		} else {
			x.violate("%s: a code that was not accepted before gets %d after the crash", name, status)
		}
	}
	l.inFlight = ""
	status, token := n.login(l.p, d.code())
	if status != http.StatusCreated {
		x.violate("%s: a login after the crash gets %d", name, status)
	}
	l.accepted++
	l.used, l.stands = "", token
}

func (l *ledger) refused(x *experiment, n *node, code, what string) {
	if status, _ := n.login(l.p, code); status != http.StatusUnauthorized {
		x.violate("%s: %s gets %d", l.p.name, what, status)
	}
	l.tried++
}

// intact asks SQLite whether the file is whole, while no node has it.
func (w *world) intact() {
	w.t.Helper()
	path, isSQLite := sqlitePath(w.store)
	if !isSQLite {
		return
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(w.t.Context(), `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		w.t.Errorf("integrity_check: %s, %v", verdict, err)
	}
}
