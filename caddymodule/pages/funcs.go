package pages

import (
	"fmt"
	"html/template"
	"strings"
)

// funcs are what templates can call beside what html/template has.
func (t texts) funcs() template.FuncMap { return template.FuncMap{"t": t.text, "field": newField} }

// field is what the template "field" draws: a label with its input, and the
// error that is about it.
type field struct {
	Name, Type, Autocomplete, Label, Hint, Value, Error string

	Code     bool // large digits
	Digits   bool // and nothing else
	Plain    bool // what phones should not correct
	Optional bool
}

// inputs are the inputs by what browsers fill in (HTML section 4.10.18.7), and
// two of our own: "digits", a code that no backup code can stand in for, so that
// phones show digits alone; and "off", a line that may stay empty.
var inputs = map[string]field{
	"username":         {Type: "text", Plain: true},
	"email":            {Type: "email", Plain: true},
	"tel":              {Type: "tel"},
	"current-password": {Type: "password"},
	"new-password":     {Type: "password"},
	"one-time-code":    {Type: "text", Plain: true, Code: true},
	"digits":           {Type: "text", Plain: true, Code: true, Digits: true, Autocomplete: "one-time-code"},
	"off":              {Type: "text", Optional: true},
}

// newField makes a field; more is the key of a hint, and a value.
func newField(v View, name, input, label string, more ...string) (field, error) {
	f, known := inputs[input]
	if !known || len(more) > 2 {
		return f, fmt.Errorf("field %q: %q is no input, or there is too much after it", name, input)
	}
	f.Name, f.Label = name, label
	if f.Autocomplete == "" {
		f.Autocomplete = input
	}
	if len(more) > 0 {
		f.Hint = more[0]
	}
	if len(more) > 1 {
		f.Value = more[1]
	}
	if v.Field == name {
		f.Error = v.Error
	}
	return f, nil
}

// DescribedBy are the IDs of what a screen reader says after the label.
func (f field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}
