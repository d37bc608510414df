package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/caddymodule/admin"
)

// specimen is a device of a kind, the only one of its user that logs in, but for kinds
// beside which there must be another.
type specimen struct {
	m             *matrix
	user          *door
	kind, id, key string // key: Base32 of its secret, or what an app calls it
	address       string
	signs         any      // what it signs its answers with
	used          int64    // the last counter, step or place of a code
	unused        string   // a code that was refused, and would be right
	codes         []string // of backup
	app           appDevice
	beside        *opened
}

// specimen makes one through the dialect that has a call for it.
func (m *matrix) specimen(kind string) *specimen {
	m.t.Helper()
	m.made++
	name := fmt.Sprintf("m%d", m.made)
	d := &specimen{m: m, user: m.another(name), kind: kind}
	switch kind {
	case "hotp":
		d.fob(13)
	case "backup":
		d.printed()
	case "client":
		d.asksIn()
		d.letIn()
	default:
		d.put(name)
		d.prepare()
	}
	return d
}

// put has Elcoin's putDb make it.
func (d *specimen) put(name string) {
	d.m.t.Helper()
	d.address = map[string]string{
		"phone": fmt.Sprintf("+7900%07d", d.m.made), "email": name + "@box.example.com", "http": "https://devices.example.com/" + name,
		"stomp": "/queue/" + name, "mobile_application": "PUSH-" + name,
	}[d.kind]
	var made struct {
		UID string `json:"uid"`
		Key string `json:"private_key"`
	}
	if refused, _ := d.m.toElcoin("putDb", map[string]any{"client_code": d.user.name, "device_type": d.kind, "device_number": d.address}, &made); refused != "" {
		d.m.t.Fatalf("putDb of %s: %s", d.kind, refused)
	}
	d.id, d.key = made.UID, made.Key
}

// prepare gives it what it signs with.
func (d *specimen) prepare() {
	d.m.t.Helper()
	switch d.kind {
	case "http", "stomp":
		secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(d.key)
		if err != nil {
			d.m.t.Fatal(err)
		}
		d.signs = secret
	case "mobile_application":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			d.m.t.Fatal(err)
		}
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			d.m.t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(d.key))
		proof := authtest.JWS(d.m.t, key, "doorward-enrol+jwt", authtest.Claims{
			"aud": matrixSite, "iat": time.Now().Unix(), "token_sha256": base64.RawURLEncoding.EncodeToString(digest[:]),
		})
		d.signs = key
		if status, text := d.m.sends("/.doorward/device/enrol", map[string]any{"token": d.key, "public_key": base64.StdEncoding.EncodeToString(public), "proof": proof}); status != http.StatusOK {
			d.m.t.Fatalf("the app brings its key: %d %s", status, text)
		}
	}
}

// fob has SurePassID's add_oath_device make it. One of the type 1 awaits two codes.
func (d *specimen) fob(deviceType int) {
	d.m.t.Helper()
	secret := make([]byte, 20)
	if _, err := rand.Read(secret); err != nil {
		d.m.t.Fatal(err)
	}
	var made struct{ DeviceID string }
	if code, text := d.m.toSurePassID("add_oath_device", map[string]any{
		"username": d.user.name, "OtpType": map[string]int{"hotp": 0, "totp": 1}[d.kind], "deviceType": deviceType, "secretKeyHex": hex.EncodeToString(secret),
	}, &made); code != 0 {
		d.m.t.Fatal(text)
	}
	d.id, d.key = made.DeviceID, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// printed are backup codes, which ONLYOFFICE makes for who has another device.
func (d *specimen) printed() {
	d.m.t.Helper()
	o := d.user.openSession()
	d.beside = &o
	_, text := d.user.get("/api/2.0/settings/tfaappcodes", "Authorization", o.token)
	var shown struct{ Response []struct{ Code string } }
	mustRead(d.m.t, text, &shown)
	for _, c := range shown.Response {
		d.codes = append(d.codes, c.Code)
	}
	d.id = d.user.devicesOf("backup")[0].ID
}

// asksIn is an app that asks QI Tech's dialect to let it in, and letIn its user's word.
func (d *specimen) asksIn() {
	m := d.m
	m.t.Helper()
	o := d.user.openSession()
	d.beside, d.app, d.address = &o, newAppDevice(), d.user.name+"@example.com"
	d.key = fmt.Sprintf("%011d", m.made)
	m.call("approver/add", admin.AddApprover{Account: "acme", User: d.user.name, Document: d.key}, new(admin.Approver))
	status, text := m.toQITech(http.MethodPost, "", d.app.request(d.key, ""))
	if want := `"device_status":"` + answerOf("qitech", "pending") + `"`; status != http.StatusAccepted || !strings.Contains(text, want) {
		m.t.Fatalf("an app asks: %d %s, want %s", status, text, want)
	}
	d.id = d.user.devicesOf("client")[0].ID
}

func (d *specimen) letIn() {
	d.m.t.Helper()
	d.m.post.mu.Lock()
	texts := strings.Join(d.m.post.texts[d.address], "\n")
	d.m.post.mu.Unlock()
	found := mailedToken.FindStringSubmatch(texts)
	if found == nil {
		d.m.t.Fatalf("no token is in %q", texts)
	}
	status, text := d.m.toQITech(http.MethodPut, "/"+d.app.key+"/validate", tokenBody(found[1]))
	if want := `"device_status":"` + answerOf("qitech", "active") + `"`; status != http.StatusCreated || !strings.Contains(text, want) {
		d.m.t.Fatalf("an app is let in: %d %s, want %s", status, text, want)
	}
}
