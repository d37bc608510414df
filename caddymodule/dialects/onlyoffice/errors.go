package onlyoffice

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// The numbers of the .NET exceptions that a portal throws.
const (
	authenticationException = "-2146233087"
	plainException          = "-2146233088"
	methodAccessException   = "-2146233072"
)

// table is how the dialect shows a code with error_status standard. A portal
// answers a failed login with 500; every client that is known takes 401 as well,
// and 500 looks like an outage to whoever watches.
var table = dialect.Table{
	authcore.CodeInternal:        {Status: http.StatusInternalServerError, Code: plainException},
	authcore.CodeInvalid:         {Status: http.StatusBadRequest, Code: plainException},
	authcore.CodeUnauthenticated: {Status: http.StatusUnauthorized, Code: authenticationException, Text: "User authentication failed"},
	authcore.CodeStepUp:          {Status: http.StatusForbidden, Code: plainException, Text: "Log in again with a code, and do this within ten minutes"},
	authcore.CodeForbidden:       {Status: http.StatusForbidden, Code: plainException},
	authcore.CodeNotFound:        {Status: http.StatusNotFound, Code: plainException},
	authcore.CodeConflict:        {Status: http.StatusConflict, Code: plainException},
	authcore.CodeThrottled:       {Status: http.StatusTooManyRequests, Code: authenticationException, Text: "Login Fail. Too many attempts"},
	authcore.CodeUnavailable:     {Status: http.StatusServiceUnavailable, Code: plainException},
}

// rows gives the table that the options ask for. A store that is away is a 503
// whatever they say: no portal has a status for it.
func (o *OnlyOffice) rows() dialect.Table {
	rows := maps.Clone(table)
	set := func(code authcore.Code, status int) {
		row := rows[code]
		row.Status = status
		rows[code] = row
	}
	if o.ErrorStatus == faithful {
		set(authcore.CodeConflict, http.StatusInternalServerError)
		set(authcore.CodeThrottled, http.StatusForbidden)
	}
	if o.ErrorStatus == faithful && o.Flavour != docspace {
		set(authcore.CodeUnauthenticated, http.StatusInternalServerError)
		set(authcore.CodeThrottled, http.StatusInternalServerError)
	}
	if o.Flavour == docspace {
		row := rows[authcore.CodeThrottled]
		row.Text = "Too many login attempts. Please try again later"
		rows[authcore.CodeThrottled] = row
	}
	return rows
}

// failure is an error that a portal tells more about than its code does.
type failure struct {
	dialect.Row // with error_status standard; faithful is 500 for all of them
	err         error
}

func (f *failure) Error() string { return f.err.Error() }

// Unwrap gives the error of the core.
func (f *failure) Unwrap() error { return f.err }

// The failures that clients know by their texts.
var (
	tooManyTexts = dialect.Row{Status: http.StatusTooManyRequests, Code: plainException, Text: "You have sent too many text messages. Please try again later."}
	phoneIsSet   = dialect.Row{Status: http.StatusConflict, Code: plainException, Text: "To change the number, you need to delete your current phone number"}
	noNumber     = dialect.Row{Status: http.StatusBadRequest, Code: plainException, Text: "Enter mobile phone number"}
	noTexts      = dialect.Row{Status: http.StatusConflict, Code: methodAccessException, Text: "Attempt to access the method failed."}
)

// told tells an error with a code by a row of its own.
func told(err error, code authcore.Code, row dialect.Row) error {
	if authcore.CodeOf(err) == code {
		return &failure{row, err}
	}
	return err
}

// errNoToken is the one failure that a portal does not answer in its envelope.
var errNoToken = authcore.Errorf(authcore.CodeUnauthenticated, "Unauthorized")

func (o *OnlyOffice) row(w http.ResponseWriter, err error) dialect.Row {
	row := o.rows().Find(w, err) // the headers too
	var f *failure
	if errors.As(err, &f) {
		row = f.Row
		if o.ErrorStatus == faithful {
			row.Status = http.StatusInternalServerError
		}
	}
	if row.Code == "" {
		row.Code = plainException
	}
	return row
}

// fail answers with the error envelope.
func (r route) fail(w http.ResponseWriter, req *http.Request, err error) {
	if errors.Is(err, errNoToken) {
		dialect.Write(w, http.StatusUnauthorized, "text/plain; charset=utf-8", []byte(errNoToken.Message))
		return
	}
	row := r.o.row(w, err)
	if r.o.Flavour == docspace { // which tells the number of some exceptions only, beside their stacks
		r.write(w, req, row.Status, docspaceFailure{docspaceException{Message: row.Text}, 1, row.Status})
		return
	}
	r.write(w, req, row.Status, envelope{
		Status: 1, StatusCode: row.Status, Error: &exception{Message: row.Text, HResult: json.Number(row.Code)},
	})
}

// WriteError answers with the error envelope in JSON: every route of ours knows
// its form itself.
func (o *OnlyOffice) WriteError(w http.ResponseWriter, err error) {
	route{o: o}.fail(w, new(http.Request), err)
}
