package integration

import (
	"net/http"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// Who may reach the app with a request line.
const (
	nobody   = "nobody but admins" // one reading is below /admin
	loggedIn = "who is logged in"
	everyone = "everyone" // all readings are below /public
)

// lines are the request targets of M5 and PATH-03, and of apps that decode or
// clean paths in their own way.
var lines = []struct{ target, who string }{
	{"/public/x", everyone},
	{"/public/", everyone},
	{"/public/x?/admin/x", everyone},
	{"/public/./x", everyone},
	{"/public//x", everyone},
	{"/public/x..y/...", everyone},
	{"/public/%E2%82%AC", everyone},
	{"/public/%78", everyone},
	{"http://other.example/public/x", everyone},

	// Whole segments, case-sensitive.
	{"/public", loggedIn},
	{"/publicx", loggedIn},
	{"/PUBLIC/x", loggedIn},
	{"/public;v=1/x", loggedIn},
	{"/public%2fx", loggedIn},
	{"/x/../public/x", loggedIn}, // an app that does not clean reads /x/…
	{"//public/x", loggedIn},
	{`/public\x`, loggedIn},
	{"/public/../x", loggedIn},
	{"/public/%2e%2e/x", loggedIn},
	{"/public/..;/x", loggedIn},

	// Odd, but harmless: nothing is refused for its looks.
	{"/", loggedIn},
	{"/?/public/x", loggedIn},
	{"/x?/admin/x", loggedIn},
	{"/a/%2e%2e/b//c;d=e/%5cf/%23/%3f/%2541", loggedIn},
	{"/administrator", loggedIn},
	{"/x/admin/x", loggedIn},
	{"/%D0%B6/\xd0\xb6/\xff", loggedIn},
	{"/{env.HOME}/{}", loggedIn},
	{"http://other.example", loggedIn},
	{"http://other.example/x", loggedIn},

	{"/admin", nobody},
	{"/admin/", nobody},
	{"/admin/x", nobody},
	{"/admin/x?y", nobody},
	{"/ADMIN/x", nobody},
	{"/%61dmin/x", nobody},
	{"/%2561dmin/x", nobody},
	{"/admin%2fx", nobody},
	{"/admin%252fx", nobody},
	{"/admin;v=1/x", nobody},
	{"/admin;/x", nobody},
	{"/admin#/public/x", nobody},
	{"/admin%23/public/x", nobody},
	{"/admin?/public/x", nobody},
	{"/admin%3f/public/x", nobody},
	{"/admin%00/public/x", nobody},
	{"//admin/x", nobody},
	{"///admin//x", nobody},
	{"/./admin/x", nobody},
	{"/x/../admin/x", nobody},
	{`/\admin/x`, nobody},
	{`/admin\x`, nobody},
	{"/%5cadmin%5cx", nobody},
	{"/public/../admin/x", nobody},
	{"/public/../admin", nobody},
	{"/public/%2e%2e/admin/x", nobody},
	{"/public/.%2e/admin/x", nobody},
	{"/public/%2e%2e%2fadmin%2fx", nobody},
	{"/public/..%2fadmin/x", nobody},
	{"/public/%252e%252e/admin/x", nobody},
	{"/public/..%252fadmin%252fx", nobody},
	{"/public/..;/admin/x", nobody},
	{"/public/..;a=b/admin/x", nobody},
	{"/public/%2e%2e;/admin/x", nobody},
	{"/public/..%3b/admin/x", nobody},
	{"/public/x;/../../admin/x", nobody},
	{`/public/..\admin\x`, nobody},
	{"/public/..%5cadmin/x", nobody},
	{"/public/..%255cadmin/x", nobody},
	{"/public//../../admin/x", nobody},
	{"/public/x%2f..%2f../../admin/x", nobody},
	{"/public/../admin%23/../public/x", nobody},
	{"http://other.example/admin/x", nobody},
	{"http://other.example//admin/x", nobody},
	{"http://gate/public/../admin/x", nobody},
}

// PATH-01 to PATH-03, PATH-05, law 10: the strictest of all readings counts, and
// for nobody but the app.
func TestPaths(t *testing.T) {
	d := open(t, "", "open /public/*\nrequire /admin/* {\ngroup admins\n}")
	token := d.mustLogin()
	d.as(admin.AddUser{Name: "root", Groups: []string{"admins"}})
	root := d.mustLogin()
	for _, line := range lines {
		t.Run(line.target, func(t *testing.T) {
			want := map[string][3]int{nobody: {401, 403, 200}, loggedIn: {401, 200, 200}, everyone: {200, 200, 200}}[line.who]
			for i, credentials := range []string{"", "Authorization: " + token + "\r\n", "Cookie: doorward=" + root + "\r\n"} {
				hits := d.app.hits.Load()
				answer := d.raw("GET " + line.target + " HTTP/1.1\r\nHost: gate\r\nX-Original-URL: /public/x\r\nX-Forwarded-Uri: /public/x\r\n" + credentials + "\r\n")
				reached := d.app.hits.Load() > hits
				if answer.status != want[i] || reached != (want[i] == http.StatusOK) {
					t.Errorf("caller %d: %d, reached the app: %v; it is for %s", i, answer.status, reached, line.who)
				}
			}
		})
	}
}

// What names no path gives nobody anything for free, and what is no request of
// HTTP is nobody's.
func TestPathsThatAreNone(t *testing.T) {
	d := open(t, "", "open /public/*")
	token := d.mustLogin()
	if answer := d.raw("OPTIONS * HTTP/1.1\r\nHost: gate\r\n\r\n"); answer.status != 200 || answer.body != "" || d.app.hits.Load() > 0 {
		t.Errorf("OPTIONS *, which net/http answers: %+v", answer)
	}
	for line, want := range map[string][2]int{ // without and with a token; 200 is the app's
		"GET *": {401, 200}, "GET http://": {401, 200}, "GET http://public/": {401, 200}, "get /x": {401, 200}, "OPTIONS /x": {401, 200},
		"GET ": {400, 400}, "GET public/x": {400, 400}, "GET /public/%zz": {400, 400}, "GET /public/a b": {400, 400},
	} {
		t.Run(line, func(t *testing.T) {
			for i, credentials := range []string{"", "Authorization: " + token + "\r\n"} {
				hits := d.app.hits.Load()
				answer := d.raw(line + " HTTP/1.1\r\nHost: gate\r\n" + credentials + "\r\n")
				if reached := d.app.hits.Load() > hits; answer.status != want[i] || reached != (want[i] == 200) {
					t.Errorf("caller %d: %d %s, reached the app: %v", i, answer.status, answer.body, reached)
				}
			}
		})
	}
}
