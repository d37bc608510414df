package dialect

import (
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore"
)

// wantFields holds what holds of every decoder: fields or the caller's error, and
// names and values that can be compared.
func wantFields(t *testing.T, f Fields, err error) {
	t.Helper()
	if err != nil && (f != nil || authcore.CodeOf(err) != authcore.CodeInvalid) || err == nil && f == nil {
		t.Fatalf("%v with %v", f, err)
	}
	for name, value := range f {
		if name != strings.ToLower(name) || !utf8.ValidString(name) || !utf8.ValidString(value) {
			t.Fatalf("%q: %q", name, value)
		}
	}
}

func FuzzDecodeForm(f *testing.F) {
	for _, body := range []string{"", "a=b", "userName=a&UserName=b", "%", "a=%zz", "a=%ff", "a;b=c", "=", "&&=&", "a=b=c", "+=+"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, err := DecodeForm(body)
		wantFields(t, fields, err)
		values, parse := url.ParseQuery(strings.ReplaceAll(string(body), ";", "%3b"))
		if err == nil && parse != nil {
			t.Fatalf("%q is taken as %v", body, fields)
		}
		if err == nil {
			for name := range values {
				if _, ok := fields[strings.ToLower(name)]; !ok {
					t.Fatalf("%q has no %q: %v", body, name, fields)
				}
			}
		}
	})
}

func FuzzDecodeMultipart(f *testing.F) {
	f.Add([]byte(partsOf), "B")
	f.Add([]byte("--B--"), "B")
	f.Add([]byte("--B\r\n\r\n\r\n--B--"), "B")
	f.Add([]byte(""), "")
	f.Add([]byte("--\r\nContent-Disposition: form-data; name=\"a\r\n\r\n--"), "")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		fields, err := DecodeMultipart(body, boundary)
		wantFields(t, fields, err)
		if len(fields) > maxParts {
			t.Fatalf("%d fields", len(fields))
		}
	})
}

func FuzzDecodeXML(f *testing.F) {
	for _, body := range []string{
		"<a/>", "<a><b>c</b></a>", "<a><B/><b>c</b></a>", "<!DOCTYPE a><a/>", "<?xml version=\"1.0\"?><a/>", "<a>&x;</a>", "<a><![CDATA[<b>]]></a>", "<a><b", "\ufeff<a/>",
		"<a><b><c>d</c></b></a>", "<a:b xmlns:a=\"x\"><a:c>d</a:c></a:b>", strings.Repeat("<a>", 20), "<a></b>", "x<a/>",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, err := DecodeXML(body)
		wantFields(t, fields, err)
		var whole struct{}
		if err == nil && xml.Unmarshal([]byte(strings.TrimPrefix(string(body), "\ufeff")), &whole) != nil {
			t.Fatalf("%q is taken as %v", body, fields)
		}
	})
}
