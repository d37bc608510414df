package dialect

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode/utf8"
)

// DecodeForm reads application/x-www-form-urlencoded. url.ParseQuery would lose
// which of two spellings of a name came first.
func DecodeForm(body []byte) (Fields, error) {
	f := Fields{}
	for pair := range strings.SplitSeq(string(body), "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, invalid("the form has a % that two hexadecimal digits don't follow")
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, invalid("the form has a % that two hexadecimal digits don't follow")
		}
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, notUTF8()
		}
		if pair != "" {
			f.add(name, value)
		}
	}
	return f, nil
}

// maxParts is how many parts a multipart body may have.
const maxParts = 64

// DecodeMultipart reads multipart/form-data from memory: nothing is written to a
// disk. Files are passed over.
func DecodeMultipart(body []byte, boundary string) (Fields, error) {
	if boundary == "" {
		return nil, invalid("the multipart form has no boundary in its Content-Type")
	}
	f := Fields{}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for parts := 1; ; parts++ {
		part, err := reader.NextRawPart()
		if err == io.EOF && parts > 1 { //nolint:errorlint // a wrapped one is of a body that was cut off
			return f, nil
		}
		if err != nil {
			return nil, invalid("the multipart form is not well-formed: is it cut off?")
		}
		if parts > maxParts {
			return nil, invalid("the multipart form has too many parts")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, invalid("the multipart form is not well-formed: is it cut off?")
		}
		name := part.FormName()
		if !utf8.ValidString(name) || !utf8.Valid(value) {
			return nil, notUTF8()
		}
		if name != "" && part.FileName() == "" {
			f.add(name, string(value))
		}
	}
}
