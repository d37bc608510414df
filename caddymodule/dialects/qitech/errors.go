package qitech

import (
	"errors"
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// Codes of ours: what the vendor prints no code for.
const (
	unauthorized     = "unauthorized"
	forbidden        = "forbidden"
	notFound         = "not_found"
	methodNotAllowed = "method_not_allowed"
	conflict         = "conflict"
	tooMany          = "too_many_requests"
	internal         = "internal"
	unavailable      = "unavailable"
)

// schemaError is the vendor's for whatever is wrong with a request.
const schemaError = "QIT000001"

// wrongToken has one zero more than its neighbours: so it is printed.
const wrongToken = "OBD0000100"

// rows are how what the core tells more about is shown.
var rows = map[authcore.Reason]dialect.Row{
	authcore.ReasonIntegrator:    {Status: http.StatusUnauthorized, Code: unauthorized},
	authcore.ReasonOperation:     {Status: http.StatusForbidden, Code: forbidden}, // OBD000094 of create
	authcore.ReasonRate:          {Status: http.StatusTooManyRequests, Code: tooMany},
	authcore.ReasonNoAccount:     {Status: http.StatusNotFound, Code: "OBD000002"},
	authcore.ReasonAccountClosed: {Status: http.StatusBadRequest, Code: "OBD000088"},
	authcore.ReasonHub:           {Status: http.StatusBadRequest, Code: "OBD000089"},
	authcore.ReasonApprover:      {Status: http.StatusForbidden, Code: "OBD000090"},
	authcore.ReasonRequester:     {Status: http.StatusNotFound, Code: "OBD000093"},
	authcore.ReasonNoAddress:     {Status: http.StatusBadRequest, Code: "OBD000097"},
	authcore.ReasonUndelivered:   {Status: http.StatusBadRequest, Code: "OBD000097"},
	authcore.ReasonPaused:        {Status: http.StatusBadRequest, Code: "OBD000097"},
	authcore.ReasonTries:         {Status: http.StatusBadRequest, Code: "OBD000099"},
	authcore.ReasonNoDevice:      {Status: http.StatusNotFound, Code: "OBD000100"},
	authcore.ReasonWrongCode:     {Status: http.StatusBadRequest, Code: wrongToken},
	authcore.ReasonMalformedCode: {Status: http.StatusBadRequest, Code: wrongToken},
	authcore.ReasonReplayed:      {Status: http.StatusBadRequest, Code: wrongToken},
	authcore.ReasonExpired:       {Status: http.StatusBadRequest, Code: wrongToken},
	authcore.ReasonInactive:      {Status: http.StatusConflict, Code: conflict},
	authcore.ReasonClientDevice:  {Status: http.StatusForbidden, Code: forbidden},
	// Nothing that is asked for here has these.
	authcore.ReasonNoUser:       {Status: http.StatusNotFound, Code: notFound},
	authcore.ReasonNone:         {Status: http.StatusNotFound, Code: notFound},
	authcore.ReasonUserTaken:    {Status: http.StatusConflict, Code: conflict},
	authcore.ReasonSerialTaken:  {Status: http.StatusConflict, Code: conflict},
	authcore.ReasonAssigned:     {Status: http.StatusConflict, Code: conflict},
	authcore.ReasonUserDisabled: {Status: http.StatusForbidden, Code: forbidden},
	authcore.ReasonWrongSecret:  {Status: http.StatusUnauthorized, Code: unauthorized},
	authcore.ReasonSerial:       {Status: http.StatusBadRequest, Code: schemaError},
	authcore.ReasonDrift:        {Status: http.StatusBadRequest, Code: schemaError},
	authcore.ReasonUnanswered:   {Status: http.StatusConflict, Code: conflict},
	authcore.ReasonDenied:       {Status: http.StatusForbidden, Code: forbidden},
	authcore.ReasonStale:        {Status: http.StatusConflict, Code: conflict},
	authcore.ReasonFixed:        {Status: http.StatusConflict, Code: conflict},
}

// table is how a code of the core without a reason is shown.
var table = dialect.Table{
	authcore.CodeInternal:        {Status: http.StatusInternalServerError, Code: internal},
	authcore.CodeInvalid:         {Status: http.StatusBadRequest, Code: schemaError},
	authcore.CodeUnauthenticated: {Status: http.StatusUnauthorized, Code: unauthorized},
	authcore.CodeStepUp:          {Status: http.StatusForbidden, Code: forbidden},
	authcore.CodeForbidden:       {Status: http.StatusForbidden, Code: forbidden},
	authcore.CodeNotFound:        {Status: http.StatusNotFound, Code: notFound},
	authcore.CodeConflict:        {Status: http.StatusConflict, Code: conflict},
	authcore.CodeThrottled:       {Status: http.StatusTooManyRequests, Code: tooMany},
	authcore.CodeUnavailable:     {Status: http.StatusServiceUnavailable, Code: unavailable},
}

// refused are the codes of what HTTP refuses before the dialect has its say.
var refused = map[int]string{
	http.StatusNotFound:         notFound,
	http.StatusMethodNotAllowed: methodNotAllowed,
	http.StatusForbidden:        forbidden,
}

// failure is an error of which the vendor's code is known where it is found.
type failure struct {
	dialect.Row
	err error
}

func (f *failure) Error() string { return f.err.Error() }

// Unwrap gives the error of the core.
func (f *failure) Unwrap() error { return f.err }

// find gives how err is shown, and sets the headers that go with it.
func find(w http.ResponseWriter, err error) dialect.Row {
	row := table.Find(w, err)
	var f *failure
	var transport *dialect.StatusError
	switch of, known := rows[authcore.ReasonOf(err)]; {
	case errors.As(err, &f):
		row.Status, row.Code = f.Status, f.Code
	case errors.As(err, &transport):
		row.Code = schemaError
		if code := refused[transport.Status]; code != "" {
			row.Code = code
		}
	case known:
		row.Status, row.Code = of.Status, of.Code
	}
	if row.Status == http.StatusUnauthorized { // RFC 9110 section 15.5.2
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	return row
}

// wireError is an error as it is sent. The order of the members is the wire's.
type wireError struct {
	words
	Code        string `json:"code"`
	ExtraFields extra  `json:"extra_fields"`
}

// extra says what was wrong, in English, where the code leaves it open.
type extra struct {
	Detail string `json:"detail,omitempty"`
}

// WriteError answers with what is shown of an error.
func (*QITech) WriteError(w http.ResponseWriter, err error) {
	row := find(w, err)
	e := wireError{words: texts[row.Code], Code: row.Code}
	if details[row.Code] {
		e.ExtraFields.Detail = row.Text
	}
	dialect.WriteJSON(w, row.Status, e)
}
