package dialect

import (
	"encoding/json"
	"net/http"
)

// WriteJSON answers with status and v.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	Write(w, status, "application/json; charset=utf-8", body)
}

// WriteProblem answers with problem details (RFC 9457) that have no type of their own.
func WriteProblem(w http.ResponseWriter, status int, detail string) {
	body, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, detail})
	if err != nil {
		body = []byte("{}")
	}
	Write(w, status, "application/problem+json", body)
}

// Write answers with status and body. Answers of the core are never cached, and
// never taken for another media type.
func Write(w http.ResponseWriter, status int, media string, body []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever went away is not told
}
