package portal

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/doorward/doorward/caddymodule/app"
)

// Options are the words that ParseOption knows.
func (*Portal) Options() []string { return []string{"audience"} }

// ParseOption reads one option of a block, at its word. known is false when the
// word is not the portal's.
func (p *Portal) ParseOption(h httpcaddyfile.Helper) (known bool, err error) {
	if h.Val() != "audience" {
		return false, nil
	}
	return true, app.ParseAudience(h.Dispenser, &p.Audience)
}
