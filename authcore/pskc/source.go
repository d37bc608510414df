package pskc

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

const (
	// maxPart is how many bytes may stand between two children of the container. A
	// KeyPackage of the RFC's figures has 1500, a signature with its certificates 10 000.
	maxPart = 64 << 10
	// maxDepth of elements: EncryptedValue's CipherValue is the 8th.
	maxDepth = 32
	// maxAttributes of an element, its namespaces among them: PINPolicy has 6.
	maxAttributes = 64
)

var errTooLong = errors.New("a part of the container is longer than 64 KiB")

// source is the tokens of the file: only what a container may have of XML.
type source struct {
	dec   *xml.Decoder
	meter *meter
	begun bool // something came already
}

func newSource(r io.Reader) *source {
	m := &meter{Reader: bufio.NewReader(transform.NewReader(r, encoding.UTF8Validator))}
	m.refill()
	return &source{dec: xml.NewDecoder(m), meter: m}
}

// meter ends what would fill the memory, in a text or in a name or in a comment: the
// decoder reads each of them whole. It reads by the byte, as long as there is ReadByte.
type meter struct {
	*bufio.Reader
	left int
}

func (m *meter) refill() { m.left = maxPart }

func (m *meter) ReadByte() (byte, error) {
	if m.left == 0 {
		return 0, errTooLong
	}
	m.left--
	return m.Reader.ReadByte()
}

// at makes an error that ends the file.
func at(line int, format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{line}, args...)...)
}

// token gives the next one and the line where it begins: an element's start or end, or
// text. io.EOF is the end, and any other error has its line.
func (s *source) token() (xml.Token, int, error) {
	if !s.begun {
		s.skipMark()
	}
	for {
		line, _ := s.dec.InputPos()
		token, err := s.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil, line, io.EOF
		}
		if err != nil {
			return nil, line, s.failure(err)
		}
		begun := s.begun
		s.begun = true
		switch t := token.(type) {
		case xml.Comment:
		case xml.Directive:
			return nil, line, at(line, "the XML has a document type or another directive: leave it out")
		case xml.ProcInst:
			if t.Target != "xml" || begun {
				return nil, line, at(line, "the XML has a processing instruction: leave it out")
			}
		default:
			return token, line, nil
		}
	}
}

// skipMark passes over the byte order mark, which some editors put before UTF-8.
func (s *source) skipMark() {
	if mark, err := s.meter.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = s.meter.Discard(3) // what was peeked is there
	}
}

// failure says what ended the XML. The decoder's own text may quote the file, which
// holds secrets.
func (s *source) failure(err error) error {
	line, _ := s.dec.InputPos()
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, encoding.ErrInvalidUTF8):
		return at(line, "the file is not UTF-8: save it as UTF-8")
	case errors.As(err, &syntax) && syntax.Msg == "unexpected EOF":
		return at(line, "the file ends in the middle of the container: it was cut off")
	case errors.As(err, &syntax):
		return at(line, "the file is not well-formed XML")
	case errors.Is(err, errTooLong):
		return at(line, "%v", err)
	}
	if strings.HasPrefix(err.Error(), "xml: ") { // another version or another encoding is declared
		return at(line, "the file is not XML 1.0 in UTF-8")
	}
	return at(line, "the file can't be read: %w", err)
}
