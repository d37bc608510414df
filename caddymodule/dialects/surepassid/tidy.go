package surepassid

import (
	"bytes"
	"unicode/utf8"
)

const (
	byteOrderMark = "\ufeff"
	noBreakSpace  = "\u00a0"
	blanks        = " \t\r\n"
	// maxDepth is how deep a body may be nested before it is read: no field may be.
	maxDepth = 16
)

// tidy makes of a body of the vendor's what a reader of JSON with comments takes,
// and leaves alone what that takes already:
//
//   - a byte order mark and no-break spaces outside of strings become spaces;
//   - between a value and the name that follows it goes a comma, if none is there;
//   - a comment that lost the end of its line, because the whole sample did, ends
//     before the next member or before the last closing brace.
//
// It goes through the body once, and looks ahead no further than it then goes.
func tidy(body []byte) ([]byte, error) {
	body = bytes.TrimRight(body, blanks) // the end of a file ends no comment in it
	t := tidier{
		in: body, out: make([]byte, 0, len(body)+16),
		lastLine: bytes.LastIndexByte(body, '\n'), lastBrace: bytes.LastIndexByte(body, '}'),
	}
	if bytes.HasPrefix(body, []byte(byteOrderMark)) {
		t.skip(len(byteOrderMark))
	}
	for t.at < len(t.in) {
		if err := t.next(); err != nil {
			return nil, err
		}
	}
	return t.out, nil
}

type tidier struct {
	in, out   []byte
	at        int // of in
	lastLine  int // the last line end of in; -1: none
	lastBrace int // likewise
	depth     int
	value     bool // the last thing was a value, or a name
}

// next takes one thing: a string, a comment, a bracket, a sign.
func (t *tidier) next() error {
	rest := t.in[t.at:]
	switch c := rest[0]; {
	case bytes.HasPrefix(rest, []byte(noBreakSpace)):
		t.skip(len(noBreakSpace))
	case bytes.IndexByte([]byte(blanks), c) >= 0:
		t.keep(1)
	case bytes.HasPrefix(rest, []byte("//")):
		return t.comment()
	case bytes.HasPrefix(rest, []byte("/*")):
		t.keep(through(rest, 2, "*/"))
	case c == '"':
		t.comma()
		t.keep(stringEnd(rest))
		t.value = true
	case c == '{' || c == '[':
		return t.open()
	case c == '}' || c == ']':
		t.depth, t.value = max(0, t.depth-1), true
		t.keep(1)
	default:
		t.value = c != ',' && c != ':'
		t.keep(1)
	}
	return nil
}

func (t *tidier) keep(n int) { t.out, t.at = append(t.out, t.in[t.at:t.at+n]...), t.at+n }
func (t *tidier) skip(n int) { t.out, t.at = blank(t.out, n), t.at+n }

func (t *tidier) open() error {
	if t.depth++; t.depth > maxDepth {
		return unreadable("it is nested too deeply")
	}
	t.value = false
	t.keep(1)
	return nil
}

// comma separates a value from the string that follows it, which can only be a name:
// arrays are refused later.
// It takes the place of a space: that is never one in a comment, which ends with
// another sign.
func (t *tidier) comma() {
	if !t.value {
		return
	}
	if last := len(t.out) - 1; t.out[last] == ' ' || t.out[last] == '\t' {
		t.out[last] = ','
		return
	}
	t.out = append(t.out, ',')
}

// comment keeps one that ends with a line. One that would swallow the rest of the
// object has lost its line end.
func (t *tidier) comment() error {
	rest := t.in[t.at:]
	switch {
	case t.at < t.lastLine:
		t.keep(through(rest, 2, "\n"))
		return nil
	case t.depth == 0: // after the object
		t.skip(len(rest))
		return nil
	}
	end := nameIn(rest)
	if end >= 0 && len(bytes.Trim(rest[:end], "/"+blanks+noBreakSpace)) == 0 {
		return unreadable("where a comment that begins with the name of a field ends can't be told: end its line, or leave it out")
	}
	if end < 0 && t.lastBrace > t.at {
		end = t.lastBrace - t.at
	}
	if end < 0 {
		end = len(rest)
	}
	t.skip(end)
	return nil
}

// nameIn finds where the first "name" with a colon after it begins; -1: nowhere.
func nameIn(text []byte) int {
	open := bytes.IndexByte(text, '"')
	for open >= 0 {
		n := bytes.IndexByte(text[open+1:], '"')
		if n < 0 {
			return -1
		}
		end := open + 1 + n
		if bytes.HasPrefix(trimBlanks(text[end+1:]), []byte(":")) && text[end-1] != '\\' {
			return open
		}
		open = end // what closes nothing may open the next
	}
	return -1
}

func trimBlanks(text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r != ' ' && r != '\t' && r != '\r' && r != '\n' && r != '\u00a0' {
			break
		}
		text = text[n:]
	}
	return text
}

// through gives the length of text up to and with the first end after n bytes, or
// all of it.
func through(text []byte, n int, end string) int {
	if i := bytes.Index(text[n:], []byte(end)); i >= 0 {
		return n + i + len(end)
	}
	return len(text)
}

// stringEnd gives the length of the string that text begins with, or of all that
// there is of it.
func stringEnd(text []byte) int {
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
