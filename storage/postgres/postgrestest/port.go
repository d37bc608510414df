package postgrestest

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
)

// tried counts the ports that FreePort looked at.
var tried atomic.Int64

// FreePort finds a port that nobody listens on, below those that the system
// gives to outgoing connections: one of them would take it before the server
// that is meant to listen there starts. Each process begins elsewhere.
func FreePort() (int, error) {
	for range 100 {
		port := 12000 + (os.Getpid()*97+int(tried.Add(1)))%20000
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, fmt.Errorf("no port is free")
}
