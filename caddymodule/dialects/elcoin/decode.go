package elcoin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// object is one of JSON: its members by their names, which have one spelling. What is null
// or an empty text is a member that says nothing.
type object map[string]any

// decode reads an object. Two readers of one body must not take different members of it:
// none stands twice.
func decode(body []byte) (object, error) {
	switch {
	case len(body) == 0:
		return nil, invalid("send a body, a JSON object")
	case !utf8.Valid(body):
		return nil, invalid("the body is not valid UTF-8")
	case !json.Valid(body): // it bounds how deep a body is nested, too
		return nil, invalid("the body is not a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, invalid("the body is not a JSON object")
	}
	o := object{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, invalid("the body is not a JSON object")
		}
		if _, twice := o[name]; twice {
			return nil, invalid("'%s' stands in the body twice", printable(name))
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, invalid("the body is not a JSON object")
		}
		o[name] = value
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, invalid("the body is not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("the body is not a JSON object")
	}
	return o, nil
}

// printable is a name as an answer may quote it.
func printable(name string) string {
	const most = 40
	if utf8.RuneCountInString(name) > most || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return "a member"
	}
	return name
}

// has says whether there is such a member that says something.
func (o object) has(name string) bool {
	value := o[name]
	return value != nil && value != ""
}

// text gives a member, or an empty text. most is how many characters it may have.
func (o object) text(name string, most int) (string, error) {
	if !o.has(name) {
		return "", nil
	}
	text, ok := o[name].(string)
	switch {
	case !ok:
		return "", invalid("'%s' must be a text", name)
	case utf8.RuneCountInString(text) > most:
		return "", invalid("'%s' has at most %d characters", name, most)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) }):
		return "", invalid("'%s' has a character that can't be seen", name)
	}
	return text, nil
}

var whole = regexp.MustCompile(`^[0-9]{1,18}$`)

// number gives a whole number, not negative, as a number or a text; nil: there is none.
func (o object) number(name string) (*int64, error) {
	if !o.has(name) {
		return nil, nil //nolint:nilnil // there is none
	}
	text, ok := scalar(o[name])
	if !ok || !whole.MatchString(text) {
		return nil, invalid("'%s' must be a whole number", name)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, invalid("'%s' must be a whole number", name)
	}
	return &n, nil
}

// scalar is the text of a text or a number.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// booleans are the ways to write one, in any case.
var booleans = map[string]bool{"true": true, "1": true, "yes": true, "false": false, "0": false, "no": false}

// boolean gives one; nil: there is none.
func (o object) boolean(name string) (*bool, error) {
	if !o.has(name) {
		return nil, nil //nolint:nilnil // there is none
	}
	if b, ok := o[name].(bool); ok {
		return &b, nil
	}
	text, _ := scalar(o[name])
	b, known := booleans[strings.ToLower(text)]
	if !known {
		return nil, invalid("'%s' is true or false", name)
	}
	return &b, nil
}

// word gives one of a list, by its name in any case or its place; empty: there is none. The
// vendor's lists have places before the names, and his samples names.
func (o object) word(name string, list []string) (string, error) {
	if !o.has(name) {
		return "", nil
	}
	text, _ := scalar(o[name])
	for place, word := range list {
		if strings.EqualFold(text, word) || text == strconv.Itoa(place) {
			return word, nil
		}
	}
	last := len(list) - 1
	return "", invalid("'%s' is %s or %s", name, strings.Join(list[:last], ", "), list[last])
}
