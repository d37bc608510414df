package tokencsv

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The columns.
const (
	serial = iota
	secret
	kind
	digits
	period
	counter
	hash
	columns
)

// cells are what stands in the columns of a row; empty: nothing.
type cells [columns]string

// layout says which columns a field of a row fills: none, one, or two where the kind
// of the device says which it is.
type layout [][]int

// unnamed is the layout without a header.
var unnamed = layout{{serial}, {secret}, {kind}, {digits}, {period, counter}, {hash}}

var names = map[string]int{
	"serial": serial, "secret": secret, "type": kind, "kind": kind, "digits": digits, "period": period, "counter": counter, "hash": hash, "algorithm": hash,
}

const (
	known = "known are serial, secret, type, digits, period, counter and hash"

	neither = "the first line is neither a device nor a header: the names are serial, secret, type, digits, period, counter, hash"
)

// layOut learns the layout of the first row, and whether that is a header: one that
// names the serial or the secret.
func (r *rows) layOut(fields []string) (header bool, err error) {
	words := make([]string, len(fields))
	for i, field := range fields {
		words[i] = strings.ToLower(field)
	}
	if r.layout = unnamed; !slices.Contains(words, "serial") && !slices.Contains(words, "secret") {
		if c, err := unnamed.cells(fields); err == nil && !c.device() {
			return false, errors.New(neither)
		}
		return false, nil
	}
	r.header = true
	r.layout = make(layout, len(fields))
	var named [columns]bool
	for i, word := range words {
		if word == "" { // as a separator at the end of each line makes
			continue
		}
		column, ok := names[word]
		switch {
		case !ok:
			return true, fmt.Errorf("the header names the column %s: %s", quoted(fields[i]), known)
		case named[column]:
			return true, fmt.Errorf("the header names the column %q twice", word)
		}
		named[column] = true
		r.layout[i] = []int{column}
	}
	for _, word := range []string{"serial", "secret", "type"} {
		if !named[names[word]] {
			return true, fmt.Errorf("the header does not name the column %s: %s", word, known)
		}
	}
	return true, nil
}

func (l layout) cells(fields []string) (c cells, err error) {
	for i, field := range fields {
		if i >= len(l) || l[i] == nil {
			if field != "" {
				return c, fmt.Errorf("field %d belongs to no column", i+1)
			}
			continue
		}
		for _, column := range l[i] {
			c[column] = field
		}
	}
	return c, nil
}
