package onlyoffice

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// ask sends a request of ours the way doorward_api does.
func ask(t testing.TB, o *OnlyOffice, method, target, body string, change func(*dialect.Call)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://gate"+target, strings.NewReader(body))
	route, ok := o.Route(method, r.URL.Path)
	if !ok {
		t.Fatalf("%s %s is not ours", method, target)
	}
	c := &dialect.Call{Request: r, Body: []byte(body), Core: authcore.New(authcore.Options{}), PublicURL: "https://app.example.com", Principal: noPrincipal}
	if change != nil {
		change(c)
	}
	w := httptest.NewRecorder()
	if err := route.Serve(w, c); err != nil {
		route.Fail(w, r, err)
	}
	return w
}

func noPrincipal() (*authcore.Principal, error) {
	return nil, authcore.Errorf(authcore.CodeUnauthenticated, "log in")
}

func alice(c *dialect.Call) {
	c.Principal = func() (*authcore.Principal, error) {
		return &authcore.Principal{UserID: "7f3e6f0e-6a1c-4f5c-9a55-1f1f9be5b9f0", Name: "alice", Email: "a@example.com", SessionID: "s"}, nil
	}
}

// answering is a route that answers, or fails, with what is given.
func answering(o *OnlyOffice, xmlPath bool, response any, err error) route {
	return route{
		o: o, method: http.MethodPost, name: "authentication", xml: xmlPath,
		handle: func(*exchange) (any, error) { return response, err },
	}
}

func (r route) ask(t testing.TB, contentType string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "http://gate/", nil)
	req.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	if err := r.serve(w, &dialect.Call{Request: req, PublicURL: "http://host"}); err != nil {
		r.fail(w, req, err)
	}
	return w
}

func stringTo(s string) *string { return &s }

// What the facts quote, and what follows from its rules, byte for byte.
func TestCaptures(t *testing.T) {
	workspaceFaithful, docspaceFaithful := OnlyOffice{ErrorStatus: faithful}, OnlyOffice{Flavour: docspace, ErrorStatus: faithful}
	tokens := tokenData{Token: stringTo("abcde12345"), Expires: "2022-10-02T14:03:03.7135419Z"}
	refused := authcore.Errorf(authcore.CodeUnauthenticated, "why")
	for name, c := range map[string]struct {
		o        OnlyOffice
		xml      bool
		response any
		err      error
		status   int
		want     string
	}{
		"success, JSON": {OnlyOffice{}, false, tokens, nil, 201, `{"count":1,"status":0,"statusCode":201,"response":{"token":"abcde12345","expires":"2022-10-02T14:03:03.7135419Z"}}`},
		"success, XML": {OnlyOffice{}, true, tokens, nil, 201, `<result><count>1</count><status>0</status><statusCode>201</statusCode><response><token>abcde12345</token>` +
			`<expires>2022-10-02T14:03:03.7135419Z</expires></response></result>`},
		"failure, JSON": {workspaceFaithful, false, nil, refused, 500, `{"status":1,"statusCode":500,"error":{"message":"User authentication failed","hresult":-2146233087,"data":{}}}`},
		"failure, XML": {workspaceFaithful, true, nil, refused, 500, `<result><status>1</status><statusCode>500</statusCode><error><message>User authentication failed</message>` +
			`<hresult>-2146233087</hresult><data /></error></result>`},
		"failure, standard":   {OnlyOffice{}, false, nil, refused, 401, `{"status":1,"statusCode":401,"error":{"message":"User authentication failed","hresult":-2146233087,"data":{}}}`},
		"failure of DocSpace": {docspaceFaithful, false, nil, refused, 401, `{"error":{"message":"User authentication failed","type":null,"stack":null,"hresult":0},"status":1,"statusCode":401}`},
		"success of DocSpace": {docspaceFaithful, true, true, nil, 200, `{"response":true,"count":1,"links":[{"href":"http://host/api/2.0/authentication","action":"POST"}],"status":0,"statusCode":200}`},
		"nothing":             {OnlyOffice{}, false, nil, nil, 201, `{"status":0,"statusCode":201,"response":{}}`},
		"nothing, XML":        {OnlyOffice{}, true, nil, nil, 201, `<result><status>0</status><statusCode>201</statusCode><response /></result>`},
		"nothing in DocSpace": {docspaceFaithful, false, nil, nil, 200, `{"count":0,"links":[{"href":"http://host/api/2.0/authentication","action":"POST"}],"status":0,"statusCode":200}`},
		"false":               {OnlyOffice{}, false, false, nil, 201, `{"count":1,"status":0,"statusCode":201,"response":false}`},
		"a list": {OnlyOffice{}, false, newCodes([]string{"a/1", "b2"}), nil, 201, `{"count":2,"status":0,"statusCode":201,"response":[{"isUsed":false,"code":"a\/1"},` +
			`{"isUsed":false,"code":"b2"}]}`},
		"a list, XML": {OnlyOffice{}, true, oldCodes(2, 1), nil, 201, `<result><count>2</count><status>0</status><statusCode>201</statusCode>` +
			`<response><isUsed>true</isUsed><code>***</code></response><response><isUsed>false</isUsed><code>***</code></response></result>`},
		"an empty list":       {OnlyOffice{}, false, []any{}, nil, 201, `{"status":0,"statusCode":201,"response":[]}`},
		"a missing factor":    {OnlyOffice{}, false, tokenData{TFA: true}, nil, 201, `{"count":1,"status":0,"statusCode":201,"response":{"token":null,"tfa":true}}`},
		"no token, XML":       {OnlyOffice{}, true, tokenData{SMS: true}, nil, 201, `<result><count>1</count><status>0</status><statusCode>201</statusCode><response><token /><sms>true</sms></response></result>`},
		"signs of XML":        {OnlyOffice{}, true, "a<b>&\"'\x01", nil, 201, "<result><count>1</count><status>0</status><statusCode>201</statusCode><response>a&lt;b&gt;&amp;\"'\ufffd</response></result>"},
		"signs of JSON":       {OnlyOffice{}, false, `<a href="/x">&`, nil, 201, `{"count":1,"status":0,"statusCode":201,"response":"<a href=\"\/x\">&"}`},
		"too many texts":      {OnlyOffice{}, false, nil, told(authcore.Errorf(authcore.CodeThrottled, ""), authcore.CodeThrottled, tooManyTexts), 429, `{"status":1,"statusCode":429,"error":{"message":"You have sent too many text messages. Please try again later.","hresult":-2146233088,"data":{}}}`},
		"nothing to send to":  {workspaceFaithful, false, nil, told(authcore.Errorf(authcore.CodeConflict, ""), authcore.CodeConflict, noTexts), 500, `{"status":1,"statusCode":500,"error":{"message":"Attempt to access the method failed.","hresult":-2146233072,"data":{}}}`},
		"a store that's away": {workspaceFaithful, false, nil, authcore.Unavailable(errors.New("x")), 503, `{"status":1,"statusCode":503,"error":{"message":"the service can't answer right now, please try again","hresult":-2146233088,"data":{}}}`},
		"not ours":            {workspaceFaithful, false, nil, errors.New("secret"), 500, `{"status":1,"statusCode":500,"error":{"message":"internal error","hresult":-2146233088,"data":{}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := answering(provisioned(t, c.o), c.xml, c.response, c.err).ask(t, "text/xml")
			media := "application/json; charset=UTF-8"
			if c.xml && c.o.Flavour != docspace {
				media = "text/xml; charset=UTF-8"
			}
			if w.Body.String() != c.want || w.Code != c.status || w.Header().Get("Content-Type") != media || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v\n%s, want\n%s", w.Code, w.Header(), w.Body, c.want)
			}
		})
	}
}

// A path in .xml answers JSON to JSON; Accept does not matter.
func TestFormOfAnswer(t *testing.T) {
	o := provisioned(t, OnlyOffice{})
	for contentType, want := range map[string]string{
		"": "text/xml", "text/xml": "text/xml", "application/x-www-form-urlencoded": "text/xml",
		"application/json": "application/json", "Application/JSON; charset=utf-8": "application/json",
	} {
		for _, err := range []error{nil, authcore.Errorf(authcore.CodeNotFound, "x")} {
			if w := answering(o, true, true, err).ask(t, contentType); !strings.HasPrefix(w.Header().Get("Content-Type"), want) {
				t.Errorf("%q, %v: %v", contentType, err, w.Header())
			}
		}
	}
	for path, want := range map[string]string{
		"authentication/login": "application/json", "authentication/login.json": "application/json", "authentication/login.xml": "text/xml", "authentication/login.TML/": "text/xml",
	} {
		accept := func(c *dialect.Call) { c.Header.Set("Accept", "application/xml") }
		if w := ask(t, o, "POST", "/api/2.0/"+path, "", accept); w.Code != 404 || !strings.HasPrefix(w.Header().Get("Content-Type"), want) {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

// Section 3: a dialect answers every code of the core, whatever its options are,
// and no failure reads as a success.
func TestTableIsComplete(t *testing.T) {
	for _, o := range []OnlyOffice{{}, {ErrorStatus: faithful}, {Flavour: docspace}, {Flavour: docspace, ErrorStatus: faithful}} {
		door := provisioned(t, o)
		if missing := door.rows().Missing(); len(missing) > 0 {
			t.Errorf("no row for %q", missing)
		}
		for _, code := range authcore.Codes() {
			w := httptest.NewRecorder()
			door.WriteError(w, authcore.Errorf(code, "why"))
			if w.Code < 400 || !strings.Contains(w.Body.String(), `"status":1,"statusCode":`) || strings.Contains(w.Body.String(), `"response"`) {
				t.Errorf("%s: %d %s", code, w.Code, w.Body)
			}
		}
	}
}

// The statuses of either kind.
func TestErrorStatus(t *testing.T) {
	conflict, throttled := authcore.Errorf(authcore.CodeConflict, "x"), authcore.Errorf(authcore.CodeThrottled, "x")
	for name, c := range map[string]struct {
		err                                   error
		workspace, faithful, docspace, origin int
		text, docspaceText                    string
	}{
		"refused":     {authcore.Errorf(authcore.CodeUnauthenticated, "x"), 401, 500, 401, 401, "User authentication failed", ""},
		"throttled":   {throttled, 429, 500, 429, 403, "Login Fail. Too many attempts", "Too many login attempts. Please try again later"},
		"forbidden":   {authcore.Errorf(authcore.CodeForbidden, "no"), 403, 403, 403, 403, "no", ""},
		"conflict":    {conflict, 409, 500, 409, 500, "x", ""},
		"not found":   {authcore.Errorf(authcore.CodeNotFound, "no"), 404, 404, 404, 404, "no", ""},
		"invalid":     {authcore.Errorf(authcore.CodeInvalid, "no"), 400, 400, 400, 400, "no", ""},
		"step up":     {authcore.Errorf(authcore.CodeStepUp, "no"), 403, 403, 403, 403, "Log in again with a code, and do this within ten minutes", ""},
		"unavailable": {authcore.Errorf(authcore.CodeUnavailable, "later"), 503, 503, 503, 503, "later", ""},
		"too large":   {dialect.Refuse(413, "too large"), 413, 413, 413, 413, "too large", ""},
		"texts":       {told(throttled, authcore.CodeThrottled, tooManyTexts), 429, 500, 429, 500, "You have sent too many text messages. Please try again later.", ""},
		"phone":       {told(conflict, authcore.CodeConflict, phoneIsSet), 409, 500, 409, 500, "To change the number, you need to delete your current phone number", ""},
		"no number":   {&failure{noNumber, authcore.Errorf(authcore.CodeInvalid, "x")}, 400, 500, 400, 500, "Enter mobile phone number", ""},
	} {
		for o, want := range map[OnlyOffice]int{
			{}: c.workspace, {ErrorStatus: faithful}: c.faithful, {Flavour: docspace}: c.docspace, {Flavour: docspace, ErrorStatus: faithful}: c.origin,
		} {
			text := c.text
			if o.Flavour == docspace && c.docspaceText != "" {
				text = c.docspaceText
			}
			w := answering(provisioned(t, o), false, nil, c.err).ask(t, "")
			if w.Code != want || !strings.Contains(w.Body.String(), `"message":"`+text+`"`) {
				t.Errorf("%s, %+v: %d %s", name, o, w.Code, w.Body)
			}
		}
	}
	later := &authcore.Error{Code: authcore.CodeThrottled, RetryAfter: time.Minute}
	if w := answering(provisioned(t, OnlyOffice{}), false, nil, told(later, authcore.CodeThrottled, tooManyTexts)).ask(t, ""); w.Header().Get("Retry-After") != "60" {
		t.Errorf("%v", w.Header())
	}
}

// Whatever the text: XML that is well-formed and says the same.
func FuzzToXML(f *testing.F) {
	for _, text := range []string{"", "a", "<&>]]>", "\x00\x1f\r\n\t", "\ufffe\uffff", "\xff", "\u2028"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body := encode(envelope{Response: text})
		dec := xml.NewDecoder(strings.NewReader(string(toXML(body))))
		var back struct {
			Response string `xml:"response"`
		}
		if err := dec.Decode(&back); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var want struct{ Response string }
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		// A reader of XML makes one line end of every kind, but not of &#xD;.
		if xmlText(want.Response) != xmlText(back.Response) && !strings.ContainsRune(xmlText(want.Response), 0xFFFD) {
			t.Fatalf("%q reads %q", want.Response, back.Response)
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			t.Fatalf("more after it: %v", err)
		}
	})
}
