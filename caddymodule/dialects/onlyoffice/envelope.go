package onlyoffice

import (
	"bytes"
	"encoding/json"
	"strings"
)

// These are what every answer comes in. The order of the members is the wire's.
type (
	envelope struct {
		Count      int        `json:"count,omitempty"`
		Status     int        `json:"status"` // 0 ok, 1 error
		StatusCode int        `json:"statusCode"`
		Response   any        `json:"response,omitempty"`
		Error      *exception `json:"error,omitempty"`
	}
	exception struct {
		Message string      `json:"message"`
		HResult json.Number `json:"hresult"`
		Data    struct{}    `json:"data"`
	}

	docspaceEnvelope struct {
		Response   any    `json:"response,omitempty"`
		Count      int    `json:"count"`
		Links      []link `json:"links"`
		Status     int    `json:"status"`
		StatusCode int    `json:"statusCode"`
	}
	link struct {
		Href   string `json:"href"`
		Action string `json:"action"`
	}

	docspaceFailure struct {
		Error      docspaceException `json:"error"`
		Status     int               `json:"status"`
		StatusCode int               `json:"statusCode"`
	}
	docspaceException struct {
		Message string  `json:"message"`
		Type    *string `json:"type"`
		Stack   *string `json:"stack"`
		HResult int     `json:"hresult"`
	}
)

// success is the envelope of a response: nil is nothing, []any a list.
func (o *OnlyOffice) success(r route, publicURL string, response any) any {
	count := 1
	if list, ok := response.([]any); ok {
		count = len(list)
	} else if response == nil {
		count = 0
	}
	if o.Flavour == docspace {
		// The route, not the path: that may hold a code.
		self := link{publicURL + o.Prefix + "/" + strings.ReplaceAll(r.name, "{code}", "code"), r.method}
		return docspaceEnvelope{response, count, []link{self}, 0, o.status(r.method)}
	}
	if response == nil {
		response = struct{}{}
	}
	return envelope{Count: count, StatusCode: o.status(r.method), Response: response}
}

// encode writes JSON as a portal does: < > & as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte(`{"status":1,"statusCode":500}`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// escapeSlashes writes / as \/: in JSON it stands in strings only.
func escapeSlashes(body []byte) []byte { return bytes.ReplaceAll(body, []byte("/"), []byte(`\/`)) }
