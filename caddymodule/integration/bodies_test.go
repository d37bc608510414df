package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// REL-05: a body that is not small and flat is refused before any
// secret is looked at: the code that stands in each URL still works at the end,
// nothing was counted, and the app was not asked.
func TestBodies(t *testing.T) {
	d := open(t, "", "open /api/*")
	device := d.addHOTP()
	path := "/api/2.0/authentication/" + device.code(0)
	good := `{"userName":"alice","password":"` + d.password + `"}`
	pad := func(n int) string { return `{"x":"` + strings.Repeat("x", n-len(`{"x":""}`)) + `"}` }
	type jsonBody struct {
		body   string
		status int
	}
	bodies := map[string]jsonBody{
		"8193 bytes":       {pad(8193), 413},
		"a mebibyte":       {pad(1 << 20), 413},
		"17 deep":          {`{"x":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`, 400},
		"very deep":        {`{"x":` + strings.Repeat(`{"x":`, 1500), 400},
		"not UTF-8":        {"{\"userName\":\"\xff\"}", 400},
		"UTF-16":           {"{\x00}\x00", 400},
		"a BOM":            {"\xef\xbb\xbf" + good, 400},
		"empty":            {"", 401}, // no fields, and so no name
		"white space":      {" \r\n", 400},
		"an array":         {"[" + good + "]", 400},
		"text":             {`"` + d.password + `"`, 400},
		"null":             {"null", 400},
		"a form":           {"userName=alice&password=x", 400},
		"two objects":      {good + good, 400},
		"garbage after it": {good + "x", 400},
		"cut off":          {good[:len(good)-1], 400},
		"a comma too much": {`{"userName":"alice",}`, 400},
		"no value":         {`{"userName":}`, 400},
		"no quotes":        {`{userName:"alice"}`, 400},
		"NaN":              {`{"userName":NaN}`, 400},
		"a control sign":   {"{\"userName\":\"a\x00\"}", 400},
	}
	for name, c := range bodies {
		for way, extra := range map[string]string{
			"Content-Length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(c.body), c.body),
			"chunked":        fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(c.body), c.body),
		} {
			if c.body == "" && way == "chunked" {
				continue // it would be two ends
			}
			t.Run(name+", "+way, func(t *testing.T) {
				answer := d.raw("POST " + path + " HTTP/1.1\r\nHost: gate\r\nContent-Type: application/json\r\n" + extra)
				if answer.status != c.status || !strings.HasPrefix(answer.body, `{"status":1,"statusCode":`) {
					t.Errorf("%d %s", answer.status, answer.body)
				}
			})
		}
	}
	for name, media := range map[string][]string{
		"text": {"Content-Type", "text/plain"}, "another form": {"Content-Type", "multipart/mixed; boundary=x"},
		"almost": {"Content-Type", "application/jsonx"}, "another charset": {"Content-Type", "application/json; charset=utf-16"},
		"malformed": {"Content-Type", "application/json; charset"}, "gzip": {"Content-Type", "application/json", "Content-Encoding", "gzip"},
	} {
		t.Run("media type "+name, func(t *testing.T) {
			if status, body, _ := d.do(http.MethodPost, path, good, media...); status != http.StatusUnsupportedMediaType {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	for name, extra := range map[string]string{
		"longer than it says":     "Content-Length: 1\r\n\r\n" + good,
		"beyond all numbers":      "Content-Length: 99999999999999999999\r\n\r\n{}",
		"negative":                "Content-Length: -1\r\n\r\n{}",
		"two lengths":             "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
		"a bad chunk":             "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
		"another transfer coding": "Transfer-Encoding: gzip\r\n\r\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			answer := d.raw("POST " + path + " HTTP/1.1\r\nHost: gate\r\nContent-Type: application/json\r\n" + extra)
			if answer.status < 400 || answer.status >= 500 && answer.status != http.StatusNotImplemented {
				t.Errorf("%+v", answer)
			}
		})
	}
	d.wantUntouched(device, good)
	if hits := d.app.hits.Load(); hits != 0 {
		t.Errorf("the app got %d requests", hits)
	}
}

// wantUntouched wants that no code of a device was counted or spent.
func (d *door) wantUntouched(device hotp, body string) {
	d.t.Helper()
	var shown admin.DeviceWithAttempts
	d.call("device/show", admin.DeviceRef{Device: device.Serial}, &shown)
	if shown.WrongCodes != 0 || shown.WrongCodesTotal != 0 {
		d.t.Errorf("something was counted: %+v", shown)
	}
	if status, text := d.post("/api/2.0/authentication/"+device.code(0), body); status != http.StatusCreated {
		d.t.Errorf("the code was spent: %d %s", status, text)
	}
}
