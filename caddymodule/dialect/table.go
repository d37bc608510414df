package dialect

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/doorward/doorward/authcore"
)

// Row is how a dialect shows one authcore.Code.
type Row struct {
	Status int    // HTTP
	Code   string // the dialect's own number or name, as text
	Text   string // empty: the error's own message
}

// Table maps every authcore.Code; a dialect's test calls Missing.
type Table map[authcore.Code]Row

// Missing lists the codes without a row.
func (t Table) Missing() (codes []authcore.Code) {
	for _, c := range authcore.Codes() {
		if _, ok := t[c]; !ok {
			codes = append(codes, c)
		}
	}
	return codes
}

// Find gives the row for err with its status and text filled in, and sets the
// headers that go with it. A code without a row is a failure of ours: 500.
func (t Table) Find(w http.ResponseWriter, err error) Row {
	row, ok := t[authcore.CodeOf(err)]
	if !ok {
		row = Row{Status: http.StatusInternalServerError}
	}
	if row.Text == "" {
		row.Text = authcore.MessageOf(err)
	}
	var transport *StatusError
	if errors.As(err, &transport) {
		row.Status = transport.Status
		if transport.Allow != "" {
			w.Header().Set("Allow", transport.Allow)
		}
	}
	var e *authcore.Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	return row
}
