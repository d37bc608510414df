package qitech

import (
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// clientKey is the header that names an integrator, by its ID.
const clientKey = "Api-Client-Key"

// errCaller is the answer to whoever shows nothing that can be read in one way alone.
var errCaller = authcore.Errorf(authcore.CodeUnauthenticated, "send API-CLIENT-KEY and a signed AUTHORIZATION, or a token of ours as Bearer")

// admit says who calls, by Authorization alone: a cookie, which a browser sends whatever
// page asks, proves nobody here.
//
//	API-CLIENT-KEY: ID   AUTHORIZATION: JWT          an integrator who signs
//	API-CLIENT-KEY: ID   Authorization: Bearer KEY   an integrator with a key
//	                     Authorization: Bearer JWT   a user, with a token of ours
func (x *exchange) admit() (err error) {
	authorization, bearer, ok := credentials(x.Header)
	ids, named := x.Header[clientKey]
	switch {
	case !ok || named && (len(ids) != 1 || ids[0] == ""):
		return errCaller
	case named && bearer:
		x.actor, err = x.Core.Integrators.Admit(x.Context(), authcore.Knock{
			Dialect: dialectName, Name: ids[0], Key: authorization, Later: true, From: x.Origin,
		})
	case named:
		x.actor, err = x.Core.Integrators.AdmitSigned(x.Context(), authcore.SignedKnock{
			Dialect: dialectName, ID: ids[0], From: x.Origin, Verify: x.verifier(authorization),
		})
	case bearer:
		x.user, err = x.Core.Gatekeeper.Authenticate(x.Context(), authorization, x.Audience)
		x.actor = authcore.ActingUser(x.user)
	default: // signed by nobody who is named
		return errCaller
	}
	return err
}

// credentials reads the one Authorization of a request, and whether its scheme is Bearer,
// in any case (RFC 9110 section 11.1). Without a scheme it is a signed call.
func credentials(h http.Header) (value string, bearer, ok bool) {
	all := h["Authorization"]
	if len(all) != 1 || all[0] == "" {
		return "", false, false
	}
	scheme, rest, found := strings.Cut(all[0], " ")
	if !found {
		return all[0], false, true
	}
	rest = strings.TrimLeft(rest, " ")
	return rest, true, strings.EqualFold(scheme, "Bearer") && rest != ""
}
