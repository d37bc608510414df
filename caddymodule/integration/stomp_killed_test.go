package integration

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-stomp/stomp/v3"

	"github.com/doorward/doorward/authcore"
)

// behindBroker is a gateway as a process, over a database that can be frozen. Its user has
// one device, which listens at a broker.
type behindBroker struct {
	*server
	config, database, answers string
	device                    *listening
	conn                      *stomp.Conn
}

func openBehindBroker(t *testing.T, name string) *behindBroker {
	t.Helper()
	b, dir := oneBroker(t), shortDir(t)
	app := newBackend(t, nil)
	g := &behindBroker{database: dir + "/doorward.db", answers: "/queue/answers-" + name}
	config := caddyfile(throughBroker(t, b, g.answers), "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	g.config = strings.Replace(config, "store sqlite", "store faulty", 1)
	g.server = startServer(t, dir, g.config)
	g.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the browser follows, with its cookies
	g.enrol()
	g.device = &listening{askedDevice: g.addAsked("stomp", "/queue/phone-"+name)}
	g.conn = g.device.connect(b, "/queue/phone-"+name)
	return g
}

// kill ends the gateway as the loss of its machine does.
func (g *behindBroker) kill() {
	g.t.Helper()
	if code := g.signal(syscall.SIGKILL); code == 0 {
		g.t.Error("it was not killed")
	}
	g.client.CloseIdleConnections()
}

// again starts the gateway on what the one before has left.
func (g *behindBroker) again() {
	g.t.Helper()
	before := g.door
	g.server = startServer(g.t, g.Dir, g.config)
	g.door = before
}

// asked is a login that waits, and the yes that it waits for.
func (g *behindBroker) asked() (saying signingIn, yes string) {
	g.t.Helper()
	saying = g.asks()
	return saying, g.device.says(g.device.verify(g.device.next()), "yes")
}

// awaitRefusal waits until an answer could not be taken.
func (g *behindBroker) awaitRefusal() {
	g.t.Helper()
	pollUntil(g.t, 30*time.Second, "the answer is there and can't be taken", func() bool {
		return strings.Contains(g.log.String(), "an answer can't be taken")
	})
}

// wantTaken ends the gateway and holds its audit trail against how many answers there were.
func (g *behindBroker) wantTaken(want int) {
	g.t.Helper()
	if code := g.signal(syscall.SIGTERM); code != 0 {
		g.t.Errorf("the exit code is %d, want 0", code)
	}
	taken := 0
	for _, e := range audit(g.t, g.database) {
		if e.Action == "device.answer" && e.Outcome == authcore.OutcomeOK && e.DeviceID == g.device.ID {
			taken++
		}
	}
	if taken != want {
		g.t.Errorf("%d answers were taken, want %d", taken, want)
	}
}

// What no gateway has acknowledged waits at the broker: an answer that came while the
// gateway was dead, and one that a gateway had, and could not take, when it was killed. The
// gateway that starts on the same store takes it once, and the login that waits in a
// browser ends by it.
func TestAnswersOutliveTheGateway(t *testing.T) {
	g := openBehindBroker(t, "outliving")
	saying, yes := g.asked()
	g.kill()
	reply(t, g.conn, g.answers, yes)
	g.again()
	saying.enters()

	saying, yes = g.asked()
	thaw := freeze(t, g.database)
	reply(t, g.conn, g.answers, yes)
	g.awaitRefusal()
	g.kill()
	thaw()
	g.again()
	saying.enters()
	g.wantTaken(2)
}

// An answer that comes while the database is away goes back to the broker, and counts once
// when it comes again.
func TestAnswerWhileTheStoreIsAway(t *testing.T) {
	g := openBehindBroker(t, "later")
	saying, yes := g.asked()
	thaw := freeze(t, g.database)
	reply(t, g.conn, g.answers, yes)
	g.awaitRefusal()
	thaw()
	pollUntil(t, 15*time.Second, "the database is back", func() bool { return g.path("/.doorward/ready")() == http.StatusOK })
	saying.enters()
	g.wantTaken(1)
}
