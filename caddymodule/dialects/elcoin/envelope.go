package elcoin

import (
	"net/http"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// answer is what a success has.
type answer struct {
	total int64
	data  any
}

// one is the answer that is one record, or one thing that was done.
func one(data any) answer { return answer{1, data} }

// envelope is every answer of a model. The order of the members is the wire's.
type envelope struct {
	Status      string   `json:"status"`
	Description string   `json:"error_description"`
	Error       struct{} `json:"error"`
	DataType    string   `json:"data_type"`
	Total       int64    `json:"total_records"`
	Data        any      `json:"data"`
}

// failed is what total_records is of an error, in the vendor's samples.
const failed = -2

func writeOK(w http.ResponseWriter, a answer) {
	dialect.WriteJSON(w, http.StatusOK, envelope{Status: "ok", DataType: modelName, Total: a.total, Data: a.data})
}

// WriteError answers in the envelope of the model; what is of /oauth/v2 has a Fail of its own.
func (e *Elcoin) WriteError(w http.ResponseWriter, err error) {
	row := find(w, err)
	text := "[" + row.Code + " : " + row.Text + "]"
	if bare[row.Code] {
		text = "[" + row.Code + "]"
	}
	switch {
	case e.Always200:
		row.Status = http.StatusOK
	case row.Status == http.StatusUnauthorized: // RFC 9110 section 15.5.2
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	dialect.WriteJSON(w, row.Status, envelope{Status: "error", Description: text, Total: failed, Data: struct{}{}})
}
