package faults

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/doorward/doorward/caddymodule/admin"
)

// person is a user with event-based devices: their codes need no waiting.
type person struct {
	name, id, password string
	devices            []*device
}

type device struct {
	admin.DeviceWithSecret
	next atomic.Uint64 // counter of its next code
}

// code is the next one that the device shows.
func (d *device) code() string { return d.codeAt(d.next.Add(1) - 1) }

func (d *device) codeAt(counter uint64) string {
	code, err := hotp.GenerateCode(d.Secret, counter)
	if err != nil {
		panic(err)
	}
	return code
}

// enrol makes a user with so many devices, at most 5.
func (n *node) enrol(name string, devices int) *person {
	n.t.Helper()
	var u admin.UserWithPassword
	n.mustCall("user/add", admin.AddUser{Name: name}, &u)
	p := &person{name: name, id: u.ID, password: u.Password}
	for range devices {
		d := new(device)
		n.mustCall("device/add", admin.AddDevice{User: name, Kind: "hotp"}, &d.DeviceWithSecret)
		p.devices = append(p.devices, d)
	}
	return p
}

// login posts name, password and code as a client does. The status is 0 when no
// answer came; 201 comes with a token.
func (n *node) login(p *person, code string) (status int, token string) {
	body, err := json.Marshal(map[string]string{"userName": p.name, "password": p.password})
	if err != nil {
		panic(err)
	}
	resp, err := n.client.Post(n.url+"/api/2.0/authentication/"+code, "application/json", strings.NewReader(string(body)))
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct{ Response struct{ Token string } }
	if resp.StatusCode == http.StatusCreated {
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			return 0, "" // it was cut off
		}
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, answer.Response.Token
}

// mustLogin makes a token.
func (n *node) mustLogin(p *person) string {
	n.t.Helper()
	status, token := n.login(p, p.devices[0].code())
	if status != http.StatusCreated {
		n.t.Fatalf("the login of %s gives %d", p.name, status)
	}
	return token
}

// get asks for a page; a status of 0 means that no answer came.
func (n *node) get(path, token string) (status int, body string) {
	req, err := http.NewRequest(http.MethodGet, n.url+path, nil)
	if err != nil {
		panic(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, fmt.Sprint(err)
	}
	return resp.StatusCode, string(text)
}

// addTOTP registers a time-based device, and gives what it shows now.
func (n *node) addTOTP(p *person) (code func() string) {
	n.t.Helper()
	var d admin.DeviceWithSecret
	n.mustCall("device/add", admin.AddDevice{User: p.name, Kind: "totp"}, &d)
	return func() string {
		code, err := totp.GenerateCode(d.Secret, time.Now())
		if err != nil {
			n.t.Fatal(err)
		}
		return code
	}
}

// wrongCodes is how many were counted against the first device of p, ever.
func (n *node) wrongCodes(p *person) int {
	n.t.Helper()
	var shown admin.DeviceWithAttempts
	n.mustCall("device/show", admin.DeviceRef{Device: p.devices[0].Serial}, &shown)
	return shown.WrongCodesTotal
}

// sessionOf reads the session's ID in a token.
func sessionOf(token string) string {
	var claims struct {
		Session string `json:"sid"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		panic(err)
	}
	return claims.Session
}
