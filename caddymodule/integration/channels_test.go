package integration

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

func globals(block string) string {
	return "{\n\tdoorward {\n" + block + "\n\t}\n}\nhttp:// {\n\tdoorward\n}\n"
}

const (
	mailer = "server mail.example.com:587\nfrom a@example.com\n"
	shown  = "channel phone log {\ninsecure\n}\n"
	voice  = "channel voice log {\ninsecure\n}\n"
	asking = "channel http callback {\ntarget a.example\n}\nchannel stomp stomp {\nserver tcp://127.0.0.1:9\n}\nchannel mobile_application log {\ninsecure\n}\n"
)

// Law 14, for channels and factors: the block's options begin at line 3.
func TestChannelErrors(t *testing.T) {
	mail := func(block string) string { return "channel email smtp {\n" + block + "\n}" }
	sms := func(block string) string { return "channel phone http https://sms.example.com {\n" + block + "\n}" }
	back := func(block string) string { return "channel http callback {\n" + block + "\n}" }
	mq := func(block string) string { return "channel stomp stomp {\n" + block + "\n}" }
	for _, c := range []struct{ block, want string }{
		{"channel", "'channel' needs a name, email, phone, voice, http, stomp or mobile_application, and the name of a module, like smtp, at Caddyfile:3"},
		{"channel sms smtp", "channel 'sms' is not known: email, phone, voice, http, stomp or mobile_application, at Caddyfile:3"},
		{"channel email", "'channel email' needs the name of a module, like smtp, at Caddyfile:3"},
		{"channel email pigeon", "unknown module 'pigeon': callback, http, log, "},
		{"channel voice", "'channel voice' needs the name of a module, like smtp, at Caddyfile:3"},
		{voice, "channel 'voice': its codes would count for nothing: it needs a 'channel phone', and phone among the factors, at Caddyfile:"},
		{shown + voice + "factors totp", "channel 'voice': its codes would count for nothing"},
		{shown + voice + voice, "'channel voice' is already specified, at Caddyfile:9"},
		{shown + shown, "'channel phone' is already specified, at Caddyfile:6"},

		{"factors", "'factors' needs a kind of device: totp, hotp, phone, email, http, stomp or mobile_application, at Caddyfile:3"},
		{"factors otp", "factors 'otp' is not known: totp, hotp, phone, email, http, stomp or mobile_application, at Caddyfile:3"},
		{"factors backup", "factors 'backup' is not known"},
		{"factors totp hotp totp", "factors 'totp' stands twice, at Caddyfile:3"},
		{"factors totp\nfactors hotp", "'factors' is already specified, at Caddyfile:4"},
		{"factors totp phone", "factors 'phone': there is no channel for it: write 'channel phone http https://sms.example.com/send', at Caddyfile:4"},
		{"factors email\n" + shown, "factors 'email': there is no channel for it"},
		{"factors totp http", "factors 'http': there is no channel for it: write 'channel http callback { … }', at Caddyfile:"},
		{"factors stomp", "factors 'stomp': there is no channel for it: write 'channel stomp stomp { … }', at Caddyfile:"},
		{"factors mobile_application", "factors 'mobile_application': there is no channel for it: write 'channel mobile_application http https://push.example.com/wake', at Caddyfile:"},
		{"first_device", "'first_device' needs a value, at Caddyfile:3"},
		{"first_device anybody", "first_device 'anybody' is not known: password or invite, at Caddyfile:3"},

		{"channel phone log", "write 'insecure' into its block, at Caddyfile:3"},
		{"channel phone log x", "unexpected argument 'x': channel log takes a block, at Caddyfile:3"},
		{"channel phone log {\nsecure\n}", "unrecognized option 'secure' of channel log: insecure, at Caddyfile:4"},
		{"channel phone log {\ninsecure yes\n}", "unexpected argument 'yes': 'insecure' takes none, at Caddyfile:4"},

		{"channel email smtp mail.example.com:25", "unexpected argument 'mail.example.com:25': channel smtp takes a block with server and from, at Caddyfile:3"},
		{"channel email smtp", "channel smtp needs 'server', like smtp.example.com:587, at Caddyfile:3"},
		{mail("server mail.example.com:587"), "channel smtp needs 'from', like \"Doorward <door@example.com>\""},
		{mail("sever x"), "unrecognized option 'sever' of channel smtp: server, from, tls, username, password, timeout, at Caddyfile:4"},
		{mail("server"), "'server' needs a value, at Caddyfile:4"},
		{mail("server mail.example.com"), "server 'mail.example.com' is not host:port, like smtp.example.com:587, at Caddyfile:4"},
		{mail("server mail.example.com:0"), "server 'mail.example.com:0' is not host:port"},
		{mail("server mail.example.com:smtp"), "is not host:port"},
		{mail("server :25"), "server ':25' is not host:port"},
		{mail("server unix:///run/x:25"), "is not host:port"},
		{mail("server a:25\nserver b:25"), "'server' is already specified, at Caddyfile:5"},
		{mail("from nobody"), "from 'nobody' is not an address like \"Doorward <door@example.com>\", at Caddyfile:4"},
		{mail("from \"a@example.com, b@example.com\""), "is not an address like"},
		{mail(mailer + "tls maybe"), "tls 'maybe' is not known: starttls, implicit or none, at Caddyfile:6"},
		{mail(mailer + "tls none"), "tls none: the mail server 'mail.example.com' is not this machine: use starttls or implicit"},
		{mail(mailer + "username door"), "channel smtp: 'username' and 'password' go together"},
		{mail(mailer + "password {env.X}"), "channel smtp: 'username' and 'password' go together"},
		{mail("server localhost:25\nfrom a@example.com\ntls none\nusername door\npassword {env.X}"), "tls none: a password is never sent without TLS"},
		{mail(mailer + "timeout soon"), "invalid timeout 'soon': a duration like 5s, from 100ms to 10s, at Caddyfile:6"},
		{mail(mailer + "timeout 0"), "invalid timeout '0'"},
		{mail(mailer + "timeout 11s"), "timeout '11s' is out of range: 100ms to 10s, at Caddyfile:6"},
		{mail(mailer + "timeout 5s\ntimeout 5s"), "'timeout' is already specified, at Caddyfile:7"},

		{"channel phone http", "channel http needs a URL, like https://sms.example.com/send, at Caddyfile:3"},
		{"channel phone http https://a https://b", "unexpected argument 'https://b': channel http takes one URL, at Caddyfile:3"},
		{"channel phone http sms.example.com", "the URL of channel http can't be read: write one like https://sms.example.com/send, at Caddyfile:3"},
		{"channel phone http http://sms.example.com/send", "the URL of channel http, 'http://sms.example.com', is not https (http only for this machine), at Caddyfile:3"},
		{"channel phone http http://10.0.0.1/send", "is not https"},
		{"channel phone http ftp://localhost/", "is not https"},
		{"channel phone http https://u:p@sms.example.com/", "the URL of channel http has a user name in it"},
		{sms("methd GET"), "unrecognized option 'methd' of channel http: method, header, body, sign, success, success_body, timeout, allow, at Caddyfile:4"},
		{sms("method GET"), "method 'GET' is not known: POST or PUT, at Caddyfile:4"},
		{sms("method POST\nmethod PUT"), "'method' is already specified, at Caddyfile:5"},
		{sms("header Authorization"), "'header' takes a name and a value, not 1 words: quote a value that has spaces, at Caddyfile:4"},
		{sms("header Authorization Bearer x"), "'header' takes a name and a value, not 3 words"},
		{sms("header \"X Y\" z"), "header 'X Y' is not a name of letters, digits and -, at Caddyfile:4"},
		{sms("header host x"), "header 'host' can't be set: it is made for each request, at Caddyfile:4"},
		{sms("header idempotency-key x"), "header 'idempotency-key' can't be set"},
		{sms("body `{{json .Text`"), "body is not a template"},
		{sms("body `{{shell .Text}}`"), "body is not a template"},
		{sms("sign short"), "sign: the key has 5 bytes, and needs 16 or more, as from 'openssl rand -base64 32', at Caddyfile:4"},
		{sms("success"), "'success' needs a status, like 200, at Caddyfile:4"},
		{sms("success ok"), "success 'ok' is not a status like 200, at Caddyfile:4"},
		{sms("success 200 302"), "success '302' is not a status of an answer, like 200: redirects are not followed, at Caddyfile:4"},
		{sms("success_body"), "'success_body' needs a value, at Caddyfile:4"},
		{sms("timeout never"), "invalid timeout 'never'"},
		{sms("timeout 1m"), "timeout '1m0s' is out of range: 100ms to 10s, at Caddyfile:4"},
		{sms("allow"), "'allow' needs a network, like 10.1.0.0/16, at Caddyfile:4"},
		{"channel http callback https://bank.example.com", "unexpected argument 'https://bank.example.com': channel callback takes a block with target, at Caddyfile:3"},
		{"channel http callback", "channel callback needs 'target', the hosts that devices may be at, like bank.example.com, at Caddyfile:3"},
		{back("targets a"), "unrecognized option 'targets' of channel callback: target, allow, timeout, at Caddyfile:4"},
		{back("target"), "'target' needs a host, like bank.example.com, at Caddyfile:4"},
		{back("target a\ntarget b"), "'target' is already specified, at Caddyfile:5"},
		{back("target https://bank.example.com"), "target 'https://bank.example.com' is not a host like bank.example.com, *.bank.example.com or bank.example.com:8443, at Caddyfile:4"},
		{back("target bank.example.com/ask"), "is not a host like"},
		{back("target *"), "target '*' is not a host like"},
		{back("target *.com"), "target '*.com' is not a host like"},
		{back("target a.*.com"), "target 'a.*.com' is not a host like"},
		{back("target *bank.example.com"), "is not a host like"},
		{back("target bank.example.com:0"), "is not a host like"},
		{back("target bank.example.com:https"), "is not a host like"},
		{back("target bank.example.com."), "is not a host like"},
		{back("target a\nallow"), "'allow' needs a network, like 10.1.0.0/16, at Caddyfile:5"},
		{back("target a\nallow 10.0.0.1"), "allow '10.0.0.1' is not a network"},
		{back("target a\ntimeout"), "'timeout' takes one value, not 0, at Caddyfile:5"},
		{back("target a\ntimeout soon"), "invalid timeout 'soon'"},
		{back("target a\ntimeout 11s"), "timeout '11s' is out of range: 100ms to 10s, at Caddyfile:5"},

		{"channel stomp stomp tls://broker.example.com:61614", "unexpected argument 'tls://broker.example.com:61614': channel stomp takes a block with server, at Caddyfile:3"},
		{"channel stomp stomp", "channel stomp needs 'server', like tls://broker.example.com:61614, at Caddyfile:3"},
		{mq("sever x"), "unrecognized option 'sever' of channel stomp: server, login, host, destination, reply, ca, timeout, at Caddyfile:4"},
		{mq("server"), "'server' needs a value, at Caddyfile:4"},
		{mq("server broker.example.com:61614"), "the server of channel stomp can't be read: write one like tls://broker.example.com:61614, at Caddyfile:4"},
		{mq("server tls://broker.example.com"), "can't be read"},
		{mq("server tls://door:sesame@broker.example.com:61614"), "the server of channel stomp can't be read: write one like tls://broker.example.com:61614"},
		{mq("server wss://broker.example.com:443"), "server 'wss://broker.example.com:443': 'wss' is not known: tls, or tcp on this machine"},
		{mq("server tcp://broker.example.com:61613"), "server 'tcp://broker.example.com:61613' is not this machine: use tls, at Caddyfile:4"},
		{mq("server tcp://10.0.0.1:61613"), "is not this machine: use tls"},
		{mq("server tls://a:1\nserver tls://b:1"), "'server' is already specified, at Caddyfile:5"},
		{mq("server tls://a:1\nlogin door"), "'login' takes a name and a passcode, like {file./run/secrets/broker}, not 1 words, at Caddyfile:5"},
		{mq("server tls://a:1\nlogin door open sesame"), "not 3 words"},
		{mq("server tls://a:1\nlogin door \"\""), "channel stomp: the name and the passcode of 'login' go together"},
		{mq("server tls://a:1\ndestination"), "'destination' needs what the destinations of devices begin with, like /queue/, at Caddyfile:5"},
		{mq("server tls://a:1\ndestination /queue"), "destination '/queue' is not what destinations begin with, like /queue/ or /queue/doorward/"},
		{mq("server tls://a:1\ndestination /"), "destination '/' is not what"},
		{mq("server tls://a:1\ndestination /queue/*/"), "destination '/queue/*/' is not what"},
		{mq("server tls://a:1\nreply answers"), "reply 'answers' is not a destination like /queue/doorward.answers"},
		{mq("server tls://a:1\nreply /answers"), "reply '/answers' is not"},
		{mq("server tls://a:1\ntimeout 1m"), "timeout '1m0s' is out of range"},
		{sms("allow 10.0.0.1"), "allow '10.0.0.1' is not a network, like 10.1.0.0/16 or fd00::/8, at Caddyfile:4"},
	} {
		t.Run(c.want, func(t *testing.T) {
			config, err := caddytestkit.Adapt(globals(c.block))
			if err == nil {
				t.Fatalf("%s\nis taken as %s", c.block, config)
			}
			if text := err.Error(); !strings.Contains(text, c.want) || !strings.Contains(text, ", at Caddyfile:") {
				t.Errorf("%s\ngives %s", c.block, text)
			}
		})
	}
}

// What is known only where the server runs, and what JSON can say besides, is
// refused when the configuration is validated.
func TestChannelsAreValidated(t *testing.T) {
	t.Setenv("DOOR_SHORT", "short")
	t.Setenv("DOOR_SERVER", "mail.example.com:25")
	smtp := func(more string) string {
		return `"channels": {"email": {"via": "smtp", "from": "a@example.com", ` + more + `}}`
	}
	http := func(more string) string {
		return `"channels": {"phone": {"via": "http", "url": "https://sms.example.com"` + more + `}}`
	}
	for _, c := range []struct{ settings, want string }{
		{`"channels": {"sms": {"via": "log", "insecure": true}}`, "channel 'sms' is not known: email, phone, voice, http, stomp or mobile_application"},
		{`"channels": {"phone": {"via": "log"}}`, "write 'insecure' into its block"},
		{`"channels": {"phone": {"via": "log", "insecur": true}}`, "unknown field"},
		{`"channels": {"phone": {"insecure": true}}`, "via"},
		{`"channels": {"phone": {"via": "notchannel"}}`, "channel 'phone': module *integration.notChannel is not a channel: it does not implement authcore.Channel"},
		{`"channels": {"phone": {"via": "smtp", "server": "a:25", "from": "a@example.com"}}`, "channel 'phone': module *smtp.SMTP sends nothing to devices of the kind phone"},
		{`"channels": {"voice": {"via": "log", "insecure": true}}`, "channel 'voice': its codes would count for nothing"},
		{
			`"channels": {"phone": {"via": "log", "insecure": true}, "voice": {"via": "smtp", "server": "a:25", "from": "a@example.com"}}`,
			"channel 'voice': module *smtp.SMTP sends nothing to devices of the kind phone: write 'channel voice http https://voice.example.com/say'",
		},
		{`"channels": {"http": {"via": "http", "url": "https://a.example.com"}}`, "channel 'http': module *http.HTTP sends nothing to devices of the kind http: write 'channel http callback { … }'"},
		{`"channels": {"http": {"via": "stomp", "server": "tls://a:1"}}`, "channel 'http': module *stomp.Stomp sends nothing to devices of the kind http"},
		{`"channels": {"stomp": {"via": "log", "insecure": true}}`, "channel 'stomp': module *log.Log sends nothing to devices of the kind stomp"},
		{`"channels": {"http": {"via": "tellsall"}}`, "channel 'http': module *integration.tellsAll sends messages, and these devices are asked questions: it does not implement authcore.Asker; write 'channel http callback { … }'"},
		{`"channels": {"stomp": {"via": "tellsall"}}`, "it does not implement authcore.Asker; write 'channel stomp stomp { … }'"},
		{`"channels": {"phone": {"via": "callback", "targets": ["a"]}}`, "channel 'phone': module *callback.Callback sends nothing to devices of the kind phone"},
		{`"channels": {"mobile_application": {"via": "stomp", "server": "tls://a:1"}}`, "channel 'mobile_application': module *stomp.Stomp sends nothing to devices of the kind mobile_application"},
		{`"channels": {"http": {"via": "callback"}}`, "channel callback needs 'target'"},
		{`"channels": {"stomp": {"via": "stomp"}}`, "channel stomp needs 'server'"},
		{`"channels": {"stomp": {"via": "stomp", "server": "tls://{env.DOOR_SHORT}"}}`, "the server of channel stomp can't be read"},
		{`"channels": {"stomp": {"via": "stomp", "server": "tcp://{env.DOOR_SERVER}"}}`, "server 'tcp://mail.example.com:25' is not this machine: use tls"},
		{`"channels": {"stomp": {"via": "stomp", "server": "tls://a:1", "login": "door", "passcode": "{env.DOOR_NONE}"}}`, "the passcode of login: a placeholder in it is empty or not known"},
		{`"channels": {"stomp": {"via": "stomp", "server": "tls://a:1", "login": "door", "passcode": "a\nhost:b"}}`, "the passcode of login: it has a control character in it, like the end of a line"},
		{`"channels": {"stomp": {"via": "stomp", "server": "tls://a:1", "passcode": "a"}}`, "the name and the passcode of 'login' go together"},
		{`"channels": {"stomp": {"via": "stomp", "server": "tls://a:1", "ca": "/none.pem"}}`, "ca: open /none.pem"},
		{`"channels": {"stomp": {"via": "stomp", "server": "tls://a:1", "ca": "channels_test.go"}}`, "ca 'channels_test.go' has no certificate in PEM"},
		{`"factors": ["http"]`, "factors 'http': there is no channel for it"},
		{`"factors": []`, "'factors' needs a kind of device"},
		{`"factors": ["backup"]`, "factors 'backup' is not known"},
		{`"factors": ["totp", "phone"]`, "factors 'phone': there is no channel for it"},
		{`"first_device": "anybody"`, "first_device 'anybody' is not known"},
		{smtp(`"server": "{env.DOOR_NONE}"`), "server: a placeholder in it is empty or not known"},
		{smtp(`"server": "{env.DOOR_SHORT}"`), "server 'short' is not host:port"},
		{smtp(`"server": "{env.DOOR_SERVER}", "tls": "none"`), "tls none: the mail server 'mail.example.com' is not this machine"},
		{smtp(`"server": "a:25", "username": "u", "password": "{file./none}"`), "password: a placeholder in it is empty or not known"},
		{smtp(`"server": "a:25", "timeout": -1`), "timeout '-1ns' is out of range"},
		{http(`, "sign": "{env.DOOR_SHORT}"`), "sign: the key has 5 bytes"},
		{http(`, "headers": {"Authorization": ["Bearer {env.DOOR_NONE}"]}`), "header 'Authorization': a placeholder in it is empty or not known"},
		{http(`, "headers": {"X": ["a\r\nY: b"]}`), "header 'X' has a control character in its value"},
		{http(`, "body": "{\"to\":\"{{.To}}\"}"`), "body: a value could break the JSON: write {{json .Text}}"},
		{http(`, "body": "to={{.To}}", "headers": {"Content-Type": ["application/x-www-form-urlencoded"]}`), "body: a value could break the form: write {{urlquery .Text}}"},
		{http(`, "body": "<to>{{.To}}</to>", "headers": {"content-type": ["text/xml"]}`), "body: a value could break the XML: write {{html .Text}}"},
		{http(`, "body": "{{json .Number}}"`), "body: "},
		{http(`, "body": "{{placeholder \"env.DOOR_NONE\" | json}}"`), "placeholder 'env.DOOR_NONE' is empty or not known"},
		{http(`, "success": [99]`), "success '99' is not a status"},
	} {
		t.Run(c.want, func(t *testing.T) {
			err := validate(t, c.settings)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s\ngives %v", c.settings, err)
			}
		})
	}
	for _, settings := range []string{
		smtp(`"server": "{env.DOOR_SERVER}"`), smtp(`"server": "localhost:25", "tls": "none"`),
		http(`, "body": "to={{urlquery .To}}&text={{urlquery .Text}}", "headers": {"Content-Type": ["application/x-www-form-urlencoded"]}`),
		http(`, "body": "<to>{{html .To}}</to>", "headers": {"content-type": ["text/xml; charset=utf-8"]}`),
		http(`, "body": "{{.Text}}", "headers": {"content-type": ["text/plain"]}`),
		http(`, "body": "{{placeholder \"env.DOOR_SHORT\" | json}}"`),
		`"factors": ["hotp"], "first_device": "invite"`,
	} {
		if err := validate(t, settings); err != nil {
			t.Errorf("%s\ngives %v", settings, err)
		}
	}
}

// Law 14: validating opens no connection and writes nothing.
func TestValidatingChannelsTouchesNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	if err := validate(t, `"channels": {
		"email": {"via": "smtp", "server": "`+address+`", "from": "a@example.com", "tls": "none"},
		"phone": {"via": "http", "url": "http://`+address+`"},
		"http": {"via": "callback", "targets": ["`+address+`"]},
		"stomp": {"via": "stomp", "server": "tcp://`+address+`"}}`); err != nil {
		t.Fatal(err)
	}
	if err := listener.(*net.TCPListener).SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if conn, err := listener.Accept(); err == nil {
		t.Errorf("a connection from %s", conn.RemoteAddr())
	}
}

// validate also sees that nothing was written.
func validate(t *testing.T, settings string) error {
	t.Helper()
	dir := t.TempDir()
	defer func() {
		if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
			t.Errorf("validating wrote %v, %v", files, err)
		}
	}()
	var config caddy.Config
	text := `{"admin": {"disabled": true}, "storage": {"module": "file_system", "root": "` + dir + `"},
		"apps": {"doorward": {"store": {"engine": "sqlite", "path": "` + dir + `/door.db"}, ` + settings + `}}}`
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	return caddy.Validate(&config)
}

// notChannel is a guest in the right namespace that delivers nothing.
type notChannel struct{}

func (*notChannel) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.notchannel", New: func() caddy.Module { return new(notChannel) }}
}

// tellsAll is a channel that reaches everybody and asks nobody.
type tellsAll struct{ authcore.Channel }

func (*tellsAll) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.tellsall", New: func() caddy.Module { return new(tellsAll) }}
}

func (*tellsAll) Reaches(authcore.DeviceKind) bool { return true }

func init() {
	caddy.RegisterModule(new(notChannel))
	caddy.RegisterModule(new(tellsAll))
}

// Law 6: which kinds satisfy the second factor is the operator's choice, and
// e-mail counts only when it is named.
func TestOfferedFactors(t *testing.T) {
	email := "channel email smtp {\nserver localhost:9\nfrom a@example.com\n}\n"
	c := caddytestkit.Start(t, caddyfile("", "", "respond ok"))
	for _, row := range []struct{ block, want string }{
		{"", "totp hotp"},
		{shown, "totp hotp phone"},
		{shown + voice, "totp hotp phone"},
		{email, "totp hotp"},
		{shown + "factors phone totp", "phone totp"},
		{asking, "totp hotp"},
		{asking + "factors stomp http totp mobile_application", "stomp http totp mobile_application"},
		{"factors email hotp\n" + email + shown, "email hotp"},
	} {
		t.Run(row.want, func(t *testing.T) {
			if err := c.Load(caddyfile(row.block, "", "respond ok")); err != nil { // a reload takes the new settings
				t.Fatal(err)
			}
			module, err := caddy.ActiveContext().App("doorward")
			if err != nil {
				t.Fatal(err)
			}
			core, err := module.(*app.App).Core(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, kind := range core.Logins.Offered() {
				got = append(got, string(kind))
			}
			if !slices.Equal(got, strings.Fields(row.want)) || slices.Contains(core.Logins.Offered(), authcore.KindBackup) {
				t.Errorf("%v are offered, want %s", got, row.want)
			}
		})
	}
}
