package gate

import (
	"fmt"
	"net/http"
	"net/textproto"
	"regexp"
	"strings"
)

// Headers names the headers that tell the app who it is.
type Headers struct {
	// The user's name. Default: Remote-User.
	User string `json:"user,omitempty"`
	// The name to show. Default: Remote-Name.
	Name string `json:"name,omitempty"`
	// The e-mail address. Default: Remote-Email.
	Email string `json:"email,omitempty"`
	// The groups, separated by commas. Default: Remote-Groups.
	Groups string `json:"groups,omitempty"`
}

// defaultHeaders are removed from requests also when others are configured: an
// app may still read them.
var defaultHeaders = Headers{User: "Remote-User", Name: "Remote-Name", Email: "Remote-Email", Groups: "Remote-Groups"}

var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// reservedHeaders would break the request or the token if they were ours.
var reservedHeaders = map[string]bool{
	"Authorization": true, "Proxy-Authorization": true, "Cookie": true, "Host": true, "Connection": true, "Upgrade": true,
	"Content-Length": true, "Transfer-Encoding": true, "Trailer": true, "Te": true,
}

func (h *Headers) provision() error {
	seen := map[string]bool{}
	for _, f := range []struct{ name, byDefault *string }{
		{&h.User, &defaultHeaders.User},
		{&h.Name, &defaultHeaders.Name},
		{&h.Email, &defaultHeaders.Email},
		{&h.Groups, &defaultHeaders.Groups},
	} {
		if *f.name == "" {
			*f.name = *f.byDefault
		}
		if err := checkHeader(*f.name); err != nil {
			return err
		}
		name := textproto.CanonicalMIMEHeaderKey(*f.name)
		if seen[name] {
			return fmt.Errorf("header '%s' is named twice", *f.name)
		}
		seen[name], *f.name = true, name
	}
	return nil
}

// Check refuses names that can't be honoured together, and changes nothing.
func (h *Headers) Check() error {
	all := *h
	return all.provision()
}

func checkHeader(name string) error {
	if !headerName.MatchString(name) || reservedHeaders[textproto.CanonicalMIMEHeaderKey(name)] {
		return fmt.Errorf("header '%s' can't carry an identity: letters, digits and -, and none that HTTP uses itself", name)
	}
	return nil
}

// set puts the identity in, each header once. They are all set, so that an app
// never takes the absence of one for an older value. The header keeps values.
func (h *Headers) set(header http.Header, values *[4]string) {
	header[h.User] = values[0:1:1] // each with no room, so that appending to one changes no other
	header[h.Name] = values[1:2:2]
	header[h.Email] = values[2:3:3]
	header[h.Groups] = values[3:4:4]
}

// encode makes a value that every server reads alike: printable ASCII stays, "%"
// and all else is percent-encoded as UTF-8 (RFC 3986 section 2.1).
func encode(s string) string {
	for i := 0; ; i++ {
		if i == len(s) {
			return s
		}
		if !printable(s[i]) {
			break
		}
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if printable(s[i]) {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}

func printable(c byte) bool { return c >= 0x20 && c < 0x7f && c != '%' }
