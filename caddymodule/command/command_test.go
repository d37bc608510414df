package command

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// A server is what the command talks to in place of Caddy.
type server struct {
	address string
	status  int // default: 200
	answer  string
	asked   string // the operation and the body of the last request
}

func newServer(t *testing.T) *server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: "unix/" + path, status: 200}
	web := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go web.Serve(listener)
	t.Cleanup(func() { web.Close() })
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.asked = strings.TrimPrefix(r.RequestURI, "/doorward/") + " " + string(body)
	w.WriteHeader(s.status)
	io.WriteString(w, s.answer)
}

// run runs one command line below a root like Caddy's.
func run(stdin string, args ...string) (stdout, stderr string, err error) {
	root := &cobra.Command{Use: "caddy", SilenceUsage: true}
	cmd := &cobra.Command{Use: "doorward"}
	SetUp(cmd)
	root.AddCommand(cmd)
	var out, talk bytes.Buffer
	root.SetArgs(append([]string{"doorward"}, args...))
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(&talk)
	err = root.Execute()
	return out.String(), talk.String(), err
}

const (
	user          = `{"id":"u1","tenant":"hr","name":"alice","email":"a@example.com","phone":"","groups":["admins","staff"],"language":"","status":"active","created_at":"2026-05-04T02:02:01Z"}`
	newUser       = `{"id":"u1","name":"alice","password":"pw"}`
	device        = `{"id":"d1","tenant":"hr","serial":"S1","name":"my phone","kind":"totp","status":"blocked","user":"u1","algorithm":"SHA1","digits":6,"period":30,"address":"","created_at":"2026-05-04T02:02:01Z"}`
	added         = `{"id":"d1","serial":"S1","secret":"GEZDGNBV","uri":"otpauth://totp/x:alice?secret=GEZDGNBV&issuer=x"}`
	asking        = `{"id":"d1","serial":"S1","kind":"http","address":"https://bank.example.com/ask","secret":"GEZDGNBV","uri":""}`
	app           = `{"id":"d1","serial":"S1","kind":"mobile_application","status":"pending","address":"PUSH","secret":"GEZDGNBV","uri":"doorward://enrol?url=https%3A%2F%2Fapp.example.com%2F.doorward%2Fdevice&token=GEZDGNBV&issuer=x&user=alice"}`
	integrator    = `{"id":"i1","name":"acme","dialect":"surepassid","tenant":"hr","operations":["a","b"],"allow":["192.0.2.0/24","2001:db8::/32"],"rate":60,"proof":"shared_secret","created_at":"2026-05-04T02:02:01Z"}`
	account       = `{"id":"a1","tenant":"hr","name":"acme","status":"blocked","hub":false,"created_at":"2026-05-04T02:02:01Z"}`
	approver      = `{"account":"a1","user":"u1","document":"43885804816","phone":"+5511987654321","email":"","face":"F","created_at":"2026-05-04T02:02:01Z"}`
	newIntegrator = `{"id":"i1","name":"acme","key":"GEZDGNBV"}`
	session       = `{"id":"s1","user":"u1","device":"d1","audience":"doorward","client_id":"onlyoffice","address":"192.0.2.1","agent":"Mozilla/5.0","otp_at":"2026-05-04T02:02:01Z","expires_at":"2026-05-04T14:02:01Z"}`
)

func TestCommands(t *testing.T) {
	for _, c := range []struct{ line, stdin, asked, answer, stdout string }{
		{"user add alice", "", `user/add {"name":"alice"}`, newUser, "name: alice\nid: u1\npassword: pw\n"},
		{
			"user add alice --email a@x --phone +7 --group g1 --group g2,g3 --password-stdin", " p \r\nmore\n",
			`user/add {"name":"alice","email":"a@x","phone":"+7","groups":["g1","g2,g3"],"password":" p "}`, user, "name: alice\nid: u1\n",
		},
		{
			"user list", "", `user/list {}`, "[" + user + "]",
			"NAME   STATUS  EMAIL          PHONE  GROUPS        CREATED               ID\n" +
				"alice  active  a@example.com  -      admins,staff  2026-05-04T02:02:01Z  u1\n",
		},
		{"user list", "", `user/list {}`, "[]", "NAME  STATUS  EMAIL  PHONE  GROUPS  CREATED  ID\n"},
		{
			"user show alice", "", `user/show {"user":"alice"}`, user,
			"name: alice\nid: u1\ntenant: hr\nstatus: active\nemail: a@example.com\ngroups: admins,staff\ncreated_at: 2026-05-04T02:02:01Z\n",
		},
		{
			"user show alice", "", `user/show {"user":"alice"}`, strings.TrimSuffix(user, "}") + `,"identities":[{"identity":"google","subject":"1234"},{"identity":"work","subject":"a b"}]}`,
			"name: alice\nid: u1\ntenant: hr\nstatus: active\nemail: a@example.com\ngroups: admins,staff\ncreated_at: 2026-05-04T02:02:01Z\nidentity: google 1234\nidentity: work a b\n",
		},
		{"user link alice --identity google --subject 1234", "", `user/link {"user":"alice","identity":"google","subject":"1234"}`, user, "user alice is linked to google\n"},
		{"user unlink alice --identity google --subject 1234", "", `user/unlink {"user":"alice","identity":"google","subject":"1234"}`, user, "user alice is no longer linked to google\n"},
		{"user disable alice", "", `user/disable {"user":"alice"}`, user, "user alice is disabled\n"},
		{"user enable alice", "", `user/enable {"user":"alice"}`, user, "user alice is active\n"},
		{"user remove -- -x", "", `user/remove {"user":"-x"}`, user, "user alice is removed\n"},
		{
			"user invite alice", "", `user/invite {"user":"alice"}`, `{"url":"https://app.example.com/.doorward/invite/T","user":"alice","expires_at":"2026-05-04T02:02:01Z"}`,
			"https://app.example.com/.doorward/invite/T\n",
		},
		{"user password alice", "", `user/password {"user":"alice"}`, newUser, "name: alice\npassword: pw\n"},
		{"user password alice --password-stdin", "no newline", `user/password {"user":"alice","password":"no newline"}`, user, "user alice has a new password\n"},
		{
			"device add alice --kind totp", "", `device/add {"user":"alice","kind":"totp"}`, added,
			"serial: S1\nsecret: GEZDGNBV\nuri: otpauth://totp/x:alice?secret=GEZDGNBV&issuer=x\n",
		},
		{
			"device add alice --kind hotp --algorithm SHA256 --digits 8 --period 60 --serial 0 --secret-stdin", "GEZD GNBV\n",
			`device/add {"user":"alice","kind":"hotp","algorithm":"SHA256","digits":8,"period":60,"secret":"GEZD GNBV","serial":"0"}`, added,
			"serial: S1\nsecret: GEZDGNBV\nuri: otpauth://totp/x:alice?secret=GEZDGNBV&issuer=x\n",
		},
		{
			"device add alice --kind http --to https://bank.example.com/ask", "", `device/add {"user":"alice","kind":"http","address":"https://bank.example.com/ask"}`, asking,
			"serial: S1\nsecret: GEZDGNBV\naddress: https://bank.example.com/ask\n",
		},
		{
			"device add alice --kind mobile_application --to PUSH", "", `device/add {"user":"alice","kind":"mobile_application","address":"PUSH"}`, app,
			"serial: S1\nsecret: GEZDGNBV\nuri: doorward://enrol?url=https%3A%2F%2Fapp.example.com%2F.doorward%2Fdevice&token=GEZDGNBV&issuer=x&user=alice\naddress: PUSH\n",
		},
		{
			"device list", "", `device/list {}`, "[" + device + "]",
			"SERIAL  NAME      KIND  STATUS   USER  CREATED               LAST-USED  ID\n" +
				"S1      my phone  totp  blocked  u1    2026-05-04T02:02:01Z  -          d1\n",
		},
		{"device list alice", "", `device/list {"user":"alice"}`, "[]", "SERIAL  NAME  KIND  STATUS  USER  CREATED  LAST-USED  ID\n"},
		{
			"device show S1", "", `device/show {"device":"S1"}`, strings.TrimSuffix(device, "}") + `,"drift":-2,"drift_seconds":-60,"wrong_codes":1,"wrong_codes_total":2,"paused_until":"2026-05-04T02:22:01Z"}`,
			"serial: S1\nname: my phone\nid: d1\ntenant: hr\nkind: totp\nstatus: blocked\nuser: u1\nalgorithm: SHA1\ndigits: 6\nperiod: 30\ncreated_at: 2026-05-04T02:02:01Z\n" +
				"drift: 2 steps late (60 s)\nwrong_codes: 1\nwrong_codes_total: 2\npaused_until: 2026-05-04T02:22:01Z\n",
		},
		{
			"device show S2", "", `device/show {"device":"S2"}`, `{"serial":"S2","drift":1,"drift_seconds":30}`,
			"serial: S2\ndrift: 1 step early (30 s)\nwrong_codes: 0\nwrong_codes_total: 0\n",
		},
		{
			"device show S2", "", `device/show {"device":"S2"}`, `{"serial":"S2","drift":0,"drift_seconds":0}`,
			"serial: S2\ndrift: 0\nwrong_codes: 0\nwrong_codes_total: 0\n",
		},
		{
			"device show S2", "", `device/show {"device":"S2"}`, `{"serial":"S2","next_counter":0}`,
			"serial: S2\nnext_counter: 0\nwrong_codes: 0\nwrong_codes_total: 0\n",
		},
		{"device block S1", "", `device/block {"device":"S1"}`, device, "device S1 is blocked\n"},
		{"device unblock S1", "", `device/unblock {"device":"S1"}`, device, "device S1 is blocked\n"},
		{"device deactivate S1", "", `device/deactivate {"device":"S1"}`, device, "device S1 is blocked\n"},
		{"device assign S1 alice", "", `device/assign {"device":"S1","user":"alice"}`, device, "device S1 is that of alice, and blocked\n"},
		{"device assign S1 alice", "", `device/assign {"device":"S1","user":"alice"}`, `{"serial":"S1","status":"active"}`, "device S1 is that of alice\n"},
		{
			"device assign S1 alice", "", `device/assign {"device":"S1","user":"alice"}`, `{"serial":"S1","status":"pending"}`,
			"device S1 is that of alice, and pending: `device resync` with two of its codes makes it active\n",
		},
		{"device assign --force S1 alice", "", `device/assign {"device":"S1","user":"alice","force":true}`, device, "device S1 is that of alice, and blocked\n"},
		{"device remove S1", "", `device/remove {"device":"S1"}`, device, "device S1 is removed\n"},
		{"device unassign S1", "", `device/unassign {"device":"S1"}`, device, "device S1 is in stock\n"},
		{"device resync S1", "123456\n654321\n", `device/resync {"device":"S1","first":"123456","second":"654321"}`, device, "device S1 is resynchronised\n"},
		{
			"session list", "", `session/list {}`, "[" + session + "]",
			"ID  USER  DEVICE  AUDIENCE  CLIENT      ADDRESS    OTP                   EXPIRES\n" +
				"s1  u1    d1      doorward  onlyoffice  192.0.2.1  2026-05-04T02:02:01Z  2026-05-04T14:02:01Z\n",
		},
		{"session list alice", "", `session/list {"user":"alice"}`, "[]", "ID  USER  DEVICE  AUDIENCE  CLIENT  ADDRESS  OTP  EXPIRES\n"},
		{"session revoke s1", "", `session/revoke {"session":"s1"}`, session, "session s1 is revoked\n"},
		{
			"integrator add acme --dialect surepassid --tenant hr --allow 192.0.2.0/24 --allow 2001:db8::1 --operation a --operation b,c --rate 60", "",
			`integrator/add {"tenant":"hr","name":"acme","dialect":"surepassid","operations":["a","b,c"],"allow":["192.0.2.0/24","2001:db8::1"],"rate":60}`, newIntegrator,
			"name: acme\nkey: GEZDGNBV\nid: i1\n",
		},
		{"integrator add acme --dialect surepassid", "", `integrator/add {"name":"acme","dialect":"surepassid"}`, newIntegrator, "name: acme\nkey: GEZDGNBV\nid: i1\n"},
		{
			"integrator list", "", `integrator/list {}`, `[{"id":"i0","name":"all","dialect":"surepassid","tenant":"default","operations":[],"allow":[],"rate":600,"proof":"key"},` + integrator + `]`,
			"NAME  DIALECT     PROOF          TENANT   OPERATIONS  ALLOW                       RATE  CREATED\n" +
				"all   surepassid  key            default  all         everywhere                  600   -\n" +
				"acme  surepassid  shared_secret  hr       a,b         192.0.2.0/24,2001:db8::/32  60    2026-05-04T02:02:01Z\n",
		},
		{"integrator remove acme", "", `integrator/remove {"name":"acme"}`, integrator, "integrator acme is removed\n"},
		{
			"account add acme --key 05894BAD-C94E-4A61-B2A8-57EDAE868A0F --hub --tenant hr", "",
			`account/add {"tenant":"hr","name":"acme","id":"05894BAD-C94E-4A61-B2A8-57EDAE868A0F","hub":true}`, account, "name: acme\nid: a1\n",
		},
		{"account add acme", "", `account/add {"name":"acme"}`, account, "name: acme\nid: a1\n"},
		{
			"account list --tenant hr", "", `account/list {"tenant":"hr"}`, `[{"id":"a0","tenant":"hr","name":"all","status":"active","hub":true},` + account + `]`,
			"NAME  STATUS   HUB  CREATED               ID\nall   active   yes  -                     a0\nacme  blocked  no   2026-05-04T02:02:01Z  a1\n",
		},
		{"account block acme", "", `account/block {"account":"acme"}`, account, "account acme is blocked\n"},
		{"account unblock acme", "", `account/unblock {"account":"acme"}`, account, "account acme is blocked\n"},
		{"account close acme --tenant hr", "", `account/close {"tenant":"hr","account":"acme"}`, account, "account acme is blocked\n"},
		{
			"approver add acme alice --document 438.858.048-16 --phone +5511987654321 --email a@x --face F --tenant hr", "",
			`approver/add {"tenant":"hr","account":"acme","user":"alice","document":"438.858.048-16","phone":"+5511987654321","email":"a@x","face":"F"}`, approver, "alice approves on acme\n",
		},
		{
			"approver list acme", "", `approver/list {"account":"acme"}`, `[` + strings.Replace(approver, `"user":"u1"`, `"user":"u1","user_name":"alice"`, 1) + `,` + approver + `]`,
			"USER   DOCUMENT     PHONE           EMAIL  FACE  ADDED\nalice  43885804816  +5511987654321  -      F     2026-05-04T02:02:01Z\n" +
				"u1     43885804816  +5511987654321  -      F     2026-05-04T02:02:01Z\n",
		},
		{"approver remove acme alice", "", `approver/remove {"account":"acme","user":"alice"}`, approver, "alice approves no more on acme\n"},
		{"device approve S1", "", `device/approve {"device":"S1"}`, device, "device S1 is blocked\n"},
		{"device refuse S1 --tenant hr", "", `device/refuse {"tenant":"hr","device":"S1"}`, device, "device S1 is blocked\n"},
		{"key rotate", "", `key/rotate {}`, `{"id":"k1","algorithm":"ES256","signs_from":"2026-05-04T02:02:01Z"}`, "key k1 (ES256) signs from 2026-05-04T02:02:01Z\n"},
		{"seal rotate", "", `seal/rotate {}`, `{"changed":3}`, "3 values are sealed anew with the first seal_key\n"},
	} {
		t.Run(c.line, func(t *testing.T) {
			s := newServer(t)
			s.answer = c.answer
			stdout, stderr, err := run(c.stdin, append([]string{"--address", s.address}, strings.Fields(c.line)...)...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.asked, s.asked) + cmp.Diff(c.stdout, stdout); diff != "" {
				t.Error(diff)
			}
			if drawn := strings.Contains(stderr, "█"); drawn != strings.Contains(c.stdout, "uri: ") {
				t.Errorf("standard error:\n%s", stderr)
			}
			if hours := strings.Contains(stderr, "the app has 24 hours"); hours != (c.answer == app) {
				t.Errorf("standard error:\n%s", stderr)
			}

			// With --json: one JSON value with what the server said, and no talk.
			stdout, stderr, err = run(c.stdin, append([]string{"--address", s.address, "--json"}, strings.Fields(c.line)...)...)
			var got, want any
			if err != nil || stderr != "" || json.Unmarshal([]byte(stdout), &got) != nil || json.Unmarshal([]byte(c.answer), &want) != nil {
				t.Fatalf("with --json: %v\n%s%s", err, stdout, stderr)
			}
			if missing(want, got) || strings.Contains(stdout, `\u0026`) {
				t.Errorf("with --json: %s, the server said %s", stdout, c.answer)
			}
		})
	}
}

// Each command that names a user or a device, or lists them, can say in which tenant.
func TestTenant(t *testing.T) {
	for _, c := range []struct{ line, stdin, asked string }{
		{"user add alice", "", `user/add {"tenant":"hr","name":"alice"}`},
		{"user list", "", `user/list {"tenant":"hr"}`},
		{"user show alice", "", `user/show {"tenant":"hr","user":"alice"}`},
		{"user disable alice", "", `user/disable {"tenant":"hr","user":"alice"}`},
		{"user enable alice", "", `user/enable {"tenant":"hr","user":"alice"}`},
		{"user remove alice", "", `user/remove {"tenant":"hr","user":"alice"}`},
		{"user password alice", "", `user/password {"tenant":"hr","user":"alice"}`},
		{"user invite alice", "", `user/invite {"tenant":"hr","user":"alice"}`},
		{"user link alice --identity g --subject 1", "", `user/link {"tenant":"hr","user":"alice","identity":"g","subject":"1"}`},
		{"user unlink alice --identity g --subject 1", "", `user/unlink {"tenant":"hr","user":"alice","identity":"g","subject":"1"}`},
		{"device add alice --kind totp", "", `device/add {"tenant":"hr","user":"alice","kind":"totp"}`},
		{"device list", "", `device/list {"tenant":"hr"}`},
		{"device list alice", "", `device/list {"tenant":"hr","user":"alice"}`},
		{"device show S1", "", `device/show {"tenant":"hr","device":"S1"}`},
		{"device block S1", "", `device/block {"tenant":"hr","device":"S1"}`},
		{"device unblock S1", "", `device/unblock {"tenant":"hr","device":"S1"}`},
		{"device deactivate S1", "", `device/deactivate {"tenant":"hr","device":"S1"}`},
		{"device assign S1 alice", "", `device/assign {"tenant":"hr","device":"S1","user":"alice"}`},
		{"device remove S1", "", `device/remove {"tenant":"hr","device":"S1"}`},
		{"device unassign S1", "", `device/unassign {"tenant":"hr","device":"S1"}`},
		{"device resync S1", "1\n2\n", `device/resync {"tenant":"hr","device":"S1","first":"1","second":"2"}`},
		{"session list alice", "", `session/list {"tenant":"hr","user":"alice"}`},
	} {
		s := newServer(t)
		s.status, s.answer = 404, `{"error":"no such tenant"}`
		_, _, err := run(c.stdin, append(strings.Fields(c.line), "--tenant", "hr", "--address", s.address)...)
		if err == nil {
			t.Errorf("%s: no error", c.line)
		}
		if diff := cmp.Diff(c.asked, s.asked); diff != "" {
			t.Errorf("%s: %s", c.line, diff)
		}
	}
}

// missing says whether got lacks something of want.
func missing(want, got any) bool {
	fields, object := want.(map[string]any)
	if !object {
		return !cmp.Equal(want, got)
	}
	have, _ := got.(map[string]any)
	for key := range fields {
		if !cmp.Equal(fields[key], have[key]) {
			return true
		}
	}
	return false
}
