package integration

import (
	"net/http"
	"testing"
)

// Section 4: an app that uses Authorization itself gets its own, and never ours.
func TestForeignAuthorizationPassesOn(t *testing.T) {
	d := open(t, "", "open /public/*")
	token := d.mustLogin()
	const jwt = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln"
	for _, foreign := range []string{"Basic YTpi", jwt, "Bearer opaque", "Digest username=\"a\", realm=\"b\""} {
		for _, ours := range [][]string{
			{"Cookie", "a=b; __Host-doorward=" + token},
			{"Cookie", "a=b", "Proxy-Authorization", "Bearer " + token},
			{"Cookie", "a=b; doorward=" + token, "Proxy-Authorization", "bearer " + token},
		} {
			t.Run(foreign+" beside "+ours[0], func(t *testing.T) {
				status, _ := d.get("/", append([]string{"Authorization", foreign}, ours...)...)
				if status != http.StatusOK {
					t.Fatalf("%d", status)
				}
				h := d.app.last.Load().Header
				if h.Get("Authorization") != foreign || h.Get("Proxy-Authorization") != "" || h.Get("Cookie") != "a=b" || h.Get("Remote-User") != "alice" {
					t.Errorf("the app got %v", h)
				}
			})
		}
	}
	t.Run("to an open path, without ours", func(t *testing.T) {
		d.get("/public/x", "Authorization", jwt)
		if h := d.app.last.Load().Header; h.Get("Authorization") != jwt || h.Get("Remote-User") != "" {
			t.Errorf("the app got %v", h)
		}
	})
}

// HDR-07: our tokens and cookies stay here, wherever they were shown and also
// where nobody asked for them. A compromised app could use them at the gate.
func TestOwnCredentialsStayHere(t *testing.T) {
	d := open(t, "", "open /public/*")
	token := d.mustLogin()
	many := "" // more than net/http parses
	for range 3001 {
		many += "a=b; "
	}
	for name, headers := range map[string][]string{
		"raw":              {"Authorization", token},
		"Bearer":           {"Authorization", "BEARER  " + token},
		"proxy":            {"Proxy-Authorization", "Bearer " + token},
		"cookie":           {"Cookie", "__Host-doorward=" + token},
		"cookie, spaced":   {"Cookie", "doorward =" + token},
		"cookie, quoted":   {"Cookie", `doorward="` + token + `"`},
		"all, the same":    {"Authorization", token, "Proxy-Authorization", "Bearer " + token, "Cookie", "doorward=" + token, "Cookie", "__Host-doorward=" + token},
		"among many":       {"Authorization", token, "Cookie", many + "doorward=" + token},
		"malformed beside": {"Authorization", token, "Cookie", "doorward=\"" + token + "; doorward=" + token + "\x80"},
		"spaced beside":    {"Authorization", token, "Cookie", "doorward=" + token + " " + token},
	} {
		for _, path := range []string{"/", "/public/x"} {
			t.Run(name+" to "+path, func(t *testing.T) {
				if status, body := d.get(path, headers...); status != http.StatusOK {
					t.Fatalf("%d %s", status, body)
				}
				h := d.app.last.Load().Header
				if h["Authorization"] != nil || h["Proxy-Authorization"] != nil || h.Get("Cookie") != "" && name != "among many" {
					t.Errorf("the app got %.300v", h)
				}
				wantWithout(t, h, token)
			})
		}
	}
}

// pass_token is for an app that verifies the token itself.
func TestPassToken(t *testing.T) {
	d := open(t, "", "pass_token")
	token := d.mustLogin()
	for header, value := range map[string]string{"Authorization": "Bearer " + token, "Cookie": "a=b; __Host-doorward=" + token} {
		t.Run(header, func(t *testing.T) {
			status, _ := d.get("/", header, value)
			if got := d.app.last.Load().Header.Get(header); status != http.StatusOK || got != value {
				t.Errorf("%d, and the app got %q", status, got)
			}
		})
	}
}
