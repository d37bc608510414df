package dialect

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// DecodeXML reads one XML element, whatever its name: the elements in it are the
// fields. Attributes and elements with elements in them are passed over. A
// document type is refused, and with it every entity but the five of XML: nothing
// is expanded and nothing fetched.
func DecodeXML(body []byte) (Fields, error) {
	if !utf8.Valid(body) {
		return nil, notUTF8()
	}
	d := xmlFields{fields: Fields{}}
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && d.roots == 1 {
			return d.fields, nil
		}
		if err != nil {
			return nil, invalid("the body is not one well-formed XML element in UTF-8")
		}
		if err := d.take(token); err != nil {
			return nil, err
		}
	}
}

// xmlFields is what was read so far.
type xmlFields struct {
	fields       Fields
	depth, roots int
	text         strings.Builder // of the field that is open
	nested       bool            // it has elements in it
	begun        bool            // something came already
}

func (d *xmlFields) take(token xml.Token) error {
	begun := d.begun
	d.begun = true
	switch t := token.(type) {
	case xml.Directive:
		return invalid("the XML has a document type or another directive: leave it out")
	case xml.ProcInst:
		if t.Target != "xml" || begun {
			return invalid("the XML has a processing instruction: leave it out")
		}
	case xml.StartElement:
		return d.open()
	case xml.EndElement:
		if d.depth == 2 && !d.nested {
			d.fields.add(t.Name.Local, d.text.String())
		}
		d.depth--
	case xml.CharData:
		if d.depth == 0 && len(bytes.TrimSpace(t)) > 0 {
			return invalid("the XML has text outside of its element")
		}
		if d.depth == 2 {
			d.text.Write(t)
		}
	}
	return nil
}

func (d *xmlFields) open() error {
	d.depth++
	switch {
	case d.depth > maxDepth:
		return tooDeep()
	case d.depth == 1:
		d.roots++
	case d.depth == 2:
		d.text.Reset()
		d.nested = false
	default:
		d.nested = true
	}
	return nil
}
