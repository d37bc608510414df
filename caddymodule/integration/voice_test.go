package integration

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// receiver takes what a channel of the kind http sends.
func receiver(t *testing.T) (url string, texts <-chan tidings) {
	t.Helper()
	taken := make(chan tidings, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct{ To, Text string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		taken <- tidings{m.To, "", m.Text}
	}))
	t.Cleanup(server.Close)
	return server.URL, taken
}

// What is read out goes to the channel voice, with the digits apart, and a text message
// to the channel phone.
func TestVoice(t *testing.T) {
	sms, texts := receiver(t)
	phone, calls := receiver(t)
	caddytestkit.Start(t, caddyfile("channel phone http "+sms+"\nchannel voice http "+phone, "", "respond ok"))
	module, err := caddy.ActiveContext().App("doorward")
	if err != nil {
		t.Fatal(err)
	}
	core, err := module.(*app.App).Core(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	operator := authcore.Operator()
	if _, err := core.Users.Add(t.Context(), operator, authcore.NewUser{Name: "alice", Phone: "+79001234567", Password: "mossy lantern kettle vowel"}); err != nil {
		t.Fatal(err)
	}
	r, err := core.Devices.Register(t.Context(), operator, authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
	if err != nil {
		t.Fatal(err)
	}
	if told := <-texts; !strings.Contains(told.text, "device added") { // of which nobody is told by voice
		t.Errorf("%+v", told)
	}
	for _, c := range []struct {
		by    authcore.DeviceKind
		box   <-chan tidings
		shape string
	}{
		{authcore.ByVoice, calls, `^[0-9] [0-9] [0-9] [0-9] [0-9] [0-9] is your code`},
		{authcore.KindPhone, texts, `^[0-9]{6} is your code`},
	} {
		if _, err := core.Devices.SendCode(t.Context(), operator, authcore.CodeToSend{User: "alice", By: c.by}); err != nil {
			t.Fatal(err)
		}
		got := <-c.box
		if got.to != "+79001234567" || !regexp.MustCompile(c.shape).MatchString(got.text) {
			t.Errorf("%s: %+v", c.by, got)
		}
		code, _, _ := strings.Cut(got.text, " is")
		d, err := core.Devices.Validate(t.Context(), operator, authcore.Checked{User: "alice", Code: strings.ReplaceAll(code, " ", "")})
		if err != nil || d.ID != r.Device.ID {
			t.Errorf("%s: the code gives %+v, %v", c.by, d, err)
		}
	}
	if len(calls)+len(texts) != 0 {
		t.Errorf("%d more calls, %d more texts", len(calls), len(texts))
	}
}
