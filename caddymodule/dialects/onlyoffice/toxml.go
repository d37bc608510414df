package onlyoffice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// toXML writes an envelope as a portal does, which makes its XML of its JSON: a
// list is its element again and again, null an element without an end.
func toXML(body []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	x := xmlWriter{dec: dec}
	x.value("result")
	return x.out.Bytes()
}

type xmlWriter struct {
	dec *json.Decoder
	out bytes.Buffer
}

// value writes the next value as elements of a name.
func (x *xmlWriter) value(name string) {
	token, err := x.dec.Token()
	if err != nil { // encode wrote it: it is JSON
		return
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '[' {
			for x.dec.More() {
				x.value(name)
			}
			_, _ = x.dec.Token() // ]
			return
		}
		x.object(name)
	case nil:
		x.out.WriteString("<" + name + " />")
	default:
		x.out.WriteString("<" + name + ">" + xmlText(fmt.Sprint(v)) + "</" + name + ">")
	}
}

func (x *xmlWriter) object(name string) {
	empty := !x.dec.More()
	if empty {
		x.out.WriteString("<" + name + " />")
	} else {
		x.out.WriteString("<" + name + ">")
	}
	for x.dec.More() {
		member, _ := x.dec.Token()
		x.value(fmt.Sprint(member))
	}
	_, _ = x.dec.Token() // }
	if !empty {
		x.out.WriteString("</" + name + ">")
	}
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")

// xmlText has no character that XML has not (XML 1.0 section 2.2).
func xmlText(text string) string {
	return xmlEscapes.Replace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return 0xFFFD
		}
		return r
	}, text))
}
