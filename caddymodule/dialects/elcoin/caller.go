package elcoin

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
)

// The headers that say which app calls.
const (
	sigHeader   = "X-App-Sig"
	keyHeader   = "X-App-Key"
	tsHeader    = "X-App-Ts"
	nonceHeader = "X-App-Nonce"
)

// errCaller is the answer to whoever shows nothing that can be read in one way alone.
var errCaller = authcore.Errorf(authcore.CodeUnauthenticated, "send X-App-Sig, and a token as Bearer")

// admit says who calls, by what is signed and by Authorization alone: a cookie, which a
// browser sends whatever page asks, proves nobody here.
//
//	X-App-Sig: SIG  Authorization: Bearer APP                   an app
//	X-App-Sig: SIG  Authorization: Bearer USER  X-App-Key: APP  a user, by an app
//
// What the app may not ask for, no user may through it.
func (x *exchange) admit(role string) (err error) {
	token, ok := bearer(x.Header)
	if !ok {
		x.logRefusal("it needs one Authorization, of the scheme Bearer")
		return errCaller
	}
	s, ok := readSignature(x.Call)
	if !ok {
		x.logRefusal("it needs X-App-Sig, and X-App-Ts with X-App-Nonce or neither, each once and in its form")
		return errCaller
	}
	knock := authcore.SharedKnock{Dialect: dialectName, Audience: x.Audience, From: x.Origin, Verify: x.verifier(s)}
	own := ofApp(token)
	if own {
		knock.Token = token
	} else {
		knock.Name = s.app
	}
	if x.actor, err = x.Core.Integrators.AdmitShared(x.Context(), knock); err != nil {
		return err
	}
	if !own { // or an unknown token would be told from a wrong signature by what is not allowed
		if x.user, err = x.Core.Gatekeeper.Authenticate(x.Context(), token, x.Audience); err != nil {
			return err
		}
	}
	if err = x.Core.Integrators.MayAsk(x.Context(), x.actor, role, x.Origin); err != nil {
		return err
	}
	x.caller = strings.TrimPrefix(x.actor.String(), "integrator:")
	if x.user != nil {
		x.actor, x.caller = authcore.ActingUser(x.user), x.user.Name
	}
	return nil
}

// logRefusal tells the operator what the caller is not told. The core, which keeps the audit
// trail, knows such a call only as a wrong signature, or never sees it.
func (x *exchange) logRefusal(why string) {
	x.log.Warn("a call is refused: "+why, zap.String("client_ip", x.Origin.Address), zap.String("request_id", x.Origin.RequestID))
}

// bearer reads the one Authorization of a request; its scheme is Bearer, in any case (RFC
// 9110 section 11.1).
func bearer(h http.Header) (token string, ok bool) {
	all := h["Authorization"]
	if len(all) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(all[0], " ")
	token = strings.TrimLeft(token, " ")
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// ofApp says which of the two kinds a token calls itself. Whether it is one, says the core.
func ofApp(token string) bool {
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	var header struct {
		Typ string `json:"typ"`
	}
	return err == nil && json.Unmarshal(raw, &header) == nil && header.Typ == "app+jwt"
}
