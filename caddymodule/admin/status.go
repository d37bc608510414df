package admin

import (
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

// statuses has a row for every authcore.Code.
var statuses = map[authcore.Code]int{
	authcore.CodeInternal:        http.StatusInternalServerError,
	authcore.CodeInvalid:         http.StatusBadRequest,
	authcore.CodeUnauthenticated: http.StatusUnauthorized,
	authcore.CodeStepUp:          http.StatusUnauthorized,
	authcore.CodeForbidden:       http.StatusForbidden,
	authcore.CodeNotFound:        http.StatusNotFound,
	authcore.CodeConflict:        http.StatusConflict,
	authcore.CodeThrottled:       http.StatusTooManyRequests,
	authcore.CodeUnavailable:     http.StatusServiceUnavailable,
}

// apiError shows the message of err; Caddy logs the cause.
func apiError(err error) error {
	return caddy.APIError{HTTPStatus: statuses[authcore.CodeOf(err)], Err: err, Message: authcore.MessageOf(err)}
}

func refuse(status int, message string) error {
	return caddy.APIError{HTTPStatus: status, Err: errors.New(message), Message: message}
}
