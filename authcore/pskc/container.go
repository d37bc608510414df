package pskc

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// next reads children of the container up to the next KeyPackage.
func (r *Reader) next() (Key, error) {
	if !r.begun {
		if err := r.begin(); err != nil {
			return Key{}, err
		}
		r.begun = true
	}
	for {
		part, err := r.part()
		if err != nil {
			return Key{}, err
		}
		switch part.name {
		case in(nsPSKC, "EncryptionKey"):
			err = r.keep(&r.protects, part)
		case in(nsPSKC, "MACMethod"):
			err = r.keep(&r.mac, part)
		case in(nsPSKC, "KeyPackage"):
			return r.take(part)
		case in(nsPSKC, "Signature"), in(nsDSig, "Signature"): // figure 9, and what XML-DSig itself calls it
			r.signed = true
		case in(nsPSKC, "Extensions"):
		default:
			return Key{}, at(part.line, "<%s> of the namespace %s is not expected in <KeyContainer>", short(part.name.Local), quote(part.name.Space))
		}
		if err != nil {
			return Key{}, err
		}
	}
}

// begin reads the start of the container.
func (r *Reader) begin() error {
	for {
		token, line, err := r.source.token()
		if errors.Is(err, io.EOF) {
			return at(line, "the file is empty: a PSKC container is expected")
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return at(line, "there is text before the container: a PSKC container is expected")
			}
		case xml.StartElement:
			if t.Name != in(nsPSKC, "KeyContainer") {
				return at(line, "the file begins with <%s> of the namespace %s: <KeyContainer> of %s is expected", short(t.Name.Local), quote(t.Name.Space), nsPSKC)
			}
			return checkVersion(t, line)
		}
	}
}

// checkVersion holds the attributes of the container against section 4.
func checkVersion(start xml.StartElement, line int) error {
	versions := 0
	for _, a := range start.Attr {
		if a.Name == (xml.Name{Local: "Version"}) {
			versions++
			if a.Value != "1.0" {
				return at(line, "the container has the version %s: 1.0 can be read", quote(a.Value))
			}
		}
	}
	if versions != 1 {
		return at(line, "the container has no attribute Version, or two: Version=\"1.0\" is expected")
	}
	return nil
}

// part reads the next child of the container. io.EOF says that the container ended,
// and the file with it.
func (r *Reader) part() (*element, error) {
	r.source.meter.refill()
	for {
		token, line, err := r.source.token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, at(line, "there is text between the elements of the container")
			}
		case xml.StartElement:
			return r.source.element(t, line, 2)
		case xml.EndElement:
			return nil, r.end(line)
		}
	}
}

// end reads what is behind the container: nothing may be.
func (r *Reader) end(line int) error {
	if r.lock == nil {
		return at(line, "the container has no <KeyPackage>")
	}
	token, line, err := r.source.token()
	for err == nil {
		if text, ok := token.(xml.CharData); !ok || strings.TrimSpace(string(text)) != "" {
			return at(line, "there is more in the file behind the container")
		}
		token, line, err = r.source.token()
	}
	return err
}

// keep keeps what protects the values of the packages that follow.
func (r *Reader) keep(where **element, part *element) error {
	if r.lock != nil {
		return at(part.line, "<%s> comes after a <KeyPackage>: section 11 wants it before the first", part.name.Local)
	}
	if *where != nil {
		return at(part.line, "<%s> stands twice in <KeyContainer>", part.name.Local)
	}
	*where = part
	return nil
}
