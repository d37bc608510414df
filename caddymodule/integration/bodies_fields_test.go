package integration

import (
	"net/http"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// Clients write the fields in their own ways; all of them log in.
func TestBodyFields(t *testing.T) {
	d := open(t, "", "")
	const digits = "739018264551"
	d.call("user/password", admin.SetPassword{User: d.name, Password: digits}, new(any))
	for name, body := range map[string]string{
		"as written":         `{"userName":"alice","password":"` + digits + `"}`,
		"lower case":         `{"username":"alice","password":"` + digits + `"}`,
		"Pascal case":        `{"UserName":"alice","Password":"` + digits + `","Provider":""}`,
		"a number":           `{"userName":"alice","password":` + digits + `}`,
		"null is absent":     `{"userName":"alice","password":"` + digits + `","provider":null,"userName":null}`,
		"the first counts":   `{"userName":"alice","password":"` + digits + `","password":"x"}`,
		"unknown fields":     `{"x":[{"password":"y"}],"userName":"alice","y":true,"password":"` + digits + `","z":1.5}`,
		"e-mail as provider": `{"userName":"alice","password":"` + digits + `","provider":"email"}`,
		"escapes":            `{"user\u004eame":"\u0061lice","password":"` + digits + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if status, text := d.post("/api/2.0/authentication", body, "Content-Type", ""); status != http.StatusCreated {
				t.Errorf("%d %s", status, text)
			}
		})
	}
	for name, body := range map[string]string{
		"another provider": `{"userName":"alice","password":"` + digits + `","provider":"google"}`,
		"nested":           `{"userName":"alice","password":["` + digits + `"]}`,
		"null":             `{"userName":"alice","password":null}`,
		"a truth":          `{"userName":"alice","password":true}`,
		"absent":           `{"userName":"alice"}`,
		"no name":          `{"password":"` + digits + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if status, text := d.post("/api/2.0/authentication", body); status != http.StatusUnauthorized {
				t.Errorf("%d %s", status, text)
			}
		})
	}
}

// The routes of the dialect in every spelling that a portal takes; what stands
// for something else goes on to the gate, which asks for a login.
func TestRoutes(t *testing.T) {
	d := open(t, "", "")
	good := `{"userName":"alice","password":"` + d.password + `"}`
	device, counter := d.addHOTP(), 0
	next := func() string { counter++; return device.code(counter - 1) }
	percent := func(code string) (all string) {
		for _, c := range code {
			all += "%3" + string(c)
		}
		return all
	}
	for name, path := range map[string]func() string{
		"plain":          func() string { return "/api/2.0/authentication/" + next() },
		"a slash":        func() string { return "/api/2.0/authentication/" + next() + "/" },
		".json":          func() string { return "/api/2.0/authentication/" + next() + ".json" },
		".JSON/":         func() string { return "/api/2.0/authentication/" + next() + ".JSON/" },
		"upper case":     func() string { return "/API/2.0/AUTHENTICATION/" + next() },
		"percent":        func() string { return "/%61pi/2%2e0/%61uthentication/" + percent(next()) },
		"a query":        func() string { return "/api/2.0/authentication/" + next() + "?x=/y" },
		"double slashes": func() string { return "//api/2.0//authentication/" + next() },
		"dots":           func() string { return "/x/../api/./2.0/authentication/" + next() },
	} {
		t.Run(name, func(t *testing.T) {
			if status, text := d.post(path(), good); status != http.StatusCreated {
				t.Errorf("%d %s", status, text)
			}
		})
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/api/2.0/authentication/123456", 405},
		{"HEAD", "/api/2.0/authentication/123456", 405},
		{"PUT", "/api/2.0/authentication/123456.json", 405},
		{"POST", "/api/2.0/authentication/123456/x", 404},
		{"GET", "/api/2.0/authentication", 200},
		{"GET", "/api/2.0/authentication.json", 200},
		{"POST", "/api/2.0/authentication/setphone", 400}, // no number
		{"POST", "/api/2.0/authentication/SendSMS.json", 409},
		{"POST", "/api/2.0/authentication/confirm/", 201},
		{"POST", "/api/2.0/authentication/Login", 404},
		{"GET", "/api/2.0/confirm/TfaAuth", 404},
		{"POST", "/api/2.0/authentications/123456", 401},
		{"POST", "/api/2.0/people", 401},
		{"POST", "/x/api/2.0/authentication/123456", 401},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			status, body, h := d.do(c.method, c.path, good, "Content-Type", "application/json")
			ours := h.Get("WWW-Authenticate") == ""
			if status != c.status || ours == (c.status == 401) || (status == 405) != (h.Get("Allow") == "POST") {
				t.Errorf("%d %v %s", status, h, body)
			}
		})
	}
	if hits := d.app.hits.Load(); hits != 0 {
		t.Errorf("the app got %d requests", hits)
	}
}
