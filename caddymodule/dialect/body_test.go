package dialect

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

func callWith(contentType, encoding, body string) *Call {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	return &Call{Request: r, Body: []byte(body)}
}

const (
	oneForm = "multipart/form-data; boundary=B"
	partsOf = "--B\r\nContent-Disposition: form-data; name=\"UserName\"\r\n\r\nalice\r\n--B\r\nContent-Disposition: form-data; name=password\r\nContent-Type: text/plain\r\n\r\n a=b&c \r\n--B--\r\n"
)

// Every habit of clients: one set of fields.
func TestBody(t *testing.T) {
	want := Fields{"username": "alice", "password": " a=b&c "}
	for name, c := range map[string]*Call{
		"JSON":                  callWith("application/json", "", `{"userName":"alice","password":" a=b&c "}`),
		"JSON with a charset":   callWith("Application/JSON; charset=UTF-8", "", `{"USERNAME":"alice","Password":" a=b&c ","x":null,"y":{"password":"z"}}`),
		"a form":                callWith("application/x-www-form-urlencoded", "", "username=alice&password=+a%3Db%26c+"),
		"a form in any case":    callWith("application/x-www-form-urlencoded; charset=utf-8", "", "&UserName=alice&&Password=%20a=b%26c%20&password=x"),
		"no type":               callWith("", "", "userName=alice&password=%20a%3db%26c%20"),
		"a multipart form":      callWith(oneForm, "", partsOf),
		"with a file":           callWith(oneForm, "", "--B\r\nContent-Disposition: form-data; name=password; filename=x\r\n\r\nno\r\n"+partsOf),
		"with a foreword":       callWith(oneForm, "", "foreword\r\n"+partsOf+"afterword"),
		"XML":                   callWith("text/xml", "", "<request><userName>alice</userName><password> a=b&amp;c </password></request>"),
		"XML of another type":   callWith("application/xml; charset=utf-8", "", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<r xmlns=\"urn:x\">\n<USERNAME a=\"b\">al<!-- c -->ice</USERNAME>\n<password><![CDATA[ a=b&c ]]></password></r>\n"),
		"XML with more":         callWith("text/xml", "", "\ufeff<a><b><password>x</password></b>text<userName>&#97;lice</userName><password> a=b&#38;c </password><password>y</password></a><!-- e -->"),
		"XML that nests a name": callWith("text/xml", "", "<a><password><b>x</b>y</password><userName>alice</userName><password> a=b&amp;c </password></a>"),
	} {
		got, err := Body(c)
		if delete(got, "x"); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, media := range []string{"", "application/json", "text/xml", "text/plain", oneForm, "x/y"} {
		for _, decode := range []func(*Call) (Fields, error){Body, JSONBody} {
			if f, err := decode(callWith(media, "", "")); err != nil || len(f) != 0 || f == nil {
				t.Errorf("an empty body of %q: %v, %v", media, f, err)
			}
		}
	}
}

// What can't be told apart is refused, as a type or as a body.
func TestBodyRefused(t *testing.T) {
	many := strings.Repeat("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", 65) + "--B--\r\n"
	for name, c := range map[string]struct {
		call   *Call
		status int // of a transport failure; 0: CodeInvalid
	}{
		"JSON that is not called so":     {callWith("", "", ` {"userName":"alice"}`), 0},
		"JSON that is called a form":     {callWith("application/x-www-form-urlencoded", "", `{"userName":"alice"}`), 0},
		"gzip":                           {callWith("application/json", "gzip", "{}"), 415},
		"another charset":                {callWith("application/json; charset=utf-16", "", "{}"), 415},
		"an empty charset":               {callWith("application/json; charset=\"\"", "", "{}"), 415},
		"a form of Latin-1":              {callWith("application/x-www-form-urlencoded; charset=iso-8859-1", "", "a=%e9"), 415},
		"a malformed type":               {callWith("application/json; charset", "", "{}"), 415},
		"an unknown type":                {callWith("text/plain", "", "{}"), 415},
		"almost JSON":                    {callWith("application/jsonx", "", "{}"), 415},
		"another multipart":              {callWith("multipart/mixed; boundary=B", "", partsOf), 415},
		"JSON that is a list":            {callWith("application/json", "", "[]"), 0},
		"JSON that is white":             {callWith("application/json", "", " "), 0},
		"a bad percent":                  {callWith("", "", "a=%zz"), 0},
		"a bad percent in a name":        {callWith("", "", "%z=1"), 0},
		"a form not in UTF-8":            {callWith("", "", "a=%ff"), 0},
		"a name not in UTF-8":            {callWith("", "", "%ff=a"), 0},
		"no boundary":                    {callWith("multipart/form-data", "", partsOf), 0},
		"another boundary":               {callWith("multipart/form-data; boundary=C", "", partsOf), 0},
		"a multipart cut off":            {callWith(oneForm, "", partsOf[:len(partsOf)-6]), 0},
		"a multipart cut off at its end": {callWith(oneForm, "", partsOf[:len(partsOf)-4]), 0},
		"a multipart not UTF-8":          {callWith(oneForm, "", strings.Replace(partsOf, "alice", "\xff", 1)), 0},
		"too many parts":                 {callWith(oneForm, "", many), 0},
		"XML not in UTF-8":               {callWith("text/xml", "", "<a><b>\xff</b></a>"), 0},
		"XML that says otherwise":        {callWith("text/xml", "", `<?xml version="1.0" encoding="windows-1251"?><a/>`), 0},
		"XML cut off":                    {callWith("text/xml", "", "<a><b>1</b>"), 0},
		"XML that is text":               {callWith("text/xml", "", "alice"), 0},
		"XML that is white":              {callWith("text/xml", "", " "), 0},
		"two elements":                   {callWith("text/xml", "", "<a/><a/>"), 0},
		"text after it":                  {callWith("text/xml", "", "<a/>x"), 0},
		"the wrong end":                  {callWith("text/xml", "", "<a><b>1</a></b>"), 0},
	} {
		f, err := Body(c.call)
		var refused *StatusError
		if f != nil || authcore.CodeOf(err) != authcore.CodeInvalid || errors.As(err, &refused) != (c.status != 0) || refused != nil && refused.Status != c.status {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	for _, media := range []string{"", "text/xml", "application/x-www-form-urlencoded", oneForm} {
		if f, err := JSONBody(callWith(media, "", "a=b")); f != nil || authcore.CodeOf(err) != authcore.CodeInvalid {
			t.Errorf("%q as JSON: %v, %v", media, f, err)
		}
	}
}

// CWE-776, CWE-611: no document type, no entity of one's own, no instruction, and
// exactly 16 levels.
func TestXMLTricks(t *testing.T) {
	for _, body := range []string{
		`<!DOCTYPE a [<!ENTITY x "alice">]><a><userName>&x;</userName></a>`,
		`<!DOCTYPE a SYSTEM "http://evil/x.dtd"><a><userName>alice</userName></a>`,
		`<!DOCTYPE a><a><userName>alice</userName></a>`,
		`<a><!ENTITY x "y"><userName>alice</userName></a>`,
		`<a><userName>&x;</userName></a>`,
		`<a><userName>alice</userName></a><!DOCTYPE a>`,
		`<?xml-stylesheet href="http://evil/"?><a><userName>alice</userName></a>`,
		`<a><?php x?><userName>alice</userName></a>`,
		`<a><?xml version="1.0"?><userName>alice</userName></a>`,
		` <?xml version="1.0"?><a><userName>alice</userName></a>`,
		`<a><userName a=b>alice</userName></a>`,
		"<a><userName>al\x00ice</userName></a>",
		`<a><userName>alice&#0;</userName></a>`,
	} {
		if f, err := DecodeXML([]byte(body)); f != nil || authcore.CodeOf(err) != authcore.CodeInvalid || strings.Contains(err.Error(), "alice") {
			t.Errorf("%s: %v, %v", body, f, err)
		}
	}
	nested := func(depth int) []byte {
		return []byte("<a><b>c</b>" + strings.Repeat("<d>", depth-1) + strings.Repeat("</d>", depth-1) + "</a>")
	}
	if f, err := DecodeXML(nested(16)); err != nil || len(f) != 1 || f.Get("B") != "c" {
		t.Errorf("16 deep: %v, %v", f, err)
	}
	if f, err := DecodeXML(nested(17)); authcore.CodeOf(err) != authcore.CodeInvalid || f != nil {
		t.Errorf("17 deep: %v, %v", f, err)
	}
}
