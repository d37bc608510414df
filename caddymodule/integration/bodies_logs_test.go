package integration

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// LOG-01, law 11: no code, password, secret or token is in any log of Caddy or
// of ours, at DEBUG, however a URL with a code is spelled.
func TestLogsHoldNoSecret(t *testing.T) {
	app := newBackend(t, nil)
	const logging = `
		log {
			level DEBUG
			output file "{$KIT_DIR}/caddy.log"
		}
		doorward {`
	config := caddyfile("", "api onlyoffice\nopen /down/*", "log {\nlevel DEBUG\noutput file \"{$KIT_DIR}/access.log\"\n}\n"+
		"handle /down/* {\nreverse_proxy 127.0.0.1:1\n}\nreverse_proxy "+app.Listener.Addr().String())
	d := openBefore(t, app, strings.Replace(config, "doorward {", logging, 1))
	device := d.addHOTP()
	body := `{"userName":"alice","password":"` + d.password + `"}`
	secrets := []string{d.password, d.secret, device.Secret, device.code(0)}
	status, token := d.login(device.code(0))
	if status != http.StatusCreated {
		t.Fatalf("the login gives %d", status)
	}
	header, payload, signature := split(t, token)
	secrets = append(secrets, header, payload, signature, base64.StdEncoding.EncodeToString([]byte(d.password)))

	// Wrong codes, in every spelling that can be a route of the dialect.
	for i, path := range []string{
		"/api/2.0/authentication/C", "/API/2.0/Authentication/C/", "/api/2.0/authentication/C.json", "/api/2.0/authentication/C?x=y",
		"/api/2.0/authentication/C/more", "/api/2.0/authentication.json/C", "/api/2.0/authentication/ C", "/api/2.0/authentication/C%00",
		"//api/2.0/authentication/C", "/api//2.0/authentication//C", "/./api/2.0/authentication/C", "/x/../api/2.0/authentication/C",
		"/api/2.0;v=1/authentication/C", "/api/2.0/authentication;x/C;y", `/api/2.0\authentication\C`, "/api/2.0%5cauthentication%5cC",
		"/api%2f2.0%2fauthentication%2fC", "/%2561pi/2.0/authentication/C", "/api/2.0/authentication/C%23x", "/api/2.0/authentication/x%2f..%2fC",
		"http://other.example/api/2.0/authentication/C", "/down/../api/2.0/authentication/C",
	} {
		code := "90817" + string(rune('0'+i%10))
		secrets = append(secrets, code)
		for _, method := range []string{"POST", "GET"} {
			request := method + " " + strings.ReplaceAll(strings.ReplaceAll(path, "C", code), " ", "%20") + " HTTP/1.1\r\nHost: gate\r\n" +
				"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
			if answer := d.raw(request); answer.status < 400 {
				t.Errorf("%q gives %+v", request, answer)
			}
		}
	}
	percent := strings.NewReplacer("9", "%39", "0", "%30", "8", "%38", "1", "%31", "7", "%37").Replace("908171")
	d.post("/api/2.0/authentication/"+percent, body)
	secrets = append(secrets, percent)

	// Tokens in every place, to an app that answers, to one that is away, and refused.
	for _, path := range []string{"/", "/down/x", "/app"} {
		for _, headers := range [][]string{
			{"Authorization", token},
			{"Authorization", "Bearer " + token},
			{"Proxy-Authorization", "Bearer " + token},
			{"Cookie", "__Host-doorward=" + token},
			{"Authorization", "Bearer " + token + "x"},
			{"Authorization", token, "Authorization", token},
		} {
			d.get(path, headers...)
		}
	}
	var all strings.Builder
	for _, name := range []string{"caddy.log", "access.log"} {
		text, err := os.ReadFile(filepath.Join(d.Dir, name))
		if err != nil || len(text) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(text), err)
		}
		all.Write(text)
	}
	log := all.String()
	for _, want := range []string{`"handled request"`, `"route":"authentication/{code}"`, `"token refused"`, `"uri":"/app"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s: it proves nothing", want)
		}
	}
	for _, secret := range secrets {
		pattern := regexp.QuoteMeta(secret)
		if strings.Trim(secret, "0123456789") == "" { // digits of a longer number are none of our codes
			pattern = `\b` + pattern + `\b`
		}
		if at := regexp.MustCompile(pattern).FindStringIndex(log); at != nil {
			start := strings.LastIndexByte(log[:at[0]], '\n') + 1
			t.Errorf("%q is in the log: %.500s", secret, log[start:])
		}
	}
}
