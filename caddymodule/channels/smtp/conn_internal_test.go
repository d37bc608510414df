package smtp

import (
	"strings"
	"testing"
)

// What "localhost" leads to is looked at when it is dialled.
func TestReadableOnlyOnThisMachine(t *testing.T) {
	for _, host := range []string{"192.0.2.1", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"} {
		conn, err := (&SMTP{host: host, port: 25, tls: "none"}).dial(t.Context())
		if err == nil {
			_ = conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "tls none is for this machine only") {
			t.Errorf("%s: %v", host, err)
		}
	}
}
