package dialect

import (
	"bytes"
	"mime"
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// Body reads the fields of a body by its media type: JSON, XML or a form, which
// may be multipart. Without a Content-Type it is a form, as it is for servers of
// that age; an empty body has no fields. What can't be told apart, other charsets
// than UTF-8 and compressed bodies are 415.
func Body(c *Call) (Fields, error) {
	media, params, ok := mediaType(c.Header)
	switch {
	case !ok:
		return nil, unsupported("send the body as application/json, text/xml or a form, in UTF-8 and not compressed")
	case len(c.Body) == 0:
		return Fields{}, nil
	}
	switch media {
	case "application/json":
		return DecodeJSON(c.Body)
	case "text/xml", "application/xml":
		return DecodeXML(c.Body)
	case "application/x-www-form-urlencoded", "":
		if bytes.HasPrefix(bytes.TrimSpace(c.Body), []byte("{")) { // or it would be a wrong password
			return nil, invalid("the body looks like JSON and is not called so: send Content-Type: application/json")
		}
		return DecodeForm(c.Body)
	case "multipart/form-data":
		return DecodeMultipart(c.Body, params["boundary"])
	}
	return nil, unsupported("send the body as application/json, text/xml or a form")
}

// JSONBody is Body for who speaks JSON alone.
func JSONBody(c *Call) (Fields, error) {
	media, _, ok := mediaType(c.Header)
	if !ok || media != "application/json" && len(c.Body) > 0 {
		return nil, unsupported("send the body as application/json in UTF-8, not compressed")
	}
	if len(c.Body) == 0 {
		return Fields{}, nil
	}
	return DecodeJSON(c.Body)
}

// mediaType is what the body is called. ok is false for what nobody here reads:
// a compressed body, another charset than UTF-8.
func mediaType(h http.Header) (media string, params map[string]string, ok bool) {
	text := h.Get("Content-Type")
	if h.Get("Content-Encoding") != "" {
		return "", nil, false
	}
	if text == "" {
		return "", nil, true
	}
	media, params, err := mime.ParseMediaType(text)
	charset, named := params["charset"]
	return media, params, err == nil && (!named || strings.EqualFold(charset, "utf-8"))
}

func unsupported(message string) error {
	return Refuse(http.StatusUnsupportedMediaType, message)
}

func invalid(message string) error {
	return authcore.Errorf(authcore.CodeInvalid, "%s", message)
}
