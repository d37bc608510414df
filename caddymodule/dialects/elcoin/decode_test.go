package elcoin

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// What is read of a body, and what is not.
func TestReadInput(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	b := func(is bool) *bool { return &is }
	s := func(text string) *string { return &text }
	const uid = "01234567-89ab-4def-8123-456789abcdef"
	for body, want := range map[string]input{
		`{}`: {},
		` { "id" : "22" , "uid":"` + strings.ToUpper(uid) + `","state":"0","version":3}`:                                                                                                                  {id: n(22), uid: uid, state: n(0), version: n(3)},
		`{"id":0,"uid":"","state":"","version":null,"device_type":"","device_status":null,"client_code":null,"device_number":"","default_for_notifications":null,"use_device_as_login":"","action":null}`: {},
		`{"device_type":"Mobile_Application","device_status":"DEACTIVATED"}`:                                                                                                                              {kind: "mobile_application", status: "deactivated"},
		`{"device_type":0,"device_status":"1"}`:                                                                                                    {kind: "email", status: "blocked"},
		`{"default_for_notifications":"YES","use_device_as_login":0}`:                                                                              {notified: b(true), logsIn: b(false)},
		`{"default_for_notifications":false,"use_device_for_login":"1"}`:                                                                           {notified: b(false), logsIn: b(true)},
		`{"use_device_as_login":true,"use_device_for_login":"true"}`:                                                                               {logsIn: b(true)},
		`{"description":null,"operation_system":""}`:                                                                                               {description: s(""), system: s("")},
		`{"description":"a\nb \/ \u00e9","operation_system":"iOS"}`:                                                                                {description: s("a\nb / é"), system: s("iOS")},
		`{"action":"edit","form_title":"x","client_code":"EN00000CY","device_number":"\/queue"}`:                                                   {action: "edit", formTitle: "x", clientCode: "EN00000CY", number: "/queue"},
		`{"private_key":7,"Base64QrCodePng":[],"create_date":{},"modify_user":1,"device_number_masked":false,"Device_Type":"x","x":{"y":1,"y":2}}`: {},
	} {
		if got, err := readInput([]byte(body)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
	for body, want := range map[string]string{
		``:                                "send a body, a JSON object",
		`[]`:                              "the body is not a JSON object",
		`null`:                            "the body is not a JSON object",
		`{"a":1} {}`:                      "the body is not a JSON object",
		`{"a":1,}`:                        "the body is not a JSON object",
		"\ufeff{}":                        "the body is not a JSON object",
		"{\"uid\":\"\xff\"}":              "the body is not valid UTF-8",
		`{"a":1,"a":1}`:                   "'a' stands in the body twice",
		`{"uid":null,"\u0075id":""}`:      "'uid' stands in the body twice",
		"{\"\\u0007\":1,\"\\u0007\":1}":   "'a member' stands in the body twice",
		`{"id":-1}`:                       "'id' must be a whole number",
		`{"id":1e3}`:                      "'id' must be a whole number",
		`{"id":" 1"}`:                     "'id' must be a whole number",
		`{"id":true}`:                     "'id' must be a whole number",
		`{"version":9999999999999999999}`: "'version' must be a whole number",
		`{"uid":"{01234567-89ab-4def-8123-456789abcdef}"}`:                      "'uid' must be a UUID",
		`{"device_type":true}`:                                                  "'device_type' is email, http, mobile_application, phone, stomp or totp",
		`{"device_status":3}`:                                                   "'device_status' is active, blocked or deactivated",
		`{"device_status":"pending"}`:                                           "'device_status' is active, blocked or deactivated",
		`{"use_device_as_login":2}`:                                             "'use_device_as_login' is true or false",
		`{"use_device_as_login":[]}`:                                            "'use_device_as_login' is true or false",
		`{"client_code":"a\u0000"}`:                                             "'client_code' has a character that can't be seen",
		`{"description":7}`:                                                     "'description' must be a text",
		`{"client_code":"` + strings.Repeat("é", 256) + `"}`:                    "'client_code' has at most 255 characters",
		`{"description":"` + strings.Repeat("a", 1025) + `"}`:                   "'description' has at most 1024 characters",
		`{"device_number":"` + strings.Repeat("1", 2049) + `"}`:                 "'device_number' has at most 2048 characters",
		`{"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`: "the body is not a JSON object",
	} {
		if got, err := readInput([]byte(body)); authcore.CodeOf(err) != authcore.CodeInvalid || err == nil || authcore.MessageOf(err) != want {
			t.Errorf("%.80s: %+v, %v; want %s", body, got, err, want)
		}
	}
}

// A description is the device's name if it can be one, and kept beside it if not.
func TestNameOf(t *testing.T) {
	long := strings.Repeat("é", 65)
	for text, name := range map[string]string{"": "", "Bob's": "Bob's", long: "", long[2:]: long[2:], "a\nb": "", "a\u202eb": ""} {
		gotName, rest := nameOf(text)
		if gotName != name || name == "" && rest != text || name != "" && rest != "" {
			t.Errorf("%q: %q, %q", text, gotName, rest)
		}
	}
}

func FuzzReadInput(f *testing.F) {
	for _, body := range []string{
		factBody, `{"id":1}`, `{"id":"1","uid":"01234567-89ab-4def-8123-456789abcdef","device_type":5,"device_status":"blocked","default_for_notifications":"yes"}`,
		`{"a":1,"a":2}`, `{"a":"\ud800"}`, `{"description":null,"limit":"7","page":0,"id_list":"[1,2]"}`, "[]", "{", `{"x":[{"y":[{}]}]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := readInput(body)
		q, asked := readQuery(body)
		if err != nil && authcore.CodeOf(err) != authcore.CodeInvalid || asked != nil && authcore.CodeOf(asked) != authcore.CodeInvalid {
			t.Fatalf("%v, %v", err, asked)
		}
		var plain map[string]json.RawMessage
		if (err == nil || asked == nil && len(body) > 0) && json.Unmarshal(body, &plain) != nil {
			t.Fatalf("%q is taken", body)
		}
		if err == nil && (in.id != nil && *in.id <= 0 || in.uid != "" && len(in.uid) != 36 || in.kind != "" && plain["device_type"] == nil) {
			t.Fatalf("%q is %+v", body, in)
		}
		if asked == nil && (q.Limit < 0 || q.Limit > maxLimit || q.Offset < 0 || len(q.Numbers) > maxLimit || len(q.Kinds) == 0) {
			t.Fatalf("%q is %+v", body, q)
		}
	})
}
