package portal

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"os"
	"time"
)

// maxForm bounds what a page of ours posts, in bytes.
const maxForm = 8 << 10

// formTime is how long a form may take to come; a variable for the tests.
var formTime = 10 * time.Second

// origins tells a form of ours from another site's, by what the browser says of
// it: no page can make it say something else.
var origins = http.NewCrossOriginProtection()

// ownForm says whether r comes from a page of this origin (WEB-05). Every browser
// names the origin of a POST in one of the two headers; what names none is not
// from a page.
func ownForm(r *http.Request) bool {
	named := r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
	return named && origins.Check(r) == nil
}

// readForm reads what a form of ours has posted, and nothing else: a body of
// another type needs no form to be sent, and a field that stands twice means two
// things.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if !ownForm(r) {
		return nil, refusal{http.StatusForbidden, "crossorigin"}
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || len(r.Header["Content-Type"]) != 1 {
		return nil, refusal{http.StatusUnsupportedMediaType, "badform"}
	}
	// It also bounds how long the server reads on after a refusal. Where no
	// deadline can be set (a test's recorder), there is no slow client.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTime))
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
			return nil, refusal{http.StatusRequestEntityTooLarge, "badform"}
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, refusal{http.StatusRequestTimeout, "badform"}
		}
		return nil, refusal{http.StatusUnprocessableEntity, "badform"}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	for _, values := range r.PostForm {
		if len(values) != 1 {
			return nil, refusal{http.StatusUnprocessableEntity, "badform"}
		}
	}
	return r.PostForm, nil
}
