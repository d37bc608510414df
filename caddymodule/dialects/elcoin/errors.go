package elcoin

import (
	"errors"
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// Codes, of which the vendor prints the first.
const (
	recordNotFound = "RECORD-NOT-FOUND"
	noClient       = "CLIENT-NOT-FOUND"
	validation     = "ERROR-VALIDATION"
	unauthorized   = "ERROR-UNAUTHORIZED"
	loginAgain     = "ERROR-LOGIN-AGAIN"
	forbidden      = "ERROR-FORBIDDEN"
	conflict       = "ERROR-CONFLICT"
	recordChanged  = "ERROR-RECORD-CHANGED"
	fieldFixed     = "ERROR-FIELD-FIXED"
	loginInUse     = "ERROR-LOGIN-IN-USE"
	tooMany        = "ERROR-TOO-MANY-REQUESTS"
	unavailable    = "ERROR-UNAVAILABLE"
	internal       = "ERROR-INTERNAL"
	nothing        = "ERROR-NOT-FOUND"
	wrongMethodIs  = "ERROR-METHOD"
	tooLarge       = "ERROR-TOO-LARGE"
	mediaType      = "ERROR-MEDIA-TYPE"
	tooSlow        = "ERROR-TIMEOUT"
)

// bare are the codes that say all there is to say: whose record is not found, or who is not
// known, learns nothing more.
var bare = map[string]bool{recordNotFound: true, noClient: true, unauthorized: true, internal: true}

// What is wrong with a record is told with 200, as the vendor does; what is wrong with who
// calls, or with us, has a status of HTTP too.
var (
	ofRecord = func(code string) dialect.Row { return dialect.Row{Status: http.StatusOK, Code: code} }
	notKnown = dialect.Row{Status: http.StatusUnauthorized, Code: unauthorized}
	mayNot   = dialect.Row{Status: http.StatusForbidden, Code: forbidden}
	slower   = dialect.Row{Status: http.StatusTooManyRequests, Code: tooMany}
)

// rows are how what the core tells more about is shown.
var rows = map[authcore.Reason]dialect.Row{
	authcore.ReasonIntegrator:   notKnown,
	authcore.ReasonOperation:    mayNot,
	authcore.ReasonRate:         slower,
	authcore.ReasonNoUser:       ofRecord(noClient),
	authcore.ReasonUserTaken:    ofRecord(loginInUse),
	authcore.ReasonUserDisabled: ofRecord(conflict),
	authcore.ReasonNoAddress:    ofRecord(conflict),
	authcore.ReasonUndelivered:  ofRecord(conflict),
	authcore.ReasonNoDevice:     ofRecord(recordNotFound),
	authcore.ReasonNone:         ofRecord(recordNotFound),
	authcore.ReasonInactive:     ofRecord(conflict),
	authcore.ReasonSerial:       ofRecord(validation),
	authcore.ReasonSerialTaken:  ofRecord(conflict),
	authcore.ReasonAssigned:     ofRecord(conflict),
	authcore.ReasonDrift:        ofRecord(validation),
	authcore.ReasonPaused:       ofRecord(conflict),
	authcore.ReasonStale:        ofRecord(recordChanged),
	authcore.ReasonFixed:        ofRecord(fieldFixed),
	// Nothing that is asked for here has these.
	authcore.ReasonWrongSecret:   notKnown,
	authcore.ReasonMalformedCode: ofRecord(validation),
	authcore.ReasonWrongCode:     ofRecord(validation),
	authcore.ReasonReplayed:      ofRecord(conflict),
	authcore.ReasonExpired:       ofRecord(conflict),
	authcore.ReasonTries:         ofRecord(conflict),
	authcore.ReasonUnanswered:    ofRecord(conflict),
	authcore.ReasonDenied:        mayNot,
	authcore.ReasonNoAccount:     ofRecord(recordNotFound),
	authcore.ReasonAccountClosed: ofRecord(conflict),
	authcore.ReasonHub:           ofRecord(conflict),
	authcore.ReasonRequester:     mayNot,
	authcore.ReasonApprover:      mayNot,
	authcore.ReasonClientDevice:  mayNot,
}

// table is how a code of the core without a reason is shown.
var table = dialect.Table{
	authcore.CodeInternal:        {Status: http.StatusInternalServerError, Code: internal},
	authcore.CodeInvalid:         ofRecord(validation),
	authcore.CodeUnauthenticated: notKnown,
	authcore.CodeStepUp:          {Status: http.StatusForbidden, Code: loginAgain},
	authcore.CodeForbidden:       mayNot,
	authcore.CodeNotFound:        ofRecord(recordNotFound),
	authcore.CodeConflict:        ofRecord(conflict),
	authcore.CodeThrottled:       slower,
	authcore.CodeUnavailable:     {Status: http.StatusServiceUnavailable, Code: unavailable},
}

// refused are the codes of what HTTP refuses before the dialect has its say.
var refused = map[int]string{
	http.StatusNotFound:              nothing,
	http.StatusMethodNotAllowed:      wrongMethodIs,
	http.StatusForbidden:             forbidden,
	http.StatusRequestTimeout:        tooSlow,
	http.StatusRequestEntityTooLarge: tooLarge,
	http.StatusUnsupportedMediaType:  mediaType,
}

// find gives how err is shown, and sets the headers that go with it.
func find(w http.ResponseWriter, err error) dialect.Row {
	row := table.Find(w, err)
	var transport *dialect.StatusError
	switch of, known := rows[authcore.ReasonOf(err)]; {
	case errors.As(err, &transport):
		row.Code = validation
		if code := refused[transport.Status]; code != "" {
			row.Code = code
		}
	case known:
		row.Status, row.Code = of.Status, of.Code
	}
	return row
}
