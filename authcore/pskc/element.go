package pskc

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// The namespaces of a container.
const (
	nsPSKC     = "urn:ietf:params:xml:ns:keyprov:pskc"
	nsDSig     = "http://www.w3.org/2000/09/xmldsig#"
	nsXMLEnc   = "http://www.w3.org/2001/04/xmlenc#"
	nsXMLEnc11 = "http://www.w3.org/2009/xmlenc11#"
	nsPKCS5    = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
)

// element is an element with all that is in it.
type element struct {
	name     xml.Name
	attrs    []xml.Attr // without the namespaces
	text     string     // empty if there are children
	children []*element
	line     int
}

// element reads the rest of an element whose start came, at a depth.
func (s *source) element(start xml.StartElement, line, depth int) (*element, error) {
	if depth > maxDepth {
		return nil, at(line, "elements stand in elements %d deep: %d are allowed", depth, maxDepth)
	}
	if len(start.Attr) > maxAttributes { // each is held against the others
		return nil, at(line, "<%s> has %d attributes: %d are allowed", short(start.Name.Local), len(start.Attr), maxAttributes)
	}
	e := &element{name: start.Name, line: line}
	for i, a := range start.Attr {
		same := func(b xml.Attr) bool { return a.Name == b.Name }
		if slices.ContainsFunc(start.Attr[:i], same) { // which XML forbids, and the decoder does not see
			return nil, at(line, "an attribute of <%s> stands twice", short(e.name.Local))
		}
		if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) {
			e.attrs = append(e.attrs, a)
		}
	}
	var text strings.Builder
	for {
		token, line, err := s.token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := s.element(t, line, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			e.text = strings.TrimSpace(text.String())
			if len(e.children) > 0 && e.text != "" {
				return nil, at(e.line, "<%s> has text between its elements", short(e.name.Local))
			}
			return e, nil
		}
	}
}

// attr gives an attribute of no namespace, as all of the RFC's are.
func (e *element) attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.attrs {
		if a.Name == (xml.Name{Local: name}) {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// child gives the only child that has one of these names: nil if there is none, or
// more. A nil element has no children, no attributes and no text.
func (e *element) child(names ...xml.Name) (only *element) {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if !slices.Contains(names, c.name) {
			continue
		}
		if only != nil {
			return nil
		}
		only = c
	}
	return only
}

// only gives the children by name, and refuses any but these, and any that stands
// twice. Nil stands for one that is not there.
func (e *element) only(names ...xml.Name) (map[xml.Name]*element, error) {
	found := map[xml.Name]*element{}
	for _, c := range e.children {
		if e.extends(c.name) {
			continue
		}
		if !slices.Contains(names, c.name) {
			return nil, fmt.Errorf("<%s> of the namespace %s is not expected in <%s>", short(c.name.Local), quote(c.name.Space), short(e.name.Local))
		}
		if found[c.name] != nil {
			return nil, fmt.Errorf("<%s> stands twice in <%s>", c.name.Local, short(e.name.Local))
		}
		found[c.name] = c
	}
	return found, nil
}

// extends says whether a child is one of those that section 9 lets others add.
func (e *element) extends(child xml.Name) bool {
	switch {
	case e.name == in(nsPSKC, "Policy"): // section 5: what is not understood forbids the key
		return false
	case child == in(nsPSKC, "Extensions"):
		return e.name.Space == nsPSKC
	case e.name == in(nsPSKC, "Data"), e.name == in(nsPSKC, "MACMethod"):
		return child.Space != nsPSKC && child.Space != ""
	}
	return false
}

func in(space, local string) xml.Name { return xml.Name{Space: space, Local: local} }

// maxText is how long a serial or a name may be.
const maxText = 255

// words gives the text of an element that may be missing, in one line.
func (e *element) words() (string, error) {
	if e == nil {
		return "", nil
	}
	if len(e.children) > 0 {
		return "", fmt.Errorf("<%s> has elements where text is expected", e.name.Local)
	}
	text := strings.Join(strings.Fields(e.text), " ")
	if len(text) > maxText {
		return "", fmt.Errorf("<%s> has %d bytes: %d are allowed", e.name.Local, len(text), maxText)
	}
	return text, nil
}

// short and quote bound what an error says of the file.
func short(s string) string { return fmt.Sprintf("%.40s", s) }
func quote(s string) string { return fmt.Sprintf("%.80q", s) }
