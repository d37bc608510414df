package elcoin

import (
	"mime"
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// exchange is one request of somebody who is known.
type exchange struct {
	*dialect.Call
	*Elcoin
	ref   string // what the path names: an id or a uid, as sent
	actor authcore.Actor
	// user is who shows a token of his own; nil: an app acts for itself.
	user *authcore.Principal
	// caller is the name that a record keeps of who made or changed it.
	caller string
}

// serve answers one request. Nothing of a body is looked at before it is known who asks, and
// that he may.
func (e *Elcoin) serve(handle handler, role, ref string) func(http.ResponseWriter, *dialect.Call) error {
	return func(w http.ResponseWriter, c *dialect.Call) error {
		if err := checkMedia(c); err != nil {
			return err
		}
		x := &exchange{Call: c, Elcoin: e, ref: ref}
		if err := x.admit(role); err != nil {
			return err
		}
		a, err := handle(x)
		if err != nil {
			return err
		}
		writeOK(w, a)
		return nil
	}
}

// checkMedia refuses a body that is not called JSON in UTF-8.
func checkMedia(c *dialect.Call) error {
	if len(c.Body) == 0 {
		return nil
	}
	media, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	charset, named := params["charset"]
	if c.Header.Get("Content-Encoding") != "" || err != nil || media != "application/json" || named && !strings.EqualFold(charset, "utf-8") {
		return dialect.Refuse(http.StatusUnsupportedMediaType, "send the body as application/json in UTF-8, not compressed")
	}
	return nil
}

func invalid(format string, args ...any) error {
	return authcore.Errorf(authcore.CodeInvalid, format, args...)
}
