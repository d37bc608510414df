package stomp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/authcore"
)

func least(n, want int64) error {
	if n < want {
		return fmt.Errorf("%d, want %d", n, want)
	}
	return nil
}

// Over TLS the broker shows a certificate of the authority that was named, for the name
// that was named; and it knows who we are. Else nothing is sent.
func TestBrokerLogin(t *testing.T) {
	ca := filepath.Join(broker().Dir, "ca.pem")
	foreign, err := os.ReadFile("testdata/foreign.pem")
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(other, foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	const login = "login door {env.BROKER_PASSCODE}\n"
	over := func(host string) string { return fmt.Sprintf("server tls://%s:%d\n", host, broker().TLSPort) }
	plain := "server tcp://" + broker().Address() + "\n"
	for _, c := range []struct {
		name, block string
		words       string // empty: it works
	}{
		{"over TLS", over("localhost") + login + "ca " + ca, ""},
		{"another name", over("127.0.0.2") + login + "ca " + ca, "127.0.0.2"},
		{"another authority", over("localhost") + login + "ca " + other, "certificate"},
		{"the system's authorities", over("localhost") + login, "certificate"},
		{"the wrong passcode", plain + "login door sesame", "it refuses the connection: its login, its passcode or the virtual host are wrong"},
		{"nobody's name", plain + "login sesame sesame", "it refuses the connection"},
		{"another virtual host", plain + login + "host elsewhere", "it refuses the connection"},
		{"no TLS where it is wanted", fmt.Sprintf("server tcp://127.0.0.1:%d\n", broker().TLSPort) + login + "timeout 2s", "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, _ := channel(t, c.block)
			err := ask(t, l, fresh("alice"), "eyJ")
			if c.words == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, authcore.CodeUnavailable, c.words)
		})
	}
}
