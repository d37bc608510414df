package integration

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// The first whole way: a code from an authenticator app, one request, a token
// that opens the app in every form, and the same code never again.
func TestLoginWithOneRequest(t *testing.T) {
	d := open(t, "", "")
	code := d.code()
	body, _ := json.Marshal(map[string]string{"userName": "ALICE", "password": d.password})
	status, text := d.post("/api/2.0/authentication/"+code, string(body))
	wire := regexp.MustCompile(`^\{"count":1,"status":0,"statusCode":201,"response":\{"token":"([\w-]+\.[\w-]+\.[\w-]+)","expires":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z","tfa":true\}\}$`)
	found := wire.FindStringSubmatch(text)
	if status != http.StatusCreated || found == nil {
		t.Fatalf("the login gives %d %s", status, text)
	}
	token := found[1]
	for _, header := range [][]string{
		{"Authorization", token},
		{"Authorization", "Bearer " + token},
		{"Authorization", "bearer " + token},
		{"Proxy-Authorization", "Bearer " + token},
		{"Cookie", "a=b; __Host-doorward=" + token + "; c=d"},
	} {
		status, body := d.get("/", header...)
		if status != http.StatusOK || !strings.Contains(body, `"Remote-User":["alice"]`) {
			t.Errorf("%s: %d %s", header[0], status, body)
		}
		if strings.Contains(body, token) {
			t.Errorf("%s: the app got the token", header[0])
		}
	}
	if status, text := d.post("/api/2.0/authentication/"+code, string(body)); status != http.StatusUnauthorized {
		t.Errorf("the same code again gives %d %s", status, text)
	}
}

// A password alone never gives a token, and says that a code is needed.
func TestPasswordAloneGivesNoToken(t *testing.T) {
	d := open(t, "", "")
	status, text := d.post("/api/2.0/authentication", `{"userName":"alice","password":"`+d.password+`"}`)
	if want := `{"count":1,"status":0,"statusCode":201,"response":{"token":null,"tfa":true}}`; status != http.StatusCreated || text != want {
		t.Errorf("%d %s, want 201 %s", status, text, want)
	}
}
