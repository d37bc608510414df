package surepassid_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/dialects/surepassid"
)

// clockCode is the code of the vendor's key some steps from a moment.
func clockCode(t *testing.T, from time.Time, steps int) string {
	t.Helper()
	at := from.Add(time.Duration(steps) * 30 * time.Second).UTC().Format("2006-01-02 15:04:05 UTC")
	out, err := exec.Command("oathtool", "--totp", "--now", at, seedKey).Output()
	if err != nil {
		t.Fatalf("oathtool (apt-get install oathtool): %v", err)
	}
	return strings.TrimSpace(string(out))
}

// The vendor's sample, byte for byte: it adds a key fob that two codes of oathtool
// activate, and a third is validated.
func TestSampleOfThePageAtTheDoor(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := start(t, store(t), story{})
		if err := g.as("accountLogin"); err != nil {
			t.Fatal(err)
		}
		literal := "x'%x'"
		if g.driver == "postgres" {
			literal = `'\x%x'`
		}
		// The sample's own key, which no operator can choose.
		if err := g.sql(fmt.Sprintf("UPDATE integrators SET digest = "+literal, sha256.Sum256([]byte("accountKey")))); err != nil {
			t.Fatal(err)
		}
		g.values["key of accountLogin"] = "accountKey"
		g.ok(`"type":"add_user","username":"Mandy"`)
		if err := g.match(`{"errorCode":0,"errorMessage":"OK","type":"add_oath_device","psn":"OATH_12345678","deviceId":"{id}"}`, g.post(string(surepassid.Sample(t)))); err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		first, second, third := clockCode(t, now, 0), clockCode(t, now, 1), clockCode(t, now, 2)
		g.ok(fmt.Sprintf(`"username":"Mandy","type":"active_oath_device","psn":"OATH_12345678","otp1":%s,"otp2":%s`, strings.TrimLeft(first, "0"), strings.TrimLeft(second, "0")))
		g.ok(`"username":"Mandy","type":"validate_oath_otp","otp":"` + third + `"`)
		g.values["key of accountLogin"] = seedKey // for wantNoSecrets: "accountKey" is in no log by itself
		g.wantNoSecrets()
	})
}

// The vectors that were computed for the vendor's key, from oathtool and at the door.
func TestVectorsOfTheKey(t *testing.T) {
	codes := strings.Fields("930240 105489 233532 131393 079286 586546 334686 981329 119787 750795")
	for at, want := range map[int64]string{59: "105489", 1111111109: "760004", 1234567890: "616898"} {
		if got := clockCode(t, time.Unix(at, 0), 0); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	store := database{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", ""}
	g := start(t, store, story{})
	if err := g.as("acme"); err != nil {
		t.Fatal(err)
	}
	g.ok(`"type":"add_oath_device","psn":"A","OtpType":0,"secretKeyHex":"` + seedKey + `"`)
	for counter, want := range codes {
		got, err := oathtool("hotp", seedKey, fmt.Sprint(counter))
		if err != nil || got != want {
			t.Fatalf("counter %d: %s, %v", counter, got, err)
		}
		g.ok(`"type":"validate_oath_otp","psn":"A","otp":` + strings.TrimLeft(want, "0"))
	}
}

// picture asks for one as a browser does.
func (g *gateway) picture(method, address string, headers ...string) (status int, header http.Header, body []byte) {
	g.Helper()
	resp := g.do(method, strings.TrimPrefix(address, "https://mfa.example.com"), "", headers...)
	defer func() { _ = resp.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		g.Fatal(err)
	}
	return resp.StatusCode, resp.Header, b.Bytes()
}

// keyOf is what a phone reads of a picture.
func (g *gateway) keyOf(png []byte) *url.URL {
	g.Helper()
	name := filepath.Join(g.TempDir(), "key.png")
	if err := os.WriteFile(name, png, 0o600); err != nil {
		g.Fatal(err)
	}
	out, err := exec.Command("zbarimg", "--quiet", "--raw", name).Output()
	if err != nil {
		g.Fatalf("zbarimg (apt-get install zbar-tools): %v", err)
	}
	u, err := url.Parse(strings.TrimSpace(string(out)))
	if err != nil {
		g.Fatal(err)
	}
	return u
}

func (g *gateway) log() string {
	g.Helper()
	text, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
	if err != nil {
		g.Fatal(err)
	}
	return string(text)
}

// Law 11: a key is shown once, as a picture, to the first who comes; a program that
// only asks whether there is one takes nothing.
func TestPictureOfAKey(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := start(t, store(t), story{lines: map[string][]string{"api": {"path /mfa"}}})
		g.path = "/mfa"
		if err := g.as("acme"); err != nil {
			t.Fatal(err)
		}
		g.ok(`"type":"add_user","username":"mandy"`)
		id := g.ok(`"type":"add_oath_device","username":"mandy"`)["deviceId"].(string)
		ask := `"type":"get_oath_device_qrcode","deviceId":"` + id + `","accountName":"Mandy & co"`
		older := g.ok(ask)["QRCodeURL"].(string)
		address := g.ok(ask)["QRCodeURL"].(string)
		if !strings.HasPrefix(address, "https://mfa.example.com/mfa/qrcode/") {
			t.Fatal(address)
		}
		if status, _, _ := g.picture("GET", older); status != http.StatusGone {
			t.Errorf("the older address is answered %d", status)
		}
		if status, header, _ := g.picture("POST", address); status != http.StatusMethodNotAllowed || header.Get("Allow") != "GET, HEAD" {
			t.Errorf("POST is answered %d %v", status, header)
		}
		if status, header, body := g.picture("HEAD", address); status != http.StatusOK || header.Get("Content-Type") != "image/png" || len(body) > 0 {
			t.Errorf("HEAD is answered %d %v", status, header)
		}
		for _, ahead := range [][2]string{{"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "Prefetch"}, {"X-Moz", "prefetch"}} {
			if status, header, body := g.picture("GET", address, ahead[:]...); status != http.StatusServiceUnavailable || header.Get("Cache-Control") != "no-store" || strings.Contains(string(body), "PNG") {
				t.Errorf("a browser that fetches ahead (%s) is answered %d", ahead, status)
			}
		}
		status, header, png := g.picture("GET", address)
		if status != http.StatusOK || header.Get("Content-Type") != "image/png" || header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("%d %v", status, header)
		}
		uri := g.keyOf(png)
		if uri.Host != "totp" || !strings.Contains(uri.Path, "Mandy & co") || uri.Query().Get("digits") == "8" {
			t.Errorf("%s", uri)
		}
		out, err := exec.Command("oathtool", "--totp", "--base32", uri.Query().Get("secret")).Output()
		if err != nil {
			t.Fatal(err)
		}
		g.ok(`"type":"validate_oath_otp","username":"mandy","otp":"` + strings.TrimSpace(string(out)) + `"`)
		for _, method := range []string{"GET", "HEAD"} {
			if status, header, body := g.picture(method, address); status != http.StatusGone || header.Get("Cache-Control") != "no-store" || method == "GET" && !strings.Contains(string(body), "shown before") {
				t.Errorf("%s again is answered %d %s", method, status, body)
			}
		}
		if answer := g.call(ask); answer["errorCode"] != 9019.0 {
			t.Errorf("another picture of it: %v", answer)
		}
		if answer := g.ok(`"type":"provision_oath_device","deviceId":"` + id + `","physicalDeviceId":"p"`); answer["QRCodeURL"] != nil {
			t.Errorf("%v", answer)
		}
		for _, secret := range []string{uri.Query().Get("secret"), strings.TrimPrefix(address, "https://mfa.example.com/mfa/qrcode/")} {
			if strings.Contains(g.log(), secret) {
				t.Errorf("the log has %s", secret)
			}
		}
		g.wantNoSecrets()
	})
}

// Without an address for the picture nobody gets the key, and then nobody claims the
// device either.
func TestNoAddressForPictures(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := start(t, store(t), story{lines: map[string][]string{"without": {"public_url"}}})
		if err := g.as("acme"); err != nil {
			t.Fatal(err)
		}
		id := g.ok(`"type":"add_oath_device","psn":"A"`)["deviceId"].(string)
		for _, call := range []string{`"type":"get_oath_device_qrcode","psn":"A"`, `"type":"provision_oath_device","physicalDeviceId":"p","deviceId":"` + id + `"`} {
			if got := g.call(call); got["errorCode"] != -1.0 || got["errorMessage"] != "There is no address that a picture could have: the configuration needs public_url" {
				t.Errorf("%s: %v", call, got)
			}
		}
		db, err := sql.Open(g.driver, strings.ReplaceAll(g.dsn, "{$KIT_DIR}", g.kit.Dir))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		var claims int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM attributes WHERE name = 'physical_device'").Scan(&claims); err != nil || claims != 0 {
			t.Errorf("%d claims, %v", claims, err)
		}
	})
}

// Of many readers at once one gets the key.
func TestOneReaderGetsTheKey(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := start(t, store(t), story{})
		if err := g.as("acme"); err != nil {
			t.Fatal(err)
		}
		id := g.ok(`"type":"add_oath_device"`)["deviceId"].(string)
		address := g.ok(`"type":"get_oath_device_qrcode","deviceId":"` + id + `"`)["QRCodeURL"].(string)
		var shown, gone atomic.Int64
		var readers sync.WaitGroup
		for range 20 {
			readers.Go(func() {
				switch status, _, _ := g.picture("GET", address); status {
				case http.StatusOK:
					shown.Add(1)
				case http.StatusGone:
					gone.Add(1)
				}
			})
		}
		if readers.Wait(); shown.Load() != 1 || gone.Load() != 19 {
			t.Errorf("%d readers got it, %d came too late", shown.Load(), gone.Load())
		}
	})
}

// mobileAuth 1: the picture is for who knows the password of the device's user, and
// stays until he comes. His tries count as those of a login.
func TestPictureForItsUser(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := start(t, store(t), story{})
		if err := g.as(`acme {"tenant":"acme"}`); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"mandy", "phil"} {
			g.ok(`"type":"add_user","username":"` + name + `","pw":"Tr0ub4dor-and-3"`)
		}
		picture := func(user string) string {
			id := g.ok(`"type":"add_oath_device","mobileAuth":1,"username":"` + user + `"`)["deviceId"].(string)
			return g.ok(`"type":"get_oath_device_qrcode","deviceId":"` + id + `"`)["QRCodeURL"].(string)
		}
		basic := func(name, password string) string {
			r, _ := http.NewRequest("GET", "/", nil)
			r.SetBasicAuth(name, password)
			return r.Header.Get("Authorization")
		}
		address := picture("mandy")
		for name, authorization := range map[string]string{
			"nothing": "", "a wrong password": basic("mandy", "wrong"), "somebody else": basic("phil", "Tr0ub4dor-and-3"), "nobody": basic("", ""), "a token": "Bearer x",
		} {
			for _, method := range []string{"GET", "HEAD"} {
				status, header, body := g.picture(method, address, "Authorization", authorization)
				if status != http.StatusUnauthorized || !strings.HasPrefix(header.Get("WWW-Authenticate"), "Basic realm=") || bytes.Contains(body, []byte("PNG")) {
					t.Errorf("%s, %s: %d %v %s", name, method, status, header, body)
				}
			}
		}
		if status, _, png := g.picture("GET", address, "Authorization", basic("mandy", "Tr0ub4dor-and-3")); status != http.StatusOK || g.keyOf(png).Scheme != "otpauth" {
			t.Errorf("its user is answered %d", status)
		}
		address = picture("phil")
		for range 10 {
			g.picture("GET", address, "Authorization", basic("phil", "wrong"))
		}
		if status, _, _ := g.picture("GET", address, "Authorization", basic("phil", "Tr0ub4dor-and-3")); status != http.StatusUnauthorized {
			t.Errorf("after ten wrong passwords the right one is answered %d", status)
		}
		if status, _, _ := g.picture("GET", picture(""), "Authorization", basic("", "")); status != http.StatusUnauthorized {
			t.Errorf("a device in stock has no user, and its picture is answered %d", status)
		}
		g.wantNoSecrets()
	})
}

// login is one of the other dialect, which protects the app.
func (g *gateway) login(code string) (token string) {
	g.Helper()
	_, body := g.request("POST", "/api/2.0/authentication/"+code, `{"userName":"mandy","password":"Tr0ub4dor-and-3"}`, "Content-Type", "application/json")
	var answer struct{ Response struct{ Token string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		g.Fatalf("%s: %v", body, err)
	}
	return answer.Response.Token
}

func (g *gateway) isIn(token string) bool {
	g.Helper()
	status, body := g.request("GET", "/", "", "Authorization", "Bearer "+token)
	return status == http.StatusOK && body == "the app sees mandy"
}

// A device that an integrator adds opens the app through the other dialect, and when
// he disables, takes or deletes it, it stops before he is answered.
func TestDeviceOpensTheApp(t *testing.T) {
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		g := start(t, store(t), story{lines: map[string][]string{"channel": {"phone"}}})
		if err := g.as("acme"); err != nil {
			t.Fatal(err)
		}
		g.ok(`"type":"add_user","username":"mandy","mobile":"+79001234567","pw":"Tr0ub4dor-and-3"`)
		g.ok(`"type":"add_user","username":"phil"`)
		counter := 0
		code := func() string {
			code, err := oathtool("hotp", seedKey, fmt.Sprint(counter))
			if err != nil {
				t.Fatal(err)
			}
			counter++
			return code
		}
		add := `"type":"add_oath_device","username":"mandy","psn":"A","OtpType":0,"secretKeyHex":"` + seedKey + `"`
		g.ok(add + `,"deviceType":1`)
		if token := g.login(code()); token != "" {
			t.Error("a key fob opens the app before its two codes")
		}
		counter = 0
		g.ok(`"type":"active_oath_device","psn":"A","otp1":"` + code() + `","otp2":"` + code() + `"`)
		for _, end := range []string{
			`"type":"disable_device","psn":"A"`, `"type":"assign_device","psn":"A","username":"phil","force":1`, `"type":"unassign_device","psn":"A"`,
			`"type":"delete_device","psn":"A"`,
		} {
			token := g.login(code())
			if !g.isIn(token) {
				t.Fatalf("before %s the app is closed", end)
			}
			g.ok(end)
			if g.isIn(token) { // the gateway that answered obeys before it answers
				t.Errorf("after %s the app is open", end)
			}
			if g.login(code()) != "" {
				t.Errorf("after %s a new login succeeds", end)
			}
			counter--
			switch {
			case strings.Contains(end, "disable"):
				g.ok(`"type":"enable_device","psn":"A"`)
			case strings.Contains(end, "delete"):
				counter = 0
				g.ok(add)
			default:
				g.ok(`"type":"assign_device","psn":"A","username":"mandy","force":1`)
			}
			if !g.isIn(g.login(code())) {
				t.Errorf("what ended with %s can't begin again", end)
			}
		}

		// Law 6: what an integrator got without a code of the device opens nothing here.
		session := g.ok(`"type":"create_session_token","username":"mandy","pw":"Tr0ub4dor-and-3"`)["sessionTokenId"].(string)
		if g.isIn(session) {
			t.Error("a session of the integrator's opens the app")
		}
		g.ok(`"type":"send_oath_otp","username":"mandy","deliveryMethod":"sms"`)
		sent, err := g.inbox.last("phone", "+79001234567")
		if err != nil {
			t.Fatal(err)
		}
		if token := g.login(sent); token != "" {
			t.Error("a code that was sent for the integrator opens the app")
		}
		g.ok(`"type":"validate_oath_otp","username":"mandy","otp":"` + sent + `"`)
		g.wantNoSecrets()
	})
}

// Somebody with a new device is told of it as his integrator wants.
func TestWelcome(t *testing.T) {
	g := start(t, database{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", ""}, story{lines: map[string][]string{"channel": {"phone", "email"}}})
	if err := g.as("acme"); err != nil {
		t.Fatal(err)
	}
	g.ok(`"type":"add_user","username":"mandy","email":"mandy@example.com","mobile":"+79001234567"`)
	for method, to := range map[string]string{"1": "mandy@example.com", "2": "+79001234567"} {
		psn := g.ok(`"type":"add_oath_device","username":"mandy","notificationMethod":` + method)["psn"].(string)
		g.until("a message goes to "+to, func() bool { return g.inbox.got(map[string]string{"1": "email", "2": "phone"}[method], to, psn) })
	}
}
