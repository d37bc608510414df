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

// Write answers with status and body. Answers of the core are never cached, and
// never taken for another media type.
func Write(w http.ResponseWriter, status int, media string, body []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever went away is not told
}
