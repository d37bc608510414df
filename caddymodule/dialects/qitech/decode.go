package qitech

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tailscale/hujson"
)

// once are the members that decide which device is asked for, for whom and by what proof:
// two readers of one body must not take different ones of them.
var once = []string{
	"device_key", "session_id", "tfa_info", "token", "contact_type", "approver_document_number",
	"image_key", "public_key", "challenge", "signature",
}

// object is one of JSON: its members by their names, which have one spelling.
type object map[string]hujson.Value

// decode reads an object as the vendor's samples write it: JSON with commas too many, and
// with comments.
func decode(body []byte) (object, error) {
	switch {
	case len(body) == 0:
		return nil, invalid("send a body, a JSON object")
	case !utf8.Valid(body):
		return nil, invalid("the body is not valid UTF-8")
	case depth(body) > maxDepth:
		return nil, invalid("the body is nested deeper than %d", maxDepth)
	}
	value, err := hujson.Parse(body)
	if err != nil {
		return nil, invalid("the body is not JSON%s", spot(err))
	}
	o, ok, err := members(value)
	if err == nil && !ok {
		err = invalid("the body is not a JSON object, which begins with {")
	}
	return o, err
}

// members reads the object that a value is. Of members that are not looked at, the first
// of equal names is kept.
func members(value hujson.Value) (o object, ok bool, err error) {
	of, ok := value.Value.(*hujson.Object)
	if !ok {
		return nil, false, nil
	}
	o = object{}
	for _, m := range of.Members {
		literal, _ := m.Name.Value.(hujson.Literal) // no other value is the name of a member
		name := literal.String()
		_, twice := o[name]
		switch {
		case twice && slices.Contains(once, name): // a null as well: another reader may count it
			return nil, true, invalid("'%s' stands in the body twice", name)
		case !twice:
			o[name] = m.Value
		}
	}
	return o, true, nil
}

// has says whether there is such a member. One that is null is none.
func (o object) has(name string) bool {
	value, ok := o[name]
	literal, scalar := value.Value.(hujson.Literal)
	return ok && !(scalar && literal.Kind() == 'n')
}

// text gives a member that must be there, and be a text.
func (o object) text(name string) (string, error) {
	if !o.has(name) {
		return "", invalid("'%s' is missing", name)
	}
	literal, ok := o[name].Value.(hujson.Literal)
	if !ok || literal.Kind() != '"' {
		return "", invalid("'%s' must be a text", name)
	}
	return literal.String(), nil
}

// spot says where the parser stopped. Its own words may quote a token.
func spot(err error) string {
	var line, column int
	if _, scan := fmt.Sscanf(err.Error(), "hujson: line %d, column %d", &line, &column); scan != nil {
		return ""
	}
	return fmt.Sprintf(", see line %d near column %d", line, column)
}

// maxDepth is how deep a body may be nested.
const maxDepth = 16

// depth is how deep a body is nested, as far as brackets tell: those in texts and comments
// are none. It is asked before anything goes down into it.
func depth(body []byte) (deepest int) {
	text, now := string(body), 0
	for text != "" {
		n := 1
		switch {
		case text[0] == '"':
			n = textEnd(text)
		case strings.HasPrefix(text, "//"):
			n = after(text, "\n")
		case strings.HasPrefix(text, "/*"):
			n = 2 + after(text[2:], "*/")
		case text[0] == '{' || text[0] == '[':
			now++
			deepest = max(deepest, now)
		case text[0] == '}' || text[0] == ']':
			now--
		}
		text = text[n:]
	}
	return deepest
}

// after gives the length of text up to and with the first end, or all of it.
func after(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// textEnd gives the length of the string that text begins with, or of all that there is of
// it.
func textEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
