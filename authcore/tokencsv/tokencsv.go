// Package tokencsv reads keys of hardware tokens from text in columns: what a maker
// delivers as a table, or an operator wrote by hand.
//
// The columns are serial, secret, type, digits, period or counter, hash. A first line
// that names them may have them in any order. Commas, semicolons or tabs part them.
package tokencsv

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
)

// Reader reads a file row by row: however many there are, it holds one.
type Reader struct {
	rows *rows
	hex  bool // how the secrets are spelled, all of them; else in Base32
}

// NewReader reads all of r once, to learn how its secrets are spelled, and stands at
// the beginning again. The error says what is wrong with the file as a whole, with
// the line.
func NewReader(r io.ReadSeeker) (*Reader, error) {
	hex, err := spelledInHex(newRows(r))
	if err != nil {
		return nil, err
	}
	if _, err = r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("the file can't be read twice: %w", err)
	}
	return &Reader{rows: newRows(r), hex: hex}, nil
}

// Next gives the next key. A *pskc.KeyError says that this line is refused, and Next
// may be called again; io.EOF is the end, and any other error says why the rest can't
// be read. No error holds a secret.
func (r *Reader) Next() (pskc.Key, error) {
	row, err := r.rows.next()
	if err != nil {
		return pskc.Key{}, err
	}
	key, err := r.key(row.cells)
	if err != nil {
		reason := err.Error()
		if secretlike(row.cells[serial]) {
			reason += "; the serial looks like a secret: are the columns in order?"
		}
		return pskc.Key{}, &pskc.KeyError{Line: row.line, Serial: ShownSerial(row.cells[serial]), Reason: reason}
	}
	key.Line = row.line
	return key, nil
}

func (r *Reader) key(c cells) (k pskc.Key, err error) {
	if k.Serial = c[serial]; k.Serial == "" {
		return k, errors.New("the serial is missing")
	}
	if k.Secret, err = parseSecret(c[secret], r.hex); err != nil {
		return k, err
	}
	if k.Algorithm, err = parseHash(c[hash]); err != nil {
		return k, err
	}
	if k.Digits, err = strconv.Atoi(cmp.Or(c[digits], "6")); err != nil {
		return k, fmt.Errorf("digits is %s: 6 and 8 are allowed", quoted(c[digits]))
	}
	key := oath.Key{Secret: k.Secret, Algorithm: k.Algorithm, Digits: k.Digits}
	switch strings.ToLower(c[kind]) {
	case "totp", "time":
		if k.Period, err = strconv.Atoi(cmp.Or(c[period], "30")); err != nil {
			return k, fmt.Errorf("period is %s: it is a number of seconds, 15 to 120", quoted(c[period]))
		}
		k.Kind, key.Period = "totp", k.Period
		return k, key.ValidateTOTP()
	case "hotp", "event":
		if k.Counter, err = strconv.ParseInt(cmp.Or(c[counter], "0"), 10, 64); err != nil || k.Counter < 0 {
			return k, fmt.Errorf("counter is %s: it is a number, 0 or more", quoted(c[counter]))
		}
		k.Kind = "hotp"
		return k, key.ValidateHOTP()
	case "":
		return k, errors.New("the type is missing: totp or hotp")
	}
	return k, fmt.Errorf("type is %s: totp (or time) and hotp (or event) are allowed", quoted(c[kind]))
}

func parseHash(text string) (oath.Algorithm, error) {
	switch name := oath.Algorithm(strings.ReplaceAll(strings.ToUpper(text), "-", "")); name {
	case "":
		return oath.SHA1, nil
	case oath.SHA1, oath.SHA256, oath.SHA512:
		return name, nil
	}
	return "", fmt.Errorf("hash is %s: %s, %s and %s are allowed", quoted(text), oath.SHA1, oath.SHA256, oath.SHA512)
}

// quoted repeats a word of the file if it can be no secret: columns in the wrong
// order must not put secrets into reports.
func quoted(text string) string {
	const short = 12 // a secret of 16 bytes has 26 characters
	if len(text) > short {
		return fmt.Sprintf("a text of %d characters", len(text))
	}
	return strconv.Quote(text)
}
