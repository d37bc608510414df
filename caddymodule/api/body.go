package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// defaultMaxBody is how many bytes a body may have.
const defaultMaxBody = 8 << 10

// bodyTime is how long a body may take to come; a variable for the tests.
var bodyTime = 10 * time.Second

// readBody reads a whole body, or says why not: 413 too large, 408 too slow,
// 400 cut off.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if limit == 0 {
		limit = defaultMaxBody
	}
	// It also bounds how long the server reads on after a refusal. Where no
	// deadline can be set (a test's recorder), there is no slow client.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	if r.ContentLength > limit {
		return nil, tooLarge()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case err == nil:
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		return body, nil
	case errors.As(err, &large):
		return nil, tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, dialect.Refuse(http.StatusRequestTimeout, "the body came too slowly")
	default:
		return nil, dialect.Refuse(http.StatusBadRequest, "the body was cut off")
	}
}

func tooLarge() error {
	return dialect.Refuse(http.StatusRequestEntityTooLarge, "the body is too large")
}
