package surepassid

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tailscale/hujson"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// once are the fields that decide who asks, for what and about whom: two readers of
// one body must not take different ones of them.
var once = []string{"type", "username", "spaccountloginname", "spaccountloginkey"}

// decode reads one object as the vendor's samples write it: JSON with comments,
// commas too many and too few, no-break spaces, and spaces in the names of fields.
// What the members are is as in [dialect.Fields], but none may hold others.
func decode(body []byte) (dialect.Fields, error) {
	if !utf8.Valid(body) {
		return nil, unreadable("it is not valid UTF-8")
	}
	tidied, err := tidy(body)
	if err != nil {
		return nil, err
	}
	value, err := hujson.Parse(tidied)
	if err != nil {
		return nil, unreadable(place(err))
	}
	object, ok := value.Value.(*hujson.Object)
	if !ok {
		return nil, unreadable("it is not an object, which begins with {")
	}
	fields, stood := dialect.Fields{}, map[string]bool{}
	for _, member := range object.Members {
		name := fieldName(member.Name.Value)
		if slices.Contains(once, name) && stood[name] { // a null as well: another reader may count it
			return nil, unreadable("'" + name + "' stands in it twice")
		}
		stood[name] = true
		literal, scalar := member.Value.Value.(hujson.Literal)
		if !scalar { // or a device that is named in a list would be no device, and another one tried
			return nil, unreadable(called(name) + " must be a text or a number")
		}
		if _, first := fields[name]; !first && literal.Kind() != 'n' {
			fields[name] = literal.String()
		}
	}
	return fields, nil
}

// fieldName is how a name reads: escapes undone, in any case, without white space
// around it, of which no-break spaces are, and without what can't be seen.
func fieldName(name hujson.ValueTrimmed) string {
	literal, _ := name.(hujson.Literal) // no other value is the name of a member
	read := strings.ToLower(strings.TrimSpace(strings.Map(seen, literal.String())))
	for _, one := range once {
		if strings.EqualFold(read, one) { // some readers take ſ for an s
			return one
		}
	}
	return read
}

// seen drops what can't be seen and is no space: zero-width signs, a byte order mark,
// which some readers take for a space, control characters.
func seen(r rune) rune {
	if !unicode.IsSpace(r) && unicode.In(r, unicode.Cf, unicode.Cc) {
		return -1
	}
	return r
}

// called names a field in an error, if it has a name that a field could have.
func called(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || len(name) > 64 {
		return "a field of it"
	}
	return "'" + name + "'"
}

func unreadable(why string) error {
	return authcore.Errorf(authcore.CodeInvalid, "The body can't be read: %s", why)
}

// place says where the parser stopped. Its own words may quote a key.
func place(err error) string {
	var line, column int
	if _, scan := fmt.Sscanf(err.Error(), "hujson: line %d, column %d", &line, &column); scan != nil {
		return "it is not JSON"
	}
	return fmt.Sprintf("it is not JSON, see line %d near column %d", line, column)
}

// blank puts spaces in the place of text, so that all that follows stays where it
// was.
func blank(out []byte, n int) []byte { return append(out, bytes.Repeat([]byte{' '}, n)...) }
