package elcoin

import (
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// oauthRoot is where the logins are.
const oauthRoot = "/oauth/v2/"

// oauthStep is one call of a login.
type oauthStep struct {
	// needs are the fields that must be there, as the vendor marks them.
	needs []string
	take  func(x *oauthCall) (answer any, err error)
}

var oauthSteps = map[string]oauthStep{
	"login": {[]string{
		"client_id", "client_timezone", "ip", "password", "redirect_uri", "response_type", "scope", "source_system", "state", "username",
	}, login},
	"challenge": {[]string{"challenge_type", "mfa_token", "response_type", "state", "client_timezone"}, challenge},
	"token":     {[]string{"grant_type"}, token},
	"passwordRestore": {[]string{
		"client_id", "client_timezone", "redirect_uri", "response_type", "scope", "source_system", "state", "username",
	}, restore},
	"passwordRestoreVerification": {[]string{"code", "grant_type", "mfa_token", "response_type", "scope", "state"}, verifyRestore},
	"passwordRestoreReset":        {[]string{"client_timezone", "ip", "response_type", "source_system"}, resetPassword},
}

// oauthRoute knows whatever is below /oauth/v2/, served or not: who missed by a letter may
// have sent a password, which no app may get.
func (e *Elcoin) oauthRoute(method, path string) (dialect.Route, bool) {
	name, ok := strings.CutPrefix(path, e.Prefix+oauthRoot)
	if !ok {
		return dialect.Route{}, false
	}
	route := dialect.Route{Name: dialectName + oauthRoot + name, Fail: e.failOAuth}
	switch step, known := oauthSteps[name]; {
	case !known:
		route.Name, route.Serve = dialectName+oauthRoot+"…", nothingHere
	case method != http.MethodPost:
		route.Serve = wrongMethod([]string{http.MethodPost})
	default:
		route.Serve = step.serve
	}
	return route, true
}

// oauthCall is one request below /oauth/v2/. ip, client_timezone, source_system and
// redirect_uri are taken and not looked at: the address of a client is Caddy's (law 9), and
// nobody is redirected.
type oauthCall struct {
	*dialect.Call
	fields dialect.Fields
}

func (s oauthStep) serve(w http.ResponseWriter, c *dialect.Call) error {
	fields, err := oauthFields(c)
	if err != nil {
		return err
	}
	x := &oauthCall{c, fields}
	if err := x.need(s.needs...); err != nil {
		return err
	}
	if err := x.checkResponseType(); err != nil {
		return err
	}
	answer, err := s.take(x)
	if err != nil {
		return err
	}
	writeOAuth(w, http.StatusOK, answer)
	return nil
}

// client is the app that client_id names. It shows no secret here, as what runs in a browser
// can't keep one (RFC 6749 section 2.1): whoever knows the name may call.
func (x *oauthCall) client() (authcore.Actor, error) {
	return x.Core.Integrators.AdmitShared(x.Context(), authcore.SharedKnock{
		Dialect: dialectName, Name: x.fields.Get("client_id"), Audience: x.Audience, From: x.Origin, Unsigned: true,
	})
}

// checkClient refuses a client_id that is none; it may be left out.
func (x *oauthCall) checkClient() error {
	if x.fields.Get("client_id") == "" {
		return nil
	}
	_, err := x.client()
	return err
}

func (x *oauthCall) attempt() authcore.Attempt {
	return authcore.Attempt{
		Audience: x.Audience, ClientID: dialectName, From: x.Origin, Language: x.Header.Get("Accept-Language"), Device: x.Device,
	}
}
