// Package rabbitmqtest starts throw-away RabbitMQ brokers for tests: real ones, with the
// plugin rabbitmq_stomp, that can be killed and started again.
package rabbitmqtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-stomp/stomp/v3"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// Who may log in, to the virtual host "/". A colon is what STOMP has to escape.
const (
	Login    = "door"
	Passcode = "open:sesame"
)

// program is the script of the package itself: Debian's own before it wants to be root or
// the user rabbitmq, and one node for the machine.
const program = "/usr/lib/rabbitmq/bin/rabbitmq-server"

// Broker is one node with a folder and a port mapper (epmd) of its own.
type Broker struct {
	Dir          string // the certificate's authority is in Dir/ca.pem
	Port         int    // of STOMP on 127.0.0.1
	TLSPort      int    // of STOMP over TLS, as localhost and 127.0.0.1
	env          []string
	node, mapper *exec.Cmd
	as           *syscall.Credential // nil: as we are
}

// New makes a broker and starts it, for a TestMain; Close ends it.
func New() (*Broker, error) {
	dir, err := os.MkdirTemp("", "dwmq")
	if err != nil {
		return nil, err
	}
	b := &Broker{Dir: dir}
	if err = b.configure(); err == nil {
		err = b.Run()
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *Broker) configure() error {
	if _, err := os.Stat(program); err != nil {
		return errors.New("RabbitMQ is missing: apt-get install rabbitmq-server")
	}
	var ports [4]int
	for i := range ports {
		var err error
		if ports[i], err = postgrestest.FreePort(); err != nil {
			return err
		}
	}
	b.Port, b.TLSPort = ports[0], ports[1]
	if err := b.certify(); err != nil {
		return err
	}
	in := func(name string) string { return filepath.Join(b.Dir, name) }
	files := map[string]string{
		"enabled_plugins": "[rabbitmq_stomp].\n",
		"advanced.config": "[].\n",
		"rabbitmq.conf": strings.Join([]string{
			"listeners.tcp = none",
			fmt.Sprintf("stomp.listeners.tcp.1 = 127.0.0.1:%d", b.Port),
			fmt.Sprintf("stomp.listeners.ssl.1 = 127.0.0.1:%d", b.TLSPort),
			"ssl_options.cacertfile = " + in("ca.pem"),
			"ssl_options.certfile = " + in("server.crt"),
			"ssl_options.keyfile = " + in("server.key"),
			"ssl_options.versions.1 = tlsv1.2",
			"default_user = " + Login,
			"default_pass = " + Passcode,
		}, "\n") + "\n",
	}
	for name, text := range files {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	b.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.Dir, "LANG=C.UTF-8",
		"ERL_EPMD_ADDRESS=127.0.0.1", fmt.Sprintf("ERL_EPMD_PORT=%d", ports[2]),
		fmt.Sprintf("RABBITMQ_NODENAME=door%d@localhost", b.Port), fmt.Sprintf("RABBITMQ_DIST_PORT=%d", ports[3]),
		"RABBITMQ_CONFIG_FILE=" + in("rabbitmq.conf"), "RABBITMQ_ADVANCED_CONFIG_FILE=" + in("advanced.config"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + in("enabled_plugins"), "RABBITMQ_CONF_ENV_FILE=" + in("none"),
		"RABBITMQ_MNESIA_BASE=" + in("mnesia"), "RABBITMQ_LOG_BASE=" + in("log"), "RABBITMQ_LOGS=-",
		// So that the script becomes the broker, and to kill the one is to kill the other.
		"RABBITMQ_ALLOW_INPUT=1", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-noinput +S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
	}
	return b.give()
}

// give makes the folder somebody's who is not root, as a broker's is.
func (b *Broker) give() error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"rabbitmq", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		b.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return filepath.WalkDir(b.Dir, func(path string, _ os.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(path, int(uid), int(gid)))
		})
	}
	return nil
}

// Run starts the broker, or starts it again after Kill, on the same ports and with what it
// has stored, and waits until it takes a login.
func (b *Broker) Run() error {
	if b.mapper == nil { // the node would start one that stays
		port := strings.TrimPrefix(b.env[4], "ERL_EPMD_PORT=")
		cmd, err := b.start("epmd", "-port", port, "-address", "127.0.0.1")
		if err != nil {
			return err
		}
		b.mapper = cmd
	}
	node, err := b.start(program)
	if err != nil {
		return err
	}
	b.node = node
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-tick.C {
		c, err := b.dial()
		if err == nil {
			return c.Disconnect()
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(b.Dir, "out"))
			return fmt.Errorf("RabbitMQ does not start:\n%s", log)
		}
	}
}

func (b *Broker) start(name string, args ...string) (*exec.Cmd, error) {
	out, err := os.OpenFile(filepath.Join(b.Dir, "out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = b.Dir, b.env, out, out
	// It goes when the test that started it dies.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.as, Pdeathsig: syscall.SIGKILL}
	return cmd, cmd.Start()
}

func (b *Broker) dial() (*stomp.Conn, error) {
	return stomp.Dial("tcp", b.Address(), stomp.ConnOpt.Login(Login, Passcode), stomp.ConnOpt.Host("/"),
		stomp.ConnOpt.HeartBeat(0, 0), stomp.ConnOpt.Logger(quiet{}))
}

// Address is that of STOMP without TLS.
func (b *Broker) Address() string { return fmt.Sprintf("127.0.0.1:%d", b.Port) }

// TLSAddress is that of STOMP over TLS.
func (b *Broker) TLSAddress() string { return fmt.Sprintf("localhost:%d", b.TLSPort) }

// Dial connects as a device would. The connection ends with the test.
func (b *Broker) Dial(t testing.TB) *stomp.Conn {
	t.Helper()
	c, err := b.dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.MustDisconnect() })
	return c
}

// Kill ends it with kill -9, as when its machine dies.
func (b *Broker) Kill() { end(b.node) }

// Close ends the broker at once and removes its folder.
func (b *Broker) Close() {
	end(b.node)
	end(b.mapper)
	if err := os.RemoveAll(b.Dir); err != nil {
		panic(err)
	}
}

func end(cmd *exec.Cmd) {
	if cmd != nil && cmd.Process != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// quiet is the log of the library, which is about connections that the tests cut.
type quiet struct{}

func (quiet) Debugf(string, ...any)   {}
func (quiet) Infof(string, ...any)    {}
func (quiet) Warningf(string, ...any) {}
func (quiet) Errorf(string, ...any)   {}
func (quiet) Debug(string)            {}
func (quiet) Info(string)             {}
func (quiet) Warning(string)          {}
func (quiet) Error(string)            {}
