package elcoin

import (
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func bearer(h http.Header) (token string, ok bool) {
	all := h["Authorization"]
	if len(all) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(all[0], " ")
	token = strings.TrimLeft(token, " ")
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

func checkMedia(c *dialect.Call) error { _, err := dialect.JSONBody(c); return err }

func nothingHere(http.ResponseWriter, *dialect.Call) error {
	return dialect.Refuse(http.StatusNotFound, "there is nothing here")
}

func wrongMethod(served []string) func(http.ResponseWriter, *dialect.Call) error {
	return func(http.ResponseWriter, *dialect.Call) error {
		refusal := dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method "+strings.Join(served, " or "))
		refusal.Allow = strings.Join(served, ", ")
		return refusal
	}
}

func masked(kind authcore.DeviceKind, number string) string { return number }

func numberOf(d authcore.Device, of authcore.Attributes) string { return d.Address }
