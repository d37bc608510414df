package elcoin

import (
	"errors"
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// The words for errors, of RFC 6749 sections 4.1.2.1 and 5.2, of RFC 8628 section 3.5, and
// mfa_enrolment_required, which is ours. The two states mfa_required and mfa_code_required
// are the vendor's, and no errors.
var (
	invalidRequest          = dialect.Row{Status: http.StatusBadRequest, Code: "invalid_request"}
	invalidClient           = dialect.Row{Status: http.StatusUnauthorized, Code: "invalid_client", Text: "There is no such client, or its secret is wrong."}
	invalidGrant            = dialect.Row{Status: http.StatusBadRequest, Code: "invalid_grant", Text: "The name, the password, the code or the token is wrong."}
	invalidScope            = dialect.Row{Status: http.StatusOK, Code: "invalid_scope", Text: "Invalid scope."} // as the vendor's sample has it
	unsupportedGrantType    = dialect.Row{Status: http.StatusBadRequest, Code: "unsupported_grant_type"}
	unsupportedResponseType = dialect.Row{Status: http.StatusBadRequest, Code: "unsupported_response_type"}
	authorizationPending    = dialect.Row{Status: http.StatusBadRequest, Code: "authorization_pending", Text: "The device has not answered yet."}
	denied                  = dialect.Row{Status: http.StatusBadRequest, Code: "access_denied", Text: "The device said no."}
	accessDenied            = dialect.Row{Status: http.StatusForbidden, Code: "access_denied"}
	slowDown                = dialect.Row{Status: http.StatusTooManyRequests, Code: "slow_down"}
	enrolmentRequired       = dialect.Row{Status: http.StatusForbidden, Code: "mfa_enrolment_required"}
)

// oauthTable is how a code of the core is shown. Whatever was wrong with what somebody shows
// to prove who he is, one text says it (law 12).
var oauthTable = dialect.Table{
	authcore.CodeInternal:        {Status: http.StatusInternalServerError, Code: "server_error"},
	authcore.CodeInvalid:         invalidRequest,
	authcore.CodeUnauthenticated: invalidGrant,
	authcore.CodeStepUp:          accessDenied,
	authcore.CodeForbidden:       accessDenied,
	authcore.CodeNotFound:        {Status: http.StatusNotFound, Code: invalidRequest.Code},
	authcore.CodeConflict:        {Status: http.StatusConflict, Code: invalidRequest.Code},
	authcore.CodeThrottled:       slowDown,
	authcore.CodeUnavailable:     {Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable"},
}

// oauthReasons are those that say more here than their code does.
var oauthReasons = map[authcore.Reason]dialect.Row{
	authcore.ReasonIntegrator: invalidClient,
	authcore.ReasonOperation:  invalidScope,
	authcore.ReasonUnanswered: authorizationPending,
	authcore.ReasonDenied:     denied,
}

// oauthRefusal is a failure with a row of its own.
type oauthRefusal struct {
	dialect.Row
	err error
}

func (r *oauthRefusal) Error() string { return r.err.Error() }

// Unwrap gives the error of the core.
func (r *oauthRefusal) Unwrap() error { return r.err }

func refuse(row dialect.Row, format string, args ...any) error {
	return &oauthRefusal{row, authcore.Errorf(authcore.CodeInvalid, format, args...)}
}

var errScope = refuse(invalidScope, "%s", invalidScope.Text)

// oauthError is the short form: no envelope of the model is around it.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// failOAuth answers every error below /oauth/v2/.
func (e *Elcoin) failOAuth(w http.ResponseWriter, _ *http.Request, err error) {
	row := oauthTable.Find(w, err) // the headers too
	var refusal *oauthRefusal
	if errors.As(err, &refusal) {
		row.Status, row.Code = refusal.Status, refusal.Code
	} else if of, more := oauthReasons[authcore.ReasonOf(err)]; more {
		row = of
	}
	if e.Always200 {
		row.Status = http.StatusOK
	}
	if row.Status == http.StatusUnauthorized { // RFC 9110 section 15.5.2
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeOAuth(w, row.Status, oauthError{row.Code, row.Text})
}

// writeOAuth answers what no cache may keep (RFC 6749 section 5.1).
func writeOAuth(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Pragma", "no-cache")
	dialect.WriteJSON(w, status, answer)
}
