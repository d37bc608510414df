package qitech

import (
	"net/http"
	"net/http/httptest"

	"github.com/doorward/doorward/caddymodule/dialect"
)

func callWith(body string) *dialect.Call {
	return &dialect.Call{Request: httptest.NewRequest(http.MethodPost, "/account/9d5ea4ee-7a2c-4f07-8b66-0a4cbe1df0d5/device", nil), Body: []byte(body)}
}
