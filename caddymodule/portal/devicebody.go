package portal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"time"
	"unicode/utf8"
)

// readCall reads the body of a device's call, 8 KiB at most. No form of another site can
// have its type.
func readCall(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || len(r.Header["Content-Type"]) != 1 || r.Header.Get("Content-Encoding") != "" {
		return nil, refusal{http.StatusUnsupportedMediaType, "Send the body as application/json."}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTime)) // as for forms
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	tooLong := new(http.MaxBytesError)
	switch {
	case errors.As(err, &tooLong):
		return nil, refusal{http.StatusRequestEntityTooLarge, "The body is longer than 8 KiB."}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refusal{http.StatusRequestTimeout, "The body came too slowly."}
	case err != nil:
		return nil, refusal{http.StatusBadRequest, "The body was cut off."}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return body, nil
}

// readObject reads one JSON object of texts, which has each member that it needs, may have
// others, and has none twice: what signs a call and what takes it read the same.
func readObject(body []byte, needs, may []string) (map[string]string, bool) {
	dec, in := json.NewDecoder(bytes.NewReader(body)), map[string]string{}
	if start, err := dec.Token(); err != nil || start != json.Delim('{') || !utf8.Valid(body) {
		return nil, false
	}
	for dec.More() {
		name, _ := dec.Token()
		value, err := dec.Token()
		key, named := name.(string)
		text, isText := value.(string)
		_, twice := in[key]
		if err != nil || !named || !isText || twice || !slices.Contains(needs, key) && !slices.Contains(may, key) {
			return nil, false
		}
		in[key] = text
	}
	if _, err := dec.Token(); err != nil {
		return nil, false
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, false
	}
	for _, name := range needs {
		if in[name] == "" {
			return nil, false
		}
	}
	return in, true
}
