package onlyoffice

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// M21: a secret in an address is in somebody's log already. It is refused on every
// route, whatever is right about the rest.
func TestQueryHasNoSecrets(t *testing.T) {
	o := provisioned(t, OnlyOffice{})
	for name, methods := range routes {
		for method := range methods {
			for _, query := range []string{
				"userName=a", "USERNAME", "x=1&password=b", "x;password=b", "passWord%3d=1&%70assword=b", "provider=", "accessToken=a", "codeOAuth=a", "CodeOauth=a",
				"mobilePhone=1", "code=1", "asc_auth_key=T", "ASC_AUTH_KEY=T", "passwordHash=x", "password=%zz",
			} {
				w := ask(t, o, method, "/api/2.0/"+name+"?"+query, "", alice)
				if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "does not belong in the address") || w.Header().Get("Set-Cookie") != "" {
					t.Errorf("%s %s?%s: %d %s", method, name, query, w.Code, w.Body)
				}
			}
		}
	}
	for _, query := range []string{"", "x=password", "format=json&_=1", "passwords=1", "%zz"} {
		if w := ask(t, o, "GET", "/api/2.0/capabilities?"+query, "", nil); w.Code != http.StatusOK {
			t.Errorf("%q: %d %s", query, w.Code, w.Body)
		}
	}
}

// SES-03: what needs a token answers nothing without one, in the portal's words,
// and never asks for Basic.
func TestProtectedRoutes(t *testing.T) {
	unavailable := func(c *dialect.Call) {
		c.Principal = func() (*authcore.Principal, error) {
			return nil, authcore.Errorf(authcore.CodeUnavailable, "later")
		}
	}
	unknown := func(c *dialect.Call) {
		c.Principal = func() (*authcore.Principal, error) { return new(authcore.Principal), nil }
	}
	for _, flavour := range []string{workspace, docspace} {
		o := provisioned(t, OnlyOffice{Flavour: flavour, ErrorStatus: faithful})
		for path, method := range map[string]string{
			"people/@self": "GET", "people/@self.xml": "GET", "settings/tfaapp": "GET", "settings/tfaapp/": "PUT", "settings/tfaappcodes": "GET",
			"settings/tfaappnewcodes": "PUT", "settings/tfaappnewapp": "PUT", "settings/tfaapp/setup": "GET",
		} {
			for name, change := range map[string]func(*dialect.Call){"no token": nil, "nobody": unknown} {
				w := ask(t, o, method, "/api/2.0/"+path, "", change)
				if w.Code != 401 || w.Body.String() != "Unauthorized" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("WWW-Authenticate") != "" {
					t.Errorf("%s, %s: %d %v %s", path, name, w.Code, w.Header(), w.Body)
				}
			}
			if w := ask(t, o, method, "/api/2.0/"+path, "", unavailable); path != "settings/tfaapp/setup" && w.Code != http.StatusServiceUnavailable {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	}
}

// The answers that need no store, byte for byte.
func TestAnswers(t *testing.T) {
	with := func(o authcore.Options) func(*dialect.Call) {
		return func(c *dialect.Call) { alice(c); c.Core = authcore.New(o) }
	}
	sources := with(authcore.Options{Identities: map[string]authcore.IdentitySource{"yandex": nil, "google": nil}})
	phone := with(authcore.Options{Factors: authcore.Factors{authcore.KindPhone, authcore.KindTOTP}})
	mail := with(authcore.Options{Factors: authcore.Factors{authcore.KindEmail}})
	for _, c := range []struct {
		name, flavour, method, path, body string
		change                            func(*dialect.Call)
		status                            int
		want                              string
	}{
		{"nobody", workspace, "GET", "authentication", "", nil, 200, `{"count":1,"status":0,"statusCode":200,"response":false}`},
		{"somebody", workspace, "GET", "authentication.xml", "", alice, 200, `<result><count>1</count><status>0</status><statusCode>200</statusCode><response>true</response></result>`},
		{"nobody in DocSpace", docspace, "GET", "authentication", "", nil, 200, `{"response":false,"count":1,"links":[{"href":"https://app.example.com/api/2.0/authentication","action":"GET"}],"status":0,"statusCode":200}`},
		{"a logout of nobody", workspace, "POST", "authentication/logout.json", "{}", nil, 201, `{"status":0,"statusCode":201,"response":{}}`},
		{"a logout without a body", docspace, "POST", "authentication/logout", "", nil, 200, `{"count":0,"links":[{"href":"https://app.example.com/api/2.0/authentication/logout","action":"POST"}],"status":0,"statusCode":200}`},
		{"no sources", workspace, "GET", "capabilities", "", nil, 200, `{"count":1,"status":0,"statusCode":200,"response":{"ldapEnabled":false,"oauthEnabled":false,"providers":[],"ssoLabel":"","ssoUrl":""}}`},
		{"sources", workspace, "GET", "capabilities.json", "", sources, 200, `{"count":1,"status":0,"statusCode":200,"response":{"ldapEnabled":false,"oauthEnabled":true,"providers":["google","yandex"],"ssoLabel":"","ssoUrl":""}}`},
		{"sources in XML", workspace, "GET", "capabilities.xml", "", sources, 200, `<result><count>1</count><status>0</status><statusCode>200</statusCode><response><ldapEnabled>false</ldapEnabled><oauthEnabled>true</oauthEnabled><providers>google</providers><providers>yandex</providers><ssoLabel></ssoLabel><ssoUrl></ssoUrl></response></result>`},
		{"versions", workspace, "GET", "settings/version/build", "", nil, 200, `{"count":1,"status":0,"statusCode":200,"response":{"communityServer":"12.5.2","documentServer":"8.0.1","mailServer":"1.6.54"}}`},
		{"who I am", workspace, "GET", "people/@self", "", alice, 200, `{"count":1,"status":0,"statusCode":200,"response":{"id":"7f3e6f0e-6a1c-4f5c-9a55-1f1f9be5b9f0","userName":"alice","isVisitor":false,"firstName":"alice","lastName":"alice","email":"a@example.com","status":1,"activationStatus":1,"terminated":null,"displayName":"alice","avatarSmall":"","avatarMedium":"","avatar":"","profileUrl":"","isAdmin":false,"isLDAP":false,"isOwner":false,"isSSO":false,"quotaLimit":0,"usedSpace":0,"docsSpace":0,"mailSpace":0,"talkSpace":0}}`},
		{"the app first", workspace, "GET", "settings/tfaapp", "", with(authcore.Options{}), 200, `{"count":1,"status":0,"statusCode":200,"response":{"tfaSettings":{"trustedIps":[],"mandatoryUsers":[],"mandatoryGroups":[],"enable":true},"tfaSettingsType":2}}`},
		{"the phone first", workspace, "GET", "settings/tfaapp", "", phone, 200, `{"count":1,"status":0,"statusCode":200,"response":{"tfaSettings":{"trustedIps":[],"mandatoryUsers":[],"mandatoryGroups":[],"enable":true},"tfaSettingsType":1}}`},
		{"factors of DocSpace", docspace, "GET", "settings/tfaapp", "", mail, 200, `{"response":[{"id":"sms","title":"SMS","enabled":true,"available":true,"trustedIps":[],"mandatoryUsers":[],"mandatoryGroups":[]},{"id":"app","title":"Authenticator app","enabled":false,"available":false,"trustedIps":[],"mandatoryUsers":[],"mandatoryGroups":[]}],"count":2,"links":[{"href":"https://app.example.com/api/2.0/settings/tfaapp","action":"GET"}],"status":0,"statusCode":200}`},
		{"what is set", workspace, "PUT", "settings/tfaapp", "type=App", with(authcore.Options{}), 200, `{"count":1,"status":0,"statusCode":200,"response":true}`},
		{"what is set, by number", workspace, "PUT", "settings/tfaapp", "Type=1", phone, 200, `{"count":1,"status":0,"statusCode":200,"response":true}`},
		{"another app", workspace, "PUT", "settings/tfaappnewapp", "id=00000000-0000-0000-0000-000000000000", alice, 403, `{"status":1,"statusCode":403,"error":{"message":"only an operator unlinks the app of somebody else","hresult":-2146233088,"data":{}}}`},
		{"a link", workspace, "GET", "confirm/TfaAuth", "", alice, 404, `{"status":1,"statusCode":404,"error":{"message":"there is no page for this link yet: the client that asked for it sends its query in the header confirm","hresult":-2146233088,"data":{}}}`},
		{"a word of the portal's", workspace, "POST", "authentication/login", "", alice, 404, `{"status":1,"statusCode":404,"error":{"message":"there is nothing here: a code is the last part of the address","hresult":-2146233088,"data":{}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(t, provisioned(t, OnlyOffice{Flavour: c.flavour}), c.method, "/api/2.0/"+c.path, c.body, c.change)
			if w.Code != c.status || w.Body.String() != c.want {
				t.Errorf("%d\n%s, want\n%s", w.Code, w.Body, c.want)
			}
		})
	}
}

// Law 6: no account of a portal sets the second factor, and none switches it off.
func TestFactorIsTheOperators(t *testing.T) {
	for _, body := range []string{
		"", "type=None", "type=0", "type=Sms", "type=1", "type=x", "type=", "type=App&trustedIps[]=10.0.0.1", "type=App&TrustedIps=10.0.0.1",
		`{"type":"App","trustedIps":["10.0.0.1"]}`, `{"type":2,"TRUSTEDIPS":[{"a":1}]}`,
	} {
		w := ask(t, provisioned(t, OnlyOffice{}), "PUT", "/api/2.0/settings/tfaapp", body, func(c *dialect.Call) {
			if alice(c); strings.HasPrefix(body, "{") {
				c.Header.Set("Content-Type", "application/json")
			}
		})
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "set in the server's configuration") {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
}

// A logout ends the cookie, with the attributes that it was set with.
func TestLogoutClearsTheCookie(t *testing.T) {
	w := ask(t, provisioned(t, OnlyOffice{}), "POST", "/api/2.0/authentication/logout", "", func(c *dialect.Call) { c.Encrypted = true })
	if got := w.Header()["Set-Cookie"]; len(got) != 1 || got[0] != "asc_auth_key=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("%q", got)
	}
	down := func(c *dialect.Call) {
		c.Principal = func() (*authcore.Principal, error) {
			return nil, authcore.Errorf(authcore.CodeUnavailable, "later")
		}
	}
	if w := ask(t, provisioned(t, OnlyOffice{}), "POST", "/api/2.0/authentication/logout", "", down); w.Code != 503 || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a session that was not ended: %d %v", w.Code, w.Header())
	}
}

func TestWrongMethod(t *testing.T) {
	for _, c := range []struct{ method, path, allow string }{
		{"PUT", "authentication", "GET, POST"},
		{"HEAD", "authentication", "GET, POST"},
		{"GET", "authentication/123456", "POST"},
		{"DELETE", "authentication/123456.xml", "POST"},
		{"GET", "authentication/setphone", "POST"},
		{"POST", "settings/tfaapp", "GET, PUT"},
		{"HEAD", "settings/tfaappcodes", "GET"},
		{"POST", "people/@self", "GET"},
	} {
		if w := ask(t, provisioned(t, OnlyOffice{ErrorStatus: faithful}), c.method, "/api/2.0/"+c.path, "", alice); w.Code != 405 || w.Header().Get("Allow") != c.allow {
			t.Errorf("%+v: %d %v", c, w.Code, w.Header())
		}
	}
}

// A ticket counts where its type belongs; nothing is asked of the core for others.
func TestConfirmHeader(t *testing.T) {
	o := provisioned(t, OnlyOffice{})
	for _, c := range []struct {
		method, path, header string
		status               int
	}{
		{"GET", "settings/tfaapp/setup", "type=TfaAuth&key=k&email=e", 401},
		{"GET", "settings/tfaapp/setup", "type=PhoneActivation&key=k", 401},
		{"GET", "settings/tfaapp/setup", "key=k", 401},
		{"GET", "settings/tfaapp/setup", "type=%zz&key=k", 400},
		{"POST", "settings/tfaapp/validate", "type=PhoneAuth&key=k", 401},
		{"POST", "authentication/setphone", "type=TfaActivation&key=k", 401},
		{"POST", "authentication/setphone", "type=PhoneAuth&key=k", 401},
	} {
		w := ask(t, o, c.method, "/api/2.0/"+c.path, "", func(call *dialect.Call) { call.Core = nil; call.Header.Set("confirm", c.header) })
		if w.Code != c.status || c.status == 401 && !strings.Contains(w.Body.String(), "User authentication failed") {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
	}
	for body, want := range map[string]string{
		"type=x&key=k&email=e": `"response":{"result":1,"email":"e"}`, "": `"response":{"result":1}`,
	} {
		w := ask(t, o, "POST", "/api/2.0/authentication/confirm", body, func(call *dialect.Call) { call.Core = nil })
		if w.Code != 201 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
}

// DocSpace speaks JSON alone; a workspace takes what it always did.
func TestMediaTypes(t *testing.T) {
	for media, want := range map[string][2]int{
		"": {403, 415}, "application/json": {400, 400}, "application/x-www-form-urlencoded": {403, 415}, "text/xml": {400, 415}, "text/plain": {415, 415},
		"multipart/form-data": {400, 415}, "application/json; charset=utf-16": {415, 415}, "application/json; charset": {415, 415},
	} {
		for i, flavour := range []string{workspace, docspace} {
			w := ask(t, provisioned(t, OnlyOffice{Flavour: flavour}), "PUT", "/api/2.0/settings/tfaapp", "type=None", func(c *dialect.Call) {
				alice(c)
				c.Header.Set("Content-Type", media)
			})
			if w.Code != want[i] {
				t.Errorf("%s, %q: %d %s", flavour, media, w.Code, w.Body)
			}
		}
	}
}

// What an authenticator app reads is what the core made.
func TestAppSetup(t *testing.T) {
	secret := []byte("12345678901234567890")
	key := oath.Key{Secret: secret, Algorithm: oath.SHA1, Digits: 6, Period: 30}
	s, err := setup(authcore.Registered{Secret: secret, URI: key.URI("totp", "app: one", "alice@example.com", 0)})
	if err != nil || s.Account != "alice@example.com" || s.Key != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || !strings.HasPrefix(s.QR, "data:image/png;base64,iVBOR") {
		t.Errorf("%.200v, %v", s, err)
	}
	if _, err := setup(authcore.Registered{Secret: secret, URI: key.URI("totp", strings.Repeat("x", 3000), "alice", 0)}); authcore.CodeOf(err) != authcore.CodeInternal || strings.Contains(err.Error(), "GEZDGNBV") {
		t.Errorf("%.99v", err)
	}
}
