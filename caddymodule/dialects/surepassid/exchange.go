package surepassid

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// exchange is one request of an integrator who was admitted.
type exchange struct {
	*dialect.Call
	*SurePassID
	fields
	actor authcore.Actor
}

// answer begins every answer. The order of the members is the wire's.
type answer struct {
	ErrorCode    int    `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
	Type         string `json:"type"` // as it was sent
}

// mostValue is how long a field may be, in bytes.
const mostValue = 1024

// serve answers at the endpoint. Nothing of a body is believed, and no type told from
// another, before the key is right.
func (s *SurePassID) serve(w http.ResponseWriter, c *dialect.Call) error {
	if err := checkMedia(c.Header); err != nil {
		return err
	}
	decoded, err := decode(c.Body)
	if err != nil {
		return err
	}
	for _, value := range decoded {
		if strings.ContainsRune(value, 0) || len(value) > mostValue { // some databases take no text as it comes
			return unreadable("a field of it has more than 1024 bytes, or a NUL")
		}
	}
	x := &exchange{Call: c, SurePassID: s, fields: fields(decoded)}
	sent := x.text("type")
	members, err := x.handle(sent)
	if err != nil {
		x.fail(w, sent, err)
		return nil
	}
	write(w, http.StatusOK, answer{ErrorMessage: "OK", Type: sent}, members)
	return nil
}

func (x *exchange) handle(sent string) (members any, err error) {
	x.actor, err = x.Core.Integrators.Admit(x.Context(), authcore.Knock{
		Dialect: dialectName, Name: x.text("spAccountLoginName"), Key: x.text("spAccountLoginKey"),
		Operation: operationOf(sent), From: x.Origin,
	})
	if err != nil {
		return nil, err
	}
	return handlerOf(sent)(x)
}

// checkMedia refuses what can't be JSON in UTF-8. Its name does not matter: clients of
// the vendor's send it under several.
func checkMedia(h http.Header) error {
	_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, named := params["charset"]
	if h.Get("Content-Encoding") != "" || err == nil && named && !strings.EqualFold(charset, "utf-8") {
		return dialect.Refuse(http.StatusUnsupportedMediaType, "send the body as application/json in UTF-8, not compressed")
	}
	return nil
}

// write answers with members after those that every answer has.
func write(w http.ResponseWriter, status int, a answer, members any) {
	body, err := json.Marshal(a)
	if members != nil && err == nil {
		var more []byte
		if more, err = json.Marshal(members); err == nil {
			body = append(append(body[:len(body)-1], ','), more[1:]...)
		}
	}
	if err != nil { // never: all of it is texts and numbers
		status, body = http.StatusInternalServerError, []byte(`{"errorCode":-1,"errorMessage":"internal error","type":""}`)
	}
	dialect.Write(w, status, "application/json; charset=utf-8", body)
}
