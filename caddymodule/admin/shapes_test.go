package admin

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/authcore"
)

var at = time.Date(2026, 5, 4, 3, 2, 1, 999, time.FixedZone("", 3600))

const onTheWire = "2026-05-04T02:02:01Z"

// Rows of the core with something in every field that must not leave it.
var (
	coreUser = authcore.User{
		ID: "u", Tenant: "default", Name: "alice", Email: "a@example.com", Phone: "+79001234567", Groups: []string{"admins"},
		Password: "$argon2id$HASH", Epoch: 7, CreatedAt: at,
	}
	coreDevice = authcore.Device{
		ID: "d", Tenant: "default", UserID: "u", Serial: "S", Name: "my phone", Kind: authcore.KindTOTP, Status: authcore.StatusActive, Sealed: []byte("SEALED"),
		Algorithm: "SHA1", Digits: 6, Period: 30, LookAhead: 1, LastCounter: 5, Drift: 1, Epoch: 3, CreatedAt: at, LastUsedAt: at,
	}
	coreSession = authcore.Session{
		ID: "s", Tenant: "default", UserID: "u", DeviceID: "d", Audience: "doorward", ClientID: "onlyoffice", Address: "192.0.2.1", Agent: "Mozilla/5.0",
		Epoch: 2, AuthTime: at, OTPTime: at, ExpiresAt: at, EndedAt: at,
	}
	coreIntegrator = authcore.Integrator{
		ID: "i", Name: "acme", Dialect: "surepassid", Tenant: "hr", Digest: []byte("DIGEST"), Operations: []string{"a"},
		Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Rate: 60, CreatedAt: at,
	}
	coreAccount  = authcore.Account{ID: "a", Tenant: "hr", Name: "acme", Status: authcore.AccountBlocked, Hub: true, CreatedAt: at}
	coreApprover = authcore.Approver{Account: "a", UserID: "u", Document: "43885804816", Phone: "+5511987654321", Email: "a@example.com", Face: "F", CreatedAt: at}
)

const (
	integratorJSON = `"id":"i","name":"acme","dialect":"surepassid","tenant":"hr","operations":["a"],"allow":["192.0.2.0/24"],"rate":60,"created_at":"` + onTheWire + `","proof":"key"`

	userJSON    = `"id":"u","tenant":"default","name":"alice","email":"a@example.com","phone":"+79001234567","groups":["admins"],"language":"","status":"active","created_at":"` + onTheWire + `"`
	deviceJSON  = `"id":"d","tenant":"default","serial":"S","name":"my phone","kind":"totp","status":"active","user":"u","algorithm":"SHA1","digits":6,"period":30,"address":"","created_at":"` + onTheWire + `","last_used_at":"` + onTheWire + `"`
	sessionJSON = `"id":"s","user":"u","device":"d","audience":"doorward","client_id":"onlyoffice","address":"192.0.2.1","agent":"Mozilla/5.0","otp_at":"` + onTheWire + `","expires_at":"` + onTheWire + `"`
)

func TestShapes(t *testing.T) {
	disabled := coreUser
	disabled.Disabled = true
	none, _ := shapes(nil, nil, userShape)
	for _, c := range []struct {
		name  string
		shape any
		want  string
	}{
		{"user", userShape(coreUser), `{` + userJSON + `}`},
		{"disabled user", userShape(disabled).Status, `"disabled"`},
		{"empty user", userShape(authcore.User{}), `{"id":"","tenant":"","name":"","email":"","phone":"","groups":[],"language":"","status":"active"}`},
		{"user with password", UserWithPassword{userShape(coreUser), "p"}, `{` + userJSON + `,"password":"p"}`},
		{"user with his own password", UserWithPassword{userShape(coreUser), ""}, `{` + userJSON + `}`},
		{"shown user", UserWithIdentities{userShape(coreUser), []Identity{{"google", "1234"}}}, `{` + userJSON + `,"identities":[{"identity":"google","subject":"1234"}]}`},
		{"device", deviceShape(coreDevice), `{` + deviceJSON + `}`},
		{"empty device", deviceShape(authcore.Device{}), `{"id":"","tenant":"","serial":"","name":"","kind":"","status":"","user":"","algorithm":"","digits":0,"period":0,"address":""}`},
		{"new device", DeviceWithSecret{deviceShape(coreDevice), "GEZDGNBV", "otpauth://x"}, `{` + deviceJSON + `,"secret":"GEZDGNBV","uri":"otpauth://x"}`},
		{"shown device", DeviceWithAttempts{deviceShape(coreDevice), Asked{}, latenessShape(coreDevice), 1, 2, moment(at)}, `{` + deviceJSON + `,"drift":1,"drift_seconds":30,"wrong_codes":1,"wrong_codes_total":2,"paused_until":"` + onTheWire + `"}`},
		{"late clock", latenessShape(authcore.Device{Kind: authcore.KindTOTP, Drift: -2, Period: 60, LastCounter: 9}), `{"drift":-2,"drift_seconds":-120}`},
		{"clock on time", latenessShape(authcore.Device{Kind: authcore.KindTOTP, Period: 30}), `{"drift":0,"drift_seconds":0}`},
		{"counter", latenessShape(authcore.Device{Kind: authcore.KindHOTP, LastCounter: -1}), `{"next_counter":0}`},
		{"no codes of its own", latenessShape(authcore.Device{Kind: authcore.KindPhone, LastCounter: -1}), `{}`},
		{"device that is not paused", DeviceWithAttempts{Device: deviceShape(coreDevice)}, `{` + deviceJSON + `,"wrong_codes":0,"wrong_codes_total":0}`},
		{"session", sessionShape(coreSession), `{` + sessionJSON + `}`},
		{"invitation", Invitation{"https://a/i", "alice", moment(at)}, `{"url":"https://a/i","user":"alice","expires_at":"` + onTheWire + `"}`},
		{"integrator", integratorShape(coreIntegrator), `{` + integratorJSON + `}`},
		{"empty integrator", integratorShape(authcore.Integrator{}), `{"id":"","name":"","dialect":"","tenant":"","operations":[],"allow":[],"rate":0,"proof":"key"}`},
		{"account", accountShape(coreAccount), `{"id":"a","tenant":"hr","name":"acme","status":"blocked","hub":true,"created_at":"` + onTheWire + `"}`},
		{"empty account", accountShape(authcore.Account{}), `{"id":"","tenant":"","name":"","status":"","hub":false}`},
		{"approver", approverShape(coreApprover), `{"account":"a","user":"u","document":"43885804816","phone":"+5511987654321","email":"a@example.com","face":"F","created_at":"` + onTheWire + `"}`},
		{"empty approver", approverShape(authcore.Approver{}), `{"account":"","user":"","document":"","phone":"","email":"","face":""}`},
		{
			"integrator who signs", integratorShape(authcore.Integrator{PublicKey: []byte("KEY")}),
			`{"id":"","name":"","dialect":"","tenant":"","operations":[],"allow":[],"rate":0,"proof":"public_key","public_key_sha256":"5ca24005b740717ba4f3f6bc48a230700e68c2a4b11ecedb96f169f4efaf1f21"}`,
		},
		{
			"integrator who shares a secret", integratorShape(authcore.Integrator{Shares: true, Sealed: []byte("SEALED")}),
			`{"id":"","name":"","dialect":"","tenant":"","operations":[],"allow":[],"rate":0,"proof":"shared_secret"}`,
		},
		{"new integrator", IntegratorWithKey{integratorShape(coreIntegrator), "K"}, `{` + integratorJSON + `,"key":"K"}`},
		{"key", Key{"k", "ES256", moment(at)}, `{"id":"k","algorithm":"ES256","signs_from":"` + onTheWire + `"}`},
		{"seal", Sealed{3}, `{"changed":3}`},
		{"empty list", none, `[]`},
	} {
		got, err := json.Marshal(c.shape)
		if diff := cmp.Diff(c.want, string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", c.name, err, diff)
		}
	}
}

// What a field may hold shows in its name and type: no hash, nothing sealed,
// and a secret only where it is brought or shown once.
func TestShapesHoldNoSecrets(t *testing.T) {
	may := map[string][]string{
		"password": {"AddUser", "SetPassword", "UserWithPassword"},
		"secret":   {"AddDevice", "DeviceWithSecret", "ImportRow"},
		"key":      {"IntegratorWithKey"},
	}
	var check func(owner string, of reflect.Type)
	check = func(owner string, of reflect.Type) {
		for f := range of.Fields() {
			if f.Anonymous {
				check(owner, f.Type)
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || strings.ToLower(name) != name {
				t.Errorf("%s.%s has the JSON name %q", owner, f.Name, name)
			}
			for _, word := range []string{"hash", "sealed", "private", "digest"} {
				if strings.Contains(name, word) {
					t.Errorf("%s.%s: a %s value must not leave the core", owner, f.Name, word)
				}
			}
			if f.Type == reflect.TypeFor[[]byte]() {
				t.Errorf("%s.%s holds bytes", owner, f.Name)
			}
			if owners, secret := may[name]; secret && !slices.Contains(owners, owner) {
				t.Errorf("%s.%s: only %v may have a %s", owner, f.Name, owners, name)
			}
		}
	}
	for _, shape := range []any{
		AddUser{},
		UserRef{},
		Link{},
		SetPassword{},
		AddDevice{},
		DeviceRef{},
		Resync{},
		ListOf{},
		SessionRef{},
		AddIntegrator{},
		IntegratorRef{},
		Integrator{},
		IntegratorWithKey{},
		AddAccount{},
		AccountRef{},
		AddApprover{},
		ApproverRef{},
		Account{},
		Approver{},
		InTenant{},
		Nothing{},
		User{},
		UserWithPassword{},
		UserWithIdentities{},
		Identity{},
		Invitation{},
		Device{},
		DeviceWithSecret{},
		DeviceWithAttempts{},
		ImportRow{},
		ImportBatch{},
		ImportRef{},
		ImportResult{},
		Abandoned{},
		Session{},
		Key{},
		Sealed{},
	} {
		check(reflect.TypeOf(shape).Name(), reflect.TypeOf(shape))
	}
}

func TestPasswordIsMadeOrKept(t *testing.T) {
	if password, shown := passwordOr(" mine "); password != " mine " || shown != "" {
		t.Errorf("a given password gives %q, shown %q", password, shown)
	}
	one, shown := passwordOr("")
	if other, _ := passwordOr(""); one == "" || one != shown || one == other {
		t.Errorf("made %q and %q, shown %q", one, other, shown)
	}
}
