package onlyoffice

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

var noon = time.Date(2022, 10, 2, 14, 3, 3, 713541999, time.UTC)

// What a client is told it needs next, and never a token.
func TestMissing(t *testing.T) {
	app := authcore.Registered{Secret: []byte("12345678901234567890")}
	for name, c := range map[string]struct {
		step           authcore.Step
		want, docspace string
		link           string
	}{
		"a code of an app":  {authcore.Step{Kind: authcore.KindTOTP}, `{"token":null,"tfa":true}`, `{"sms":false,"tfa":true}`, tfaAuth},
		"a code of a token": {authcore.Step{Kind: authcore.KindHOTP}, `{"token":null,"tfa":true}`, `{"sms":false,"tfa":true}`, tfaAuth},
		"a backup code":     {authcore.Step{Kind: authcore.KindBackup}, `{"token":null,"tfa":true}`, `{"sms":false,"tfa":true}`, tfaAuth},
		"nothing there is":  {authcore.Step{}, `{"token":null,"tfa":true}`, `{"sms":false,"tfa":true}`, tfaAuth},
		"an app": {
			authcore.Step{Kind: authcore.KindTOTP, Enrol: true, Registered: app},
			`{"token":null,"tfa":true,"tfaKey":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}`, `{"sms":false,"tfa":true,"tfaKey":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}`, tfaActivation,
		},
		"a phone": {authcore.Step{Kind: authcore.KindPhone, Enrol: true}, `{"token":null,"sms":true}`, `{"sms":true,"tfa":false}`, phoneActivation},
		"a code on its way": {
			authcore.Step{Kind: authcore.KindPhone, Address: "+79001234567", ExpiresAt: noon},
			`{"token":null,"expires":"2022-10-02T14:03:03.7135419Z","sms":true,"phoneNoise":"+7900***4567"}`,
			`{"expires":"2022-10-02T14:03:03.7135419Z","sms":true,"phoneNoise":"+7900***4567","tfa":false}`, phoneAuth,
		},
		"the first code of a phone": {
			authcore.Step{Kind: authcore.KindPhone, Enrol: true, Address: "+79001234567", ExpiresAt: noon},
			`{"token":null,"expires":"2022-10-02T14:03:03.7135419Z","sms":true,"phoneNoise":"+7900***4567"}`,
			`{"expires":"2022-10-02T14:03:03.7135419Z","sms":true,"phoneNoise":"+7900***4567","tfa":false}`, phoneAuth,
		},
		"a mail": {
			authcore.Step{Kind: authcore.KindEmail, Address: "alice@mail.example.com", ExpiresAt: noon},
			`{"token":null,"expires":"2022-10-02T14:03:03.7135419Z","sms":true,"phoneNoise":"a***@m***.com"}`,
			`{"expires":"2022-10-02T14:03:03.7135419Z","sms":true,"phoneNoise":"a***@m***.com","tfa":false}`, phoneAuth,
		},
	} {
		for flavour, want := range map[string]string{workspace: c.want, docspace: c.docspace} {
			o := provisioned(t, OnlyOffice{Flavour: flavour})
			data, link := o.missing(c.step)
			if got := string(encode(o.token(data))); got != want || link != c.link {
				t.Errorf("%s, %s: %s %s, want %s %s", name, flavour, link, got, c.link, want)
			}
		}
	}
}

// A finished login: the token, and which factor it was; a cookie for browsers.
func TestFinished(t *testing.T) {
	for name, c := range map[string]struct {
		o      OnlyOffice
		device authcore.Device
		body   string
		want   string
		cookie string
	}{
		"an app": {
			OnlyOffice{},
			authcore.Device{Kind: authcore.KindTOTP},
			`{"session":true}`, `{"token":"T","expires":"2022-10-02T14:03:03.7135419Z","tfa":true}`,
			"asc_auth_key=T; Path=/; Expires=Sun, 02 Oct 2022 14:03:03 GMT; HttpOnly; Secure; SameSite=Lax",
		},
		"a phone": {
			OnlyOffice{Timezone: "Europe/Moscow"},
			authcore.Device{Kind: authcore.KindPhone, Address: "+79001234567"},
			`{}`,
			`{"token":"T","expires":"2022-10-02T17:03:03.7135419+03:00","sms":true,"phoneNoise":"+7900***4567"}`,
			"asc_auth_key=T; Path=/; Expires=Sun, 02 Oct 2022 14:03:03 GMT; HttpOnly; Secure; SameSite=Lax",
		},
		"until the browser ends": {
			OnlyOffice{Flavour: docspace},
			authcore.Device{Kind: authcore.KindBackup},
			`{"Session":true}`,
			`{"token":"T","expires":"0001-01-01T00:00:00.0000000Z","sms":false,"tfa":true}`, "asc_auth_key=T; Path=/; HttpOnly; Secure; SameSite=Lax",
		},
		"not until then": {
			OnlyOffice{Flavour: docspace},
			authcore.Device{Kind: authcore.KindEmail, Address: "a@b.c"},
			`{"session":false}`,
			`{"token":"T","expires":"2022-10-02T14:03:03.7135419Z","sms":true,"phoneNoise":"a***@b***.c","tfa":false}`,
			"asc_auth_key=T; Path=/; Expires=Sun, 02 Oct 2022 14:03:03 GMT; HttpOnly; Secure; SameSite=Lax",
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := provisioned(t, c.o)
			x := &exchange{&dialect.Call{Request: httptest.NewRequest("POST", "/", nil), Encrypted: true}, route{o: o}, http.Header{}}
			fields, err := dialect.DecodeJSON([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			login := authcore.Login{Token: "T", ExpiresAt: noon, Device: c.device}
			if got := string(encode(o.finished(login, x.loggedIn(login, fields)))); got != c.want || x.answer.Get("Set-Cookie") != c.cookie {
				t.Errorf("%s\n%s", got, x.answer.Get("Set-Cookie"))
			}
		})
	}
	x := &exchange{&dialect.Call{Request: httptest.NewRequest("POST", "/", nil)}, route{o: new(OnlyOffice)}, http.Header{}}
	if x.setCookie("T", noon); strings.Contains(x.answer.Get("Set-Cookie"), "Secure") {
		t.Errorf("on loopback: %v", x.answer)
	}
}

// Where the code is read: DocSpace's clients send it in the body, and may say
// anything in the address.
func TestCodeOf(t *testing.T) {
	for _, c := range []struct{ flavour, body, want string }{
		{workspace, `{"code":"222222"}`, "111111"},
		{workspace, `{}`, "111111"},
		{docspace, `{"CODE":"222222"}`, "222222"},
		{docspace, `{"code":222222}`, "222222"},
		{docspace, `{"code":null}`, "111111"},
		{docspace, `{"code":""}`, "111111"},
		{docspace, `{}`, "111111"},
	} {
		fields, err := dialect.DecodeJSON([]byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		x := &exchange{nil, route{o: &OnlyOffice{Flavour: c.flavour}, code: "111111"}, nil}
		if got := x.codeOf(fields); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// The token is preferred, and a token that is null is none: the portal's own
// client sends both.
func TestProof(t *testing.T) {
	for body, want := range map[string]authcore.Proof{
		`{"accessToken":"a","codeOAuth":"c"}`:  {Token: "a"},
		`{"accessToken":null,"codeOauth":"c"}`: {Code: "c"},
		`{"accessToken":"","CODEOAUTH":"c"}`:   {Code: "c"},
		`{"codeOauth":"c"}`:                    {Code: "c"},
		`{"AccessToken":"a"}`:                  {Token: "a"},
		`{}`:                                   {},
	} {
		fields, err := dialect.DecodeJSON([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if got := proof(fields); got != want {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

// A message is in the language that its reader's browser asks for, first or not.
func TestLanguage(t *testing.T) {
	const accepted = "fi, ru-RU;q=0.9, en;q=0.8"
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Accept-Language", accepted)
	x := exchange{Call: &dialect.Call{Request: r}}
	if got := x.attempt().Language; got != accepted {
		t.Errorf("%q", got)
	}
}

func TestPhoneNumber(t *testing.T) {
	for text, want := range map[string]string{
		"+7 (900) 123-45-67": "+79001234567", "79001234567": "+79001234567", "8123456": "+8123456", "8 (900) 123-45-67": "+79001234567", "8190012345": "+8190012345", "": "", "abc": "", "123456": "", "0123456789": "",
		"1234567890123456": "", "٧٩٠٠١٢٣٤٥٦٧": "",
	} {
		got, err := phoneNumber(text)
		if got != want || (err == nil) != (want != "") || err != nil && authcore.CodeOf(err) != authcore.CodeInvalid {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// Links lead to the configured origin, never to Host, and are a path without one.
func TestConfirmURL(t *testing.T) {
	x := &exchange{&dialect.Call{Request: httptest.NewRequest("POST", "http://evil/", nil), PublicURL: "https://app.example.com"}, route{o: provisioned(t, OnlyOffice{Flavour: docspace})}, nil}
	const want = "/api/2.0/confirm/TfaAuth?type=TfaAuth&key=a%2Bb%26c&email=a%26%C3%A9%40example.com"
	if got := x.confirmURL(tfaAuth, "a+b&c", "a&é@example.com"); got != "https://app.example.com"+want {
		t.Error(got)
	}
	x.PublicURL = ""
	if got := x.confirmURL(tfaAuth, "a+b&c", "a&é@example.com"); got != want {
		t.Error(got)
	}
	u, err := url.Parse(want)
	if err != nil || u.Query().Get("key") != "a+b&c" {
		t.Errorf("%v %v", u, err)
	}
}

// The bounds of what an address shows.
func TestNoise(t *testing.T) {
	for number, want := range map[string]string{
		"+79001234567": "+7900***4567", "+380441234567": "+3804****4567", "+123456789012345": "+1234*******2345", "+1234567890": "+12******90", "+8123456": "+81***56",
		"+123": "+***", "": "+",
	} {
		if got := phoneNoise(number); got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
	for address, want := range map[string]string{
		"alice@example.com": "a***@e***.com", "a@b.c": "a***@b***.c", "éva@пример.рф": "é***@п***.рф", "a@mail.example.co.uk": "a***@m***.uk", "root@localhost": "r***@l***", "": "***@***",
	} {
		if got := emailNoise(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// Always seven digits; Z for an offset of nothing, unless the offset was asked for.
func TestDates(t *testing.T) {
	whole := time.Date(2022, 12, 31, 23, 59, 59, 0, time.UTC)
	for name, want := range map[string][2]string{
		"":              {"2022-10-02T14:03:03.7135419Z", "2022-12-31T23:59:59.0000000Z"},
		"UTC":           {"2022-10-02T14:03:03.7135419Z", "2022-12-31T23:59:59.0000000Z"},
		"+00:00":        {"2022-10-02T14:03:03.7135419+00:00", "2022-12-31T23:59:59.0000000+00:00"},
		"+03:00":        {"2022-10-02T17:03:03.7135419+03:00", "2023-01-01T02:59:59.0000000+03:00"},
		"-05:30":        {"2022-10-02T08:33:03.7135419-05:30", "2022-12-31T18:29:59.0000000-05:30"},
		"Europe/Moscow": {"2022-10-02T17:03:03.7135419+03:00", "2023-01-01T02:59:59.0000000+03:00"},
		"Europe/London": {"2022-10-02T15:03:03.7135419+01:00", "2022-12-31T23:59:59.0000000Z"}, // with its summer
	} {
		z := provisioned(t, OnlyOffice{Timezone: name}).zone
		if got := [2]string{z.date(noon), z.date(whole)}; got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
