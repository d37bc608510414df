package integration

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
)

// owned are all names that only the gate may set when one is configured.
var owned = []string{"Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "X-App-User"}

// spelling writes a name in one of the ways that some server reads alike.
func spelling(r *rand.Rand, name string) string {
	var b strings.Builder
	for _, c := range name {
		switch {
		case c == '-':
			signs := "-_.+!~'*|^#$%&`"
			b.WriteByte(signs[r.IntN(len(signs))])
		case r.IntN(2) == 0:
			b.WriteString(strings.ToUpper(string(c)))
		default:
			b.WriteString(strings.ToLower(string(c)))
		}
	}
	return b.String()
}

// HDR-01 to HDR-04, law 8: no spelling of our headers reaches the app from a
// client, on no path. Caddy drops names with _ and . itself, unless it is told
// that they are expected: then only the gate stands there.
func TestForgedHeaders(t *testing.T) {
	allowed := "expected_underscore_headers Remote_* X_App_User X-App_User\nexpected_dot_headers Remote.* X.App.User"
	for name, servers := range map[string]string{"as Caddy is": "", "with names allowed": allowed} {
		t.Run(name, func(t *testing.T) {
			d := openServers(t, servers, "open /public/*\nheader user X-App-User")
			token := d.mustLogin()
			r := rand.New(rand.NewPCG(1, 2)) // the same each time: a failure can be repeated
			for range 60 {
				var forged, connection string
				for _, own := range owned {
					for range r.IntN(3) {
						s := spelling(r, own)
						forged += s + ": " + []string{"root", "", "a,b"}[r.IntN(3)] + "\r\n"
						connection += spelling(r, own) + []string{",", ", ", " ,\t"}[r.IntN(3)]
					}
				}
				if r.IntN(2) == 0 {
					forged += "Connection: " + connection + "close\r\nConnection: " + spelling(r, "Remote-User") + "\r\n"
				}
				request := "HTTP/1.1\r\nHost: gate\r\n" + forged
				d.mustPass(t, "GET /x "+request+"Authorization: "+token+"\r\n\r\n", map[string]string{
					"X-App-User": "alice", "Remote-Name": "alice", "Remote-Email": "", "Remote-Groups": "",
				})
				d.mustPass(t, "GET /public/x "+request+"\r\n", nil)
			}
		})
	}
}

func (d *door) mustPass(t *testing.T, request string, identity map[string]string) {
	t.Helper()
	if answer := d.raw(request); answer.status != http.StatusOK {
		t.Fatalf("%q: %+v", request, answer)
	}
	wantIdentity(t, d.app.last.Load().Header, identity)
	if t.Failed() {
		t.Fatalf("%q", request)
	}
}

// HDR-03, M2: a client can't have our headers, or its credentials for the app,
// removed as hop-by-hop by the proxy after us.
func TestConnectionNamesNothingOfOurs(t *testing.T) {
	d := open(t, "", "")
	token := d.mustLogin()
	for _, connection := range []string{
		"remote-user", "Remote-User", "REMOTE-USER", "close, Remote-User", "Remote-User,close", " remote-user ,\tclose", ",,remote-user,",
		"keep-alive, remote-user, remote-email, remote-groups, remote-name", "remote_user, remote.user", "Remote-User\r\nConnection: Remote-User",
		"close\r\nConnection: remote-user", "authorization", "Authorization, Cookie", "cookie\r\nConnection: authorization",
	} {
		t.Run(connection, func(t *testing.T) {
			d.mustPass(t, "GET / HTTP/1.1\r\nHost: gate\r\nConnection: "+connection+"\r\nAuthorization: Basic YTpi\r\nCookie: a=b; doorward="+token+"\r\n\r\n",
				map[string]string{"Remote-User": "alice", "Remote-Name": "alice", "Remote-Email": "", "Remote-Groups": ""})
			if h := d.app.last.Load().Header; h.Get("Authorization") != "Basic YTpi" || h.Get("Cookie") != "a=b" {
				t.Errorf("the app got %v", h)
			}
		})
	}
	t.Run("other names are still hop-by-hop", func(t *testing.T) {
		d.mustPass(t, "GET / HTTP/1.1\r\nHost: gate\r\nConnection: X-Hop, Remote-User\r\nX-Hop: 1\r\nAuthorization: "+token+"\r\n\r\n",
			map[string]string{"Remote-User": "alice", "Remote-Name": "alice", "Remote-Email": "", "Remote-Groups": ""})
		if got := d.app.last.Load().Header["X-Hop"]; got != nil {
			t.Errorf("X-Hop is %q", got)
		}
	})
}

// Law 8, trailers: the app sees ours there no more than among the headers.
func TestForgedTrailers(t *testing.T) {
	var trailer http.Header
	app := newBackend(t, func(_ http.ResponseWriter, r *http.Request) {
		buffer := make([]byte, 100)
		for _, err := r.Body.Read(buffer); err == nil; {
			_, err = r.Body.Read(buffer)
		}
		trailer = r.Trailer.Clone()
	})
	d := openBefore(t, app, caddyfile("", "api onlyoffice\nopen /public/*", "reverse_proxy "+app.Listener.Addr().String()))
	token := d.mustLogin()
	for _, declared := range []string{"", "Trailer: X-Sum\r\n", "Trailer: X-Sum, Remote-User\r\n", "Trailer: remote_user, x-sum, Remote-Groups\r\n"} {
		for _, path := range []string{"/", "/public/x"} {
			t.Run(fmt.Sprintf("%q to %s", declared, path), func(t *testing.T) {
				answer := d.raw("POST " + path + " HTTP/1.1\r\nHost: gate\r\nAuthorization: " + token + "\r\nTransfer-Encoding: chunked\r\n" + declared +
					"\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nremote-user: root\r\nRemote_Groups: admins\r\nREMOTE-EMAIL: x\r\n\r\n")
				if answer.status != http.StatusOK {
					t.Fatalf("%+v", answer)
				}
				wantIdentity(t, trailer, nil)
				if declared != "" && trailer.Get("X-Sum") != "1" {
					t.Errorf("the app's own trailer is lost: %v", trailer)
				}
			})
		}
	}
}
