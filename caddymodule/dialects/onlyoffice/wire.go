package onlyoffice

import (
	"net/http"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// envelope is what every answer comes in. The order of the members is the
// wire's.
type envelope struct {
	Count      int        `json:"count,omitempty"`
	Status     int        `json:"status"` // 0 ok, 1 error
	StatusCode int        `json:"statusCode"`
	Response   *tokenData `json:"response,omitempty"`
	Error      *wireError `json:"error,omitempty"`
}

// tokenData is AuthenticationTokenData. Clients read token null as "a factor is
// missing", and can't read null elsewhere: absent members are left out.
type tokenData struct {
	Token   *string `json:"token"`
	Expires string  `json:"expires,omitempty"`
	TFA     bool    `json:"tfa,omitempty"`
}

type wireError struct {
	Message string   `json:"message"`
	HResult int      `json:"hresult"`
	Data    struct{} `json:"data"`
}

// The numbers of the .NET exceptions that a portal would have thrown.
const (
	hresultAuthentication = -2146233087
	hresultOther          = -2146233088
)

// expires is the portal's date: UTC with seven digits of a second.
func expires(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// table is how the dialect shows a code. A portal answers a failed login with
// 500; every client that is known takes 401 as well, and 500 looks like an
// outage to whoever watches.
var table = dialect.Table{
	authcore.CodeInternal:        {Status: http.StatusInternalServerError},
	authcore.CodeInvalid:         {Status: http.StatusBadRequest},
	authcore.CodeUnauthenticated: {Status: http.StatusUnauthorized},
	authcore.CodeStepUp:          {Status: http.StatusUnauthorized},
	authcore.CodeForbidden:       {Status: http.StatusForbidden},
	authcore.CodeNotFound:        {Status: http.StatusNotFound},
	authcore.CodeConflict:        {Status: http.StatusConflict},
	authcore.CodeThrottled:       {Status: http.StatusTooManyRequests},
	authcore.CodeUnavailable:     {Status: http.StatusServiceUnavailable},
}

func write(w http.ResponseWriter, data tokenData) {
	dialect.WriteJSON(w, http.StatusCreated, envelope{Count: 1, StatusCode: http.StatusCreated, Response: &data})
}

// WriteError answers with the error envelope.
func (*OnlyOffice) WriteError(w http.ResponseWriter, err error) {
	row := table.Find(w, err)
	number := hresultOther
	if authcore.CodeOf(err) == authcore.CodeUnauthenticated {
		number = hresultAuthentication
	}
	dialect.WriteJSON(w, row.Status, envelope{
		Status: 1, StatusCode: row.Status, Error: &wireError{Message: row.Text, HResult: number},
	})
}
