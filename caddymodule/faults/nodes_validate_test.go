package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-01: of many integrators' questions about one code at two nodes one wins, and so
// does one of questions and logins.
func TestOneValidatedCodeTwoNodes(t *testing.T) {
	x := begin(t, "FI-01")
	w := newWorld(t, "postgres "+postgrestest.Start(t, "max_connections = 200").Database(t))
	nodes := []*node{w.prepare(), w.prepare()}
	for _, n := range nodes {
		n.configure("", "api surepassid")
		n.run()
		n.awaitReady()
	}
	var clerk admin.IntegratorWithKey
	nodes[0].mustCall("integrator/add", admin.AddIntegrator{Name: "acme", Dialect: "surepassid"}, &clerk)
	for name, logins := range map[string]bool{"questions": false, "logins": true} {
		x.raceForAnswer(nodes, clerk, name, logins)
	}
}

// raceForAnswer asks at every node at once about one code, beside logins with it.
func (x *experiment) raceForAnswer(nodes []*node, clerk admin.IntegratorWithKey, name string, logins bool) {
	x.t.Helper()
	const key = "3132333435363738393031323334353637383930" // of RFC 4226
	p := &person{name: name, password: "Tr0ub4dor-and-3"}
	ask := func(n *node, members string) (number int) {
		n.t.Helper()
		body := fmt.Sprintf(`{"spAccountLoginName":"acme","spAccountLoginKey":"%s","username":"%s",%s}`, clerk.Key, name, members)
		began := time.Now()
		resp, err := n.client.Post(n.url+"/AuthServer/REST/U2F/U2FServer.aspx", "application/json", strings.NewReader(body))
		if err != nil {
			n.t.Error(err)
			return 0
		}
		defer func() { _ = resp.Body.Close() }()
		x.took(time.Since(began), 5*time.Second, "an answer")
		var answer struct{ ErrorCode int }
		all, err := io.ReadAll(resp.Body)
		if err == nil {
			err = json.Unmarshal(all, &answer)
		}
		if err != nil || resp.StatusCode != http.StatusOK {
			x.violate("%s is answered %d %s (%v)", members, resp.StatusCode, all, err)
			return -1
		}
		return answer.ErrorCode
	}
	for _, members := range []string{
		`"type":"add_user","pw":"` + p.password + `"`, `"type":"add_oath_device","OtpType":0,"secretKeyHex":"` + key + `"`,
	} {
		if number := ask(nodes[0], members); number != 0 {
			x.t.Fatalf("%s is answered %d", members, number)
		}
	}
	out, err := exec.Command("oathtool", "--hotp", "-c", "0", key).Output()
	if err != nil {
		x.t.Fatalf("oathtool (apt-get install oathtool): %v", err)
	}
	code := strings.TrimSpace(string(out))
	var mu sync.Mutex
	answers, won := map[string]int{}, 0
	together(60, func(i int) {
		n := nodes[i%len(nodes)]
		answer, wins := "", false
		if logins && i%4 < 2 { // at both nodes
			status, _ := n.login(p, code)
			answer, wins = fmt.Sprintf("login %d", status), status == http.StatusCreated
		} else {
			number := ask(n, `"type":"validate_oath_otp","otp":"`+code+`"`)
			answer, wins = fmt.Sprint(number), number == 0
		}
		mu.Lock()
		defer mu.Unlock()
		if answers[answer]++; wins {
			won++
			x.ack()
		}
	})
	x.note(name, fmt.Sprint(answers))
	if won != 1 {
		x.violate("%s: %d won by one code: %v", name, won, answers)
	}
	for answer, times := range answers {
		switch answer {
		case "0", "9002", "9003", "9010", "9015", "login 201", "login 401", "login 429", "login 503":
		default:
			x.violate("%s: %d times the answer %s", name, times, answer)
		}
	}
}
