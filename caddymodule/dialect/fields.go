package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore"
)

// maxDepth is how deep a body may be nested.
const maxDepth = 16

// Fields are the scalars of a flat body by their lower-cased names: numbers and
// booleans as text, null as absent, the first of equal names.
type Fields map[string]string

// Get reads a field, whatever its case.
func (f Fields) Get(name string) string { return f[strings.ToLower(name)] }

// JSONBody refuses what is not called JSON.
func JSONBody(c *Call) (Fields, error) {
	media, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || media != "application/json" || charset != "" && charset != "utf-8" || c.Header.Get("Content-Encoding") != "" {
		return nil, Refuse(http.StatusUnsupportedMediaType, "send the body as application/json in UTF-8, not compressed")
	}
	return DecodeJSON(c.Body)
}

// DecodeJSON reads one JSON object. Unknown and nested values are passed over.
func DecodeJSON(body []byte) (Fields, error) {
	if !utf8.Valid(body) {
		return nil, authcore.Errorf(authcore.CodeInvalid, "the body is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	f := Fields{}
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, invalidJSON(dec)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, invalidJSON(dec)
		}
		value, present, err := scalar(dec)
		if err != nil {
			return nil, err
		}
		key := strings.ToLower(fmt.Sprint(name))
		if _, doubled := f[key]; present && !doubled {
			f[key] = value
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, invalidJSON(dec)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, invalidJSON(dec)
	}
	return f, nil
}

func invalidJSON(dec *json.Decoder) error {
	return authcore.Errorf(authcore.CodeInvalid, "the body is not one JSON object, see byte %d", dec.InputOffset())
}

// scalar reads one value; present is false for null and for what is nested.
func scalar(dec *json.Decoder) (value string, present bool, err error) {
	depth := 1
	for {
		t, err := dec.Token()
		if err != nil {
			return "", false, invalidJSON(dec)
		}
		switch v := t.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			if depth > maxDepth {
				return "", false, authcore.Errorf(authcore.CodeInvalid, "the body is nested deeper than %d", maxDepth)
			}
		case nil:
		default:
			if depth == 1 {
				return fmt.Sprint(v), true, nil
			}
		}
		if depth == 1 {
			return "", false, nil
		}
	}
}

// WriteJSON answers with status and v. Answers of the core are never cached.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever went away is not told
}
