package integration

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
)

// A question goes to the URL of a device, whose answer comes back at once and ends the
// login, or whose code is typed; a URL that is no target is no device's.
func TestCallbackLogin(t *testing.T) {
	questions, answer := make(chan string, 1), make(chan string, 1)
	post := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/jose" {
			t.Errorf("%v, %v", r.Header, err)
		}
		questions <- string(body)
		_, _ = io.WriteString(w, <-answer)
	}))
	t.Cleanup(post.Close)
	bob := open(t, "factors http totp\nchannel http callback {\ntarget "+post.Listener.Addr().String()+"\n}", "").another("bob")
	err := bob.try("device/add", admin.AddDevice{User: "bob", Kind: "http", Address: "https://elsewhere.example.com/ask"}, &admin.DeviceWithSecret{})
	if err == nil || !strings.Contains(err.Error(), "none of the targets of channel callback: "+post.Listener.Addr().String()) {
		t.Errorf("a device elsewhere gives %v", err)
	}
	device := bob.addAsked("http", post.URL+"/ask?of=bob")

	answer <- "" // later, or never
	page := bob.showPassword(bob.browser(), "/x").want(http.StatusOK)
	q := device.verify(<-questions)
	page.submit("/.doorward/code", "code", q["code"].(string)).want(http.StatusOK, "Remote-User")

	verified := make(chan *authcore.Verified)
	go func() { verified <- bob.asks() }()
	answer <- device.says(device.verify(<-questions), "yes")
	bob.answered(<-verified)
}
