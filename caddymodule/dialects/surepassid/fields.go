package surepassid

import (
	"strconv"
	"strings"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// fields are those of a request. What is empty is as good as absent: clients send
// every field that they know.
type fields dialect.Fields

// text gives the first of several names that is not empty.
func (f fields) text(names ...string) string {
	for _, name := range names {
		if value := dialect.Fields(f).Get(name); value != "" {
			return value
		}
	}
	return ""
}

// given gives a field that may be sent to make something empty; nil: it was not sent.
func (f fields) given(name string) *string {
	value, ok := f[strings.ToLower(name)]
	if !ok {
		return nil
	}
	return &value
}

// number reads one between least and most. An error has the return code that goes
// with the field.
func (f fields) number(name string, byDefault, least, most, code int) (int, error) {
	text := f.text(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < least || n > most {
		return 0, fail(code, "%s is a number from %d to %d", name, least, most)
	}
	return n, nil
}

// flag reads what clients send for a boolean.
func (f fields) flag(name string) (bool, error) {
	switch strings.ToLower(f.text(name)) {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	}
	return false, fail(general, "%s is true or false, or 1 or 0", name)
}
