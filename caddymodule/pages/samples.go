package pages

// samples are views as the doors give them, at least one of each page: with
// these every template is tried before it is shown to anybody, an operator's own
// too. A page whose Data is of a type of its own declares that type in this
// package.
var samples = []View{
	{Page: "message", Title: "notfound.title", Data: "notfound.text"},
	{Page: "message", Title: "forbidden.title", Data: "forbidden.text", User: "alice"},

	{Page: "signin", Title: "signin.title", To: "/", Data: SignIn{}},
	{Page: "signin", Title: "signin.title", Error: "signin.refused", Field: "password", Data: SignIn{Name: "alice", Invite: "TOKEN"}},
	{Page: "signin", Title: "signin.again.title", Done: "signin.done.password", User: "alice", Data: SignIn{Name: "alice", Again: true}},
	{Page: "code", Title: "code.title", Flow: "0123456789abcdef", Error: "code.throttled", Field: "code", Data: Code{
		Action: "code", Backup: true, Sent: "+7900***4567", Wait: 5,
		Makers:    []Device{{ID: "1", Kind: "totp", Name: "my app"}, {ID: "2", Kind: "hotp"}},
		Receivers: []Device{{ID: "3", Kind: "phone", Name: "work", Address: "+7900***4567"}, {ID: "4", Kind: "email", Address: "a***@e***.com"}},
	}},
	{Page: "code", Title: "stepup.title", User: "alice", Data: Code{Action: "step-up", Makers: []Device{{Kind: "totp"}}}},
	{Page: "code", Title: "code.title", Error: "code.notsent", Data: Code{Action: "code", Receivers: []Device{{Kind: "phone"}}}},
	{Page: "code", Title: "code.title", Error: "code.denied", Data: Code{Action: "code", Receivers: []Device{{Kind: "http"}, {Kind: "stomp"}, {Kind: "mobile_application"}}}},
	{Page: "code", Title: "code.title", Flow: "0123456789abcdef", Error: "code.unanswered", Data: Code{Action: "code", Asked: sampleAsked}},
	{Page: "code_wait", Title: "code_wait.title", Flow: "0123456789abcdef", To: "/reports", Data: CodeWait{Action: "code", Asked: sampleAsked}},
	{Page: "code_wait", Title: "code_wait.title", User: "alice", Data: CodeWait{Action: "step-up", Asked: Asked{Kind: "http", Number: "10"}, Still: true}},
	{Page: "code_wait", Title: "code_wait.title", Data: CodeWait{Action: "code", Asked: Asked{Kind: "stomp", Number: "99"}}},
	{Page: "enrol", Title: "enrol.title", Data: Enrolment{Action: "enrol", Kinds: []string{"totp", "phone", "email"}}},
	{Page: "enrol", Title: "devices/add.title", User: "alice", Error: "enrol.full", Data: Enrolment{Action: "devices/add"}},
	{Page: "enrol_app", Title: "enrol.app.title", Data: NewApp("enrol", "otpauth://totp/ACME:alice?secret=ABCDEFGH", "ABCDEFGH")},
	{Page: "enrol_app", Title: "enrol.app.title", Data: App{Key: []string{"ABCD", "EFGH"}}},
	{Page: "enrol_address", Title: "enrol.phone.title", Error: "enrol.phone.wrong", Field: "address", Data: Enrolment{Kind: "phone", Address: "12", Wait: 1}},
	{Page: "enrol_address", Title: "enrol.email.title", Data: Enrolment{Kind: "email"}},
	{Page: "enrol_code", Title: "enrol.code.title", Error: "code.refused", Field: "code", Data: Enrolment{Kind: "totp", Wait: 1}},
	{Page: "enrol_code", Title: "enrol.code.title", Data: Enrolment{Kind: "phone", Address: "+7900***4567"}},
	{Page: "enrol_code", Title: "enrol.code.title", Data: Enrolment{Kind: "email"}},
	{Page: "continue", Title: "continue.title", To: "/reports?a=1&b=2"},
	{Page: "signout", Title: "signout.title", User: "alice"},
	{Page: "signedout", Title: "signedout.title"},
	{Page: "nodevice", Title: "nodevice.title", Data: "nodevice.text"},
	{Page: "nodevice", Title: "nodevice.title", Data: "nodevice.unusable"},
	{Page: "wait", Title: "throttled.title", Data: 5},
	{Page: "refused", Title: "refused.login.title", Data: Refused{Text: "refused.login.text"}},
	{Page: "refused", Title: "refused.unsent.title", Data: Refused{Text: "refused.unsent.text", Link: "/.doorward/sign-in", Label: "refused.signin"}},
}

var sampleAsked = Asked{Kind: "mobile_application", Name: "Blue phone", Number: "42"}
