// Command stock is Caddy with its standard modules alone, built like ours: what
// bench compares start-up, size and memory with.
package main

import (
	_ "time/tzdata" // as in cmd/caddy, so that sizes compare

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

func main() {
	caddycmd.Main()
}
