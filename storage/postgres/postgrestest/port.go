package postgrestest

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// FreePort finds a port that nobody listens on, below those that the system
// gives to outgoing connections: one of them would take it before the server
// that is meant to listen there starts.
func FreePort() (int, error) {
	for range 100 {
		port := 12000 + rand.IntN(20000)
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, fmt.Errorf("no port is free")
}
