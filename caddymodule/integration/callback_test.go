package integration

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// A question goes to the URL of a device, whose answer comes back at once and ends the
// login, or whose code is typed; a URL that is no target is no device's.
func TestCallbackLogin(t *testing.T) {
	var device *askedDevice
	questions, atOnce := make(chan string, 1), make(chan bool, 1)
	post := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/jose" {
			t.Errorf("%v, %v", r.Header, err)
		}
		if <-atOnce {
			_, _ = io.WriteString(w, device.says(device.verify(string(body)), "yes"))
			return
		}
		questions <- string(body)
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(post.Close)
	target := post.Listener.Addr().String()
	bob := open(t, "factors http totp\nchannel http callback {\ntarget "+target+"\n}", "").another("bob")
	err := bob.try("device/add", admin.AddDevice{User: "bob", Kind: "http", Address: "https://elsewhere.example.com/ask"}, &admin.DeviceWithSecret{})
	if err == nil || !strings.Contains(err.Error(), "none of the targets of channel callback: "+target) {
		t.Errorf("a device elsewhere gives %v", err)
	}
	device = bob.addAsked("http", post.URL+"/ask?of=bob")

	atOnce <- false
	typing := bob.asks()
	typing.types(device.verify(<-questions)["code"].(string))

	atOnce <- true
	bob.asks().enters()
}
