package pskc_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
)

// FuzzReader: no input panics, what comes out can be used for codes, no error holds
// what was decoded, and what is read to its end is one well-formed element in UTF-8 without
// a document type.
func FuzzReader(f *testing.F) {
	m := preSharedMaker()
	for _, name := range []string{"2", "3", "4", "5", "6", "7", "8", "9", "10"} {
		f.Add(figure(f, "figure"+name))
	}
	f.Add(m.container(f))
	f.Add(with(f, plain, ":hotp", ":totp"))
	f.Add(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><KeyContainer>&a;</KeyContainer>`)
	serial := regexp.MustCompile(`\A.{1,255}\z`)
	directive := regexp.MustCompile(`<!(DOCTYPE|ENTITY)`)
	f.Fuzz(func(t *testing.T, file string) {
		if strings.Count(file, "IterationCount>") > 0 && !strings.Contains(file, ">1000<") {
			return // thousands of iterations per input would find nothing else
		}
		for _, unlock := range []pskc.Unlock{{}, {PreShared: m.key}, {Password: "qwerty"}} {
			r := pskc.NewReader(strings.NewReader(file), unlock)
			r.At(today)
			var err error
			for last := 0; err == nil || errors.As(err, new(*pskc.KeyError)); {
				var k pskc.Key
				if k, err = r.Next(); err != nil {
					if strings.Contains(err.Error(), secret) {
						t.Fatalf("an error holds the secret: %v", err)
					}
					continue
				}
				key := oath.Key{Secret: k.Secret, Algorithm: k.Algorithm, Digits: k.Digits, Period: k.Period}
				usable := key.ValidateHOTP
				if k.Kind == "totp" {
					usable = key.ValidateTOTP
				}
				if usable() != nil || !serial.MatchString(k.Serial) || k.Counter < 0 || k.Line < last {
					t.Fatalf("%+v: %v", k, usable())
				}
				last = k.Line
			}
			if !errors.Is(err, io.EOF) {
				if !strings.HasPrefix(err.Error(), "line ") {
					t.Fatalf("an error without its line: %v", err)
				}
				continue
			}
			wellFormed(t, file, directive)
		}
	})
}

func wellFormed(t *testing.T, file string, directive *regexp.Regexp) {
	t.Helper()
	var any struct {
		XMLName xml.Name
		Version string `xml:"Version,attr"`
	}
	if err := xml.Unmarshal([]byte(strings.TrimPrefix(file, "\ufeff")), &any); err != nil || !utf8.ValidString(file) {
		t.Fatalf("what was read is not well-formed: %v", err)
	}
	if any.XMLName.Local != "KeyContainer" || any.Version != "1.0" {
		t.Fatalf("what was read is <%s> %s", any.XMLName.Local, any.Version)
	}
	comments := regexp.MustCompile(`(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>`)
	if directive.MatchString(comments.ReplaceAllString(file, "")) {
		t.Fatal("what was read has a document type")
	}
}
