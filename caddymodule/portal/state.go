package portal

import (
	"fmt"
	"net/http"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// state are the routes for programs: the keys that verify tokens (RFC 7517), and
// whether the gateway answers and can decide.
var state = map[string]func(*Portal, http.ResponseWriter, *http.Request){
	"jwks.json": (*Portal).jwks, "health": health, "ready": (*Portal).ready,
}

func (p *Portal) jwks(w http.ResponseWriter, r *http.Request) {
	core, err := p.app.Core(r.Context())
	var set []byte
	if err == nil {
		set, err = core.Keys.JWKS()
	}
	if err != nil {
		away(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(authcore.JWKSMaxAge/time.Second)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(set)
}

func health(_ *Portal, w http.ResponseWriter, _ *http.Request) {
	dialect.WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (p *Portal) ready(w http.ResponseWriter, r *http.Request) {
	core, err := p.app.Core(r.Context())
	remark := ""
	if err == nil {
		remark, err = core.Ready()
	}
	if err != nil {
		away(w, err)
		return
	}
	answer := map[string]string{"status": "ok"}
	if remark != "" {
		answer["remark"] = remark
	}
	dialect.WriteJSON(w, http.StatusOK, answer)
}

func away(w http.ResponseWriter, err error) {
	w.Header().Set("Retry-After", "1")
	dialect.WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"status": authcore.MessageOf(err)})
}
