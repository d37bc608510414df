// Command caddy is a Caddy with Doorward in it: the standard modules and ours,
// as `xcaddy build` would make it. See xcaddy.json for a build with more in it.
package main

import (
	// The time zone database, so that zones work on a machine that has none.
	_ "time/tzdata"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/doorward/doorward/caddymodule"
)

func main() {
	caddycmd.Main()
}
