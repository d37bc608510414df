package qitech

import (
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// exchange is one request of somebody who is known.
type exchange struct {
	*dialect.Call
	*QITech
	place
	actor authcore.Actor
	// user is who shows a token of ours; nil: it is an integrator.
	user *authcore.Principal
}

// serve answers one request. Nothing of a body is looked at, and no account is told from
// another, before it is known who asks.
func (q *QITech) serve(handle handler, at place) func(http.ResponseWriter, *dialect.Call) error {
	return func(w http.ResponseWriter, c *dialect.Call) error {
		if err := checkMedia(c.Header); err != nil {
			return err
		}
		x := &exchange{Call: c, QITech: q, place: at}
		if err := x.admit(); err != nil {
			return err
		}
		if err := x.checkPath(); err != nil {
			return err
		}
		status, answer, err := handle(x)
		if err != nil {
			return err
		}
		dialect.WriteJSON(w, status, answer)
		return nil
	}
}

var (
	// uuid is one of any version, as an account's is, uuid4 one of version 4 and the
	// variant of RFC 9562 section 4.1; in any case.
	uuid  = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	uuid4 = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$`)
)

func (x *exchange) checkPath() error {
	if !uuid.MatchString(x.account) {
		return invalid("the account_key in the path must be a UUID")
	}
	if x.device != "" && !uuid.MatchString(x.device) {
		return invalid("the device_key in the path must be a UUID")
	}
	return nil
}

// ref names the device of the path to the core.
func (x *exchange) ref() authcore.DeviceRef {
	return authcore.DeviceRef{Account: x.account, Key: x.device, From: x.Origin}
}

// checkMedia refuses what can't be JSON in UTF-8. Its name does not matter.
func checkMedia(h http.Header) error {
	_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, named := params["charset"]
	if h.Get("Content-Encoding") != "" || err == nil && named && !strings.EqualFold(charset, "utf-8") {
		return dialect.Refuse(http.StatusUnsupportedMediaType, "send the body as application/json in UTF-8, not compressed")
	}
	return nil
}

func invalid(format string, args ...any) error {
	return authcore.Errorf(authcore.CodeInvalid, format, args...)
}
