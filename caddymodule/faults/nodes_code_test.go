package faults

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-01: of many parallel posts of one code at three nodes one wins, in whatever
// spelling the name comes.
func TestOneCodeThreeNodes(t *testing.T) {
	x := begin(t, "FI-01")
	_, nodes := threeNodes(t)
	x.raceForCode(nodes, "alice", 90, 5*time.Second)
}

// The same at one node with SQLite.
func TestOneCodeSQLite(t *testing.T) {
	x := begin(t, "FI-01")
	w := newWorld(t, "sqlite "+t.TempDir()+"/doorward.db")
	nodes := []*node{w.start()}
	x.raceForCode(nodes, "alice", 60, 5*time.Second)
}

// addresses are where the posts of a race come from: one alone could have eight
// logins waiting, all of them together fill the queue of a node.
const addresses = 8

// raceForCode lets posts of one code go off at once, from several addresses and
// in every spelling of the name, and demands one winner and one session. The
// losers pause a device, so each code has a user of its own. The
// code with a blank around it is another code, which is wrong.
func (x *experiment) raceForCode(nodes []*node, name string, posts int, limit time.Duration) {
	x.t.Helper()
	p, spellings := nodes[0].enrolSpelled(name)
	doors := make([]*node, 0, len(nodes)*addresses)
	for i := range addresses {
		for _, n := range nodes {
			door := n.from(fmt.Sprintf("127.0.0.%d", 2+i))
			defer door.client.CloseIdleConnections()
			doors = append(doors, door)
		}
	}
	code := p.devices[0].code()
	var mu sync.Mutex
	answers := map[int]int{}
	together(posts, func(i int) {
		as := &person{name: spellings[i%len(spellings)], password: p.password}
		typed := code
		if i%10 == 9 {
			typed = code + "%20"
		}
		began := time.Now()
		status, _ := doors[i%len(doors)].login(as, typed)
		x.took(time.Since(began), limit, "a login")
		mu.Lock()
		defer mu.Unlock()
		answers[status]++
		if status == http.StatusCreated {
			x.ack()
			if typed != code {
				x.violate("%q was taken for %q", typed, code)
			}
		}
	})
	x.note(name, fmt.Sprint(answers))
	if answers[http.StatusCreated] != 1 {
		x.violate("%s: %d logins won by one code", name, answers[http.StatusCreated])
	}
	if rows := nodes[0].sessions(p); rows != 1 {
		x.violate("%s: %d sessions of one code", name, rows)
	}
	for status, times := range answers {
		switch status {
		case http.StatusCreated, http.StatusUnauthorized, http.StatusServiceUnavailable, http.StatusTooManyRequests:
		default:
			x.violate("%s: %d times the answer %d", name, times, status)
		}
	}
}

// enrolSpelled makes a user with a device, and gives the spellings of the name
// that all mean this user.
func (n *node) enrolSpelled(name string) (p *person, spellings []string) {
	n.t.Helper()
	mail := name + "@example.com"
	var u admin.UserWithPassword
	n.mustCall("user/add", admin.AddUser{Name: name, Email: mail}, &u)
	d := new(device)
	n.mustCall("device/add", admin.AddDevice{User: name, Kind: "hotp"}, &d.DeviceWithSecret)
	p = &person{name: name, id: u.ID, password: u.Password, devices: []*device{d}}
	return p, []string{name, strings.ToUpper(name), mail, strings.ToUpper(mail)}
}

// Two nodes add devices for one user at the same moment: five is the most there
// may be.
func TestDeviceLimitAcrossNodes(t *testing.T) {
	x := begin(t, "nodes-devices")
	w := newWorld(t, "postgres "+postgrestest.Start(t).Database(t))
	nodes := []*node{w.start(), w.start()}
	for round := range 2 {
		p := nodes[0].enrol(fmt.Sprintf("user%d", round), 3)
		together(8, func(i int) {
			if nodes[i%2].call("device/add", admin.AddDevice{User: p.name, Kind: "hotp"}, nil) == nil {
				x.ack()
			}
		})
		if rows := w.count(`SELECT count(*) FROM devices WHERE user_id = $1`, p.id); rows != 5 {
			x.violate("%d devices of one user, want 5", rows)
		}
	}
}
