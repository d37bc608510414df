package integration

import (
	"net/http"
	"strings"
	"testing"
)

// WEB-05: the first backup codes are shown once, to who sends the token himself:
// a page of another origin, which has a browser send its cookie, makes none that
// nobody sees.
func TestFirstBackupCodes(t *testing.T) {
	d := open(t, "", "")
	token := d.mustLogin()
	const path = "/api/2.0/settings/tfaappcodes"
	if status, body := d.get(path, "Cookie", "asc_auth_key="+token); status != http.StatusOK || !strings.HasSuffix(body, `"response":[]}`) {
		t.Errorf("by a cookie: %d %s", status, body)
	}
	status, body := d.get(path, "Authorization", token)
	if status != http.StatusOK || strings.Count(body, `{"isUsed":false,"code":"`) < 5 || strings.Contains(body, "***") {
		t.Errorf("by a header: %d %s", status, body)
	}
	again := d.mustLogin()
	if status, body := d.get(path, "Authorization", again); status != http.StatusOK || strings.Count(body, `{"isUsed":false,"code":"***"}`) < 5 {
		t.Errorf("again: %d %s", status, body)
	}
}
