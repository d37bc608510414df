package credentials

import (
	"net/http"
	"net/url"
	"strings"
)

// foreignUpgrade is a WebSocket that a page of another origin opens. A browser
// sends our cookie along with it, and says where the page is from.
func foreignUpgrade(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || r.Header.Get("Upgrade") == "" && !ExtendedConnect(r) {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// ExtendedConnect is a WebSocket over HTTP/2 (RFC 8441) or HTTP/3 (RFC 9220),
// told apart as reverse_proxy does it.
func ExtendedConnect(r *http.Request) bool {
	return r.Method == http.MethodConnect &&
		(r.ProtoMajor == 2 && r.Header.Get(":protocol") == "websocket" || r.ProtoMajor == 3 && r.Proto == "websocket")
}
