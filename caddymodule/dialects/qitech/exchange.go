package qitech

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// exchange is one request.
type exchange struct {
	*dialect.Call
	*QITech
	route
	actor authcore.Actor
}

func (q *QITech) serve(op operation, at route) func(http.ResponseWriter, *dialect.Call) error {
	return func(w http.ResponseWriter, c *dialect.Call) error {
		status, answer, err := op.serve(&exchange{Call: c, QITech: q, route: at})
		if err != nil {
			return err
		}
		dialect.WriteJSON(w, status, answer)
		return nil
	}
}

// WriteError answers with what is shown of an error.
func (*QITech) WriteError(w http.ResponseWriter, err error) {
	dialect.WriteJSON(w, http.StatusInternalServerError, map[string]any{})
}

func notYet(*exchange) (int, any, error) {
	return 0, nil, dialect.Refuse(http.StatusNotImplemented, "not built yet")
}

func create(x *exchange) (int, any, error)    { return notYet(x) }
func list(x *exchange) (int, any, error)      { return notYet(x) }
func show(x *exchange) (int, any, error)      { return notYet(x) }
func validate(x *exchange) (int, any, error)  { return notYet(x) }
func resend(x *exchange) (int, any, error)    { return notYet(x) }
func disable(x *exchange) (int, any, error)   { return notYet(x) }
func challenge(x *exchange) (int, any, error) { return notYet(x) }
func bind(x *exchange) (int, any, error)      { return notYet(x) }
