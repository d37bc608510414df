package tokencsv

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore/pskc"
)

// maxLine is how many bytes a line may have.
const maxLine = 64 << 10

// rows are the lines of a file that say something.
type rows struct {
	lines  *bufio.Reader
	line   int
	comma  rune // 0 before the first row
	layout layout
	header bool // the first row was one
}

type row struct {
	line  int
	cells cells
}

func newRows(r io.Reader) *rows { return &rows{lines: bufio.NewReaderSize(r, maxLine)} }

// next gives the next row. A *pskc.KeyError says that this one can't be read.
func (r *rows) next() (row, error) {
	for {
		text, err := r.nextLine()
		if err != nil {
			return row{}, err
		}
		if len(bytes.TrimSpace(text)) == 0 || text[0] == '#' {
			continue
		}
		if r.comma == 0 {
			r.comma = separator(text)
		}
		fields, err := r.split(text)
		if err != nil {
			return row{}, err
		}
		if strings.Join(fields, "") == "" { // as spreadsheets leave them below a table
			continue
		}
		if len(fields) == 1 {
			if r.layout == nil {
				r.comma = 0 // which a title above the table does not tell
			}
			return row{}, r.refused("the line has one column: separate the columns with a comma, a semicolon or a tab")
		}
		if r.layout == nil {
			header, err := r.layOut(fields)
			if err != nil {
				return row{}, fmt.Errorf("line %d: %w", r.line, err)
			}
			if header {
				continue
			}
		}
		c, err := r.layout.cells(fields)
		if err != nil {
			reason := err.Error() + ": without a header they are serial, secret, type, digits, period or counter, hash"
			if r.header {
				reason = fmt.Sprintf("%v: the header names %d", err, len(r.layout))
			}
			return row{}, r.refused(reason)
		}
		return row{r.line, c}, nil
	}
}

// nextLine gives a line without its ending, and reads no line into memory that is too
// long for a row.
func (r *rows) nextLine() ([]byte, error) {
	text, err := r.lines.ReadSlice('\n')
	if errors.Is(err, io.EOF) && len(text) > 0 {
		err = nil
	}
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if r.line++; r.line == 1 {
		if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
			return nil, errors.New("the file is UTF-16: store it as UTF-8")
		}
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	if bytes.IndexByte(text, 0) >= 0 || err == nil && r.line == 1 && !utf8.Valid(text) {
		return nil, errors.New("this is no text file: save a table as CSV in UTF-8")
	}
	if err == nil {
		return bytes.TrimRight(text, "\r\n"), nil
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.lines.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, r.refused(fmt.Sprintf("the line is longer than %d bytes", maxLine))
}

// split reads one line as a record of its own: a quote that is not closed spoils no
// other line.
func (r *rows) split(text []byte) ([]string, error) {
	if !utf8.Valid(text) {
		return nil, r.refused("the line is not UTF-8")
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma = r.comma
	reader.TrimLeadingSpace = r.comma != '\t' // of which it would be a part
	fields, err := reader.Read()
	if err != nil { // its words count lines of its own
		return nil, r.refused("a quotation mark is not closed, or stands inside of a field: quote whole fields")
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields, nil
}

func (r *rows) refused(reason string) error { return &pskc.KeyError{Line: r.line, Reason: reason} }

// separator is what parts the columns of a line: what is there most often.
func separator(text []byte) rune {
	count, inQuotes := map[rune]int{}, false
	for _, c := range string(text) {
		if c == '"' {
			inQuotes = !inQuotes
		}
		if !inQuotes {
			count[c]++
		}
	}
	most := ','
	for _, c := range ";\t" {
		if count[c] > count[most] {
			most = c
		}
	}
	return most
}
