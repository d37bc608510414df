package credentials

import (
	"net/http"
	"time"

	"github.com/doorward/doorward/caddymodule/app"
)

// Those that hold the secret of a browser that is a registered device. It outlives
// every session, and opens nothing by itself.
const (
	deviceCookie      = "__Host-doorward-device"
	deviceCookieLocal = "doorward-device"
)

var deviceCookies = []string{deviceCookie, deviceCookieLocal}

// deviceLifetime is the longest that browsers keep a cookie (RFC 6265bis section 5.5).
const deviceLifetime = 400 * 24 * time.Hour

// SetDevice gives a browser the secret of the device that it is. Each host has its own,
// whatever the Domain: what one host gave, no other can take.
func (b Browser) SetDevice(w http.ResponseWriter, r *http.Request, secret string) {
	c := ofHost(r, deviceCookie, deviceCookieLocal, secret)
	if secret != "" {
		c.MaxAge = int(deviceLifetime / time.Second)
	}
	http.SetCookie(w, c)
}

// DropDevice takes the secret away.
func (b Browser) DropDevice(w http.ResponseWriter, r *http.Request) { b.SetDevice(w, r, "") }

// Device is the secret that the browser shows; empty: none, or two.
func (b Browser) Device(r *http.Request) string {
	return onlyCookie(r, deviceCookie, deviceCookieLocal)
}

// onlyCookie is the value of the cookie that ofHost makes, when there is one.
func onlyCookie(r *http.Request, secure, local string) string {
	name := secure
	if !app.Encrypted(r) {
		name = local
	}
	if found := r.CookiesNamed(name); len(found) == 1 && app.Secure(r) {
		return found[0].Value
	}
	return ""
}
