package integration

import (
	"encoding/json"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	parser "github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(concierge{}) }

// concierge is a dialect that integrators call. It lists the users and the devices
// that they see.
type concierge struct{}

func (concierge) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects.concierge", New: func() caddy.Module { return new(concierge) }}
}

func (concierge) UnmarshalCaddyfile(*parser.Dispenser) error { return nil }

func (concierge) Operations() []string { return []string{"list_users", "list_devices"} }

func (concierge) Route(_, path string) (dialect.Route, bool) {
	return dialect.Route{Name: "concierge", Serve: answerConcierge}, path == "/concierge"
}

// errand is what an integrator sends to the concierge.
type errand struct{ Name, Key, Operation string }

func answerConcierge(w http.ResponseWriter, c *dialect.Call) error {
	var e errand
	if err := json.Unmarshal(c.Body, &e); err != nil {
		return authcore.Wrap(authcore.CodeInvalid, err, "not JSON")
	}
	actor, err := c.Core.Integrators.Admit(c.Context(), authcore.Knock{
		Dialect: "concierge", Name: e.Name, Key: e.Key, Operation: e.Operation, From: c.Origin,
	})
	if err != nil {
		return err
	}
	seen := []string{actor.String()}
	if e.Operation == "list_devices" {
		devices, err := c.Core.Devices.List(c.Context(), actor, "")
		if err != nil {
			return err
		}
		for _, d := range devices {
			seen = append(seen, d.Serial)
		}
	} else {
		users, err := c.Core.Users.List(c.Context(), actor)
		if err != nil {
			return err
		}
		for _, u := range users {
			seen = append(seen, u.Name)
		}
	}
	dialect.WriteJSON(w, http.StatusOK, seen)
	return nil
}

func (concierge) WriteError(w http.ResponseWriter, err error) {
	status := map[authcore.Code]int{
		authcore.CodeUnauthenticated: http.StatusUnauthorized, authcore.CodeForbidden: http.StatusForbidden,
		authcore.CodeThrottled: http.StatusTooManyRequests, authcore.CodeInvalid: http.StatusBadRequest,
	}[authcore.CodeOf(err)]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	http.Error(w, authcore.MessageOf(err), status)
}

// ask sends an errand, as from an address.
func (d *door) ask(e errand, from string) (status int, text string) {
	d.t.Helper()
	body, err := json.Marshal(e)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.post("/concierge", string(body), "X-Forwarded-For", from, "X-Forwarded-Proto", "https")
}

var (
	_ dialect.Dialect    = concierge{}
	_ dialect.Integrated = concierge{}
)
