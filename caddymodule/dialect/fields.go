package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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

// add keeps the first of equal names.
func (f Fields) add(name, value string) {
	if key := strings.ToLower(name); !f.has(key) {
		f[key] = value
	}
}

func (f Fields) has(key string) bool { _, ok := f[key]; return ok }

// DecodeJSON reads one JSON object. Unknown and nested values are passed over.
func DecodeJSON(body []byte) (Fields, error) {
	if !utf8.Valid(body) {
		return nil, notUTF8()
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
		if present {
			f.add(fmt.Sprint(name), value)
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

func notUTF8() error { return authcore.Errorf(authcore.CodeInvalid, "the body is not valid UTF-8") }

func tooDeep() error {
	return authcore.Errorf(authcore.CodeInvalid, "the body is nested deeper than %d", maxDepth)
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
				return "", false, tooDeep()
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
