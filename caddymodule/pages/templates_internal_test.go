package pages

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"time"
)

func ours(t *testing.T) map[string]string {
	t.Helper()
	sources, err := readTemplates("")
	if err != nil || len(sources) < 3 {
		t.Fatalf("%d templates, %v", len(sources), err)
	}
	return sources
}

func mustNew(t *testing.T, s Settings) *Pages {
	t.Helper()
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write answers with a page, as a browser that reads lang gets it.
func write(t *testing.T, p *Pages, lang string, v View) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Language", lang)
	w := httptest.NewRecorder()
	if err := p.Write(w, r, http.StatusTeapot, v); err != nil {
		t.Fatal(err)
	}
	return w
}

// A page without a sample is one that a broken template would show to people.
func TestEveryPageHasASample(t *testing.T) {
	set, err := parseAll(ours(t), catalogues["en"])
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range set.Templates() {
		name, isFile := strings.CutSuffix(page.Name(), ".html")
		if isFile && !parse.IsEmptyTree(page.Tree.Root) && !slices.ContainsFunc(samples, func(v View) bool { return v.Page == name }) {
			t.Errorf("samples.go has none of %q", name)
		}
	}
}

// WEB-02, WEB-03: nothing in a template could be a script, and no place is one
// where html/template can't tell what text means.
func TestTemplatesHoldNoScript(t *testing.T) {
	bad := regexp.MustCompile(`(?i)<(script|style|iframe|object|embed|base|svg onload)\b|\son[a-z]+\s*=|\sstyle\s*=|javascript:|data:|template\.(HTML|JS|URL)`)
	for name, source := range ours(t) {
		if found := bad.FindString(source); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
	unescaped := regexp.MustCompile(`template\.(HTML|HTMLAttr|JS|JSStr|URL|CSS|Srcset)\(`)
	for path, file := range goFiles(t) {
		found := unescaped.FindAllString(file, -1)
		if path == "../pages/enrolment.go" { // an otpauth URI, which we made, and html/template does not know
			found = slices.DeleteFunc(found, func(of string) bool { return of == "template.URL(" })
		}
		if len(found) > 0 {
			t.Errorf("%s takes text for what it may not be: %q", path, found)
		}
	}
}

// WEB-02: what came with a request is text and stays text.
func TestHostileText(t *testing.T) {
	p := mustNew(t, Settings{Name: `<b>"ACME"</b>`})
	for _, hostile := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus='alert(1)`, "</title><svg onload=alert(1)>", "javascript:alert(1)", "{{.}}",
	} {
		body := write(t, p, "en", View{Page: "message", Title: "notfound.title", Data: "notfound.text", User: hostile, To: hostile, Flow: hostile, Field: hostile, Error: "error"}).Body.String()
		for _, never := range []string{"<script>", "<img src=x", "<svg onload", "<b>", `href="javascript:`, "' autofocus"} {
			if strings.Contains(body, never) {
				t.Errorf("%q gives %q in\n%s", hostile, never, body)
			}
		}
	}
}

// WCAG 3.3.1, 4.1.3: an error is said first, in the title too, and stands at its
// field, where a screen reader reads it.
func TestErrorIsTiedToItsField(t *testing.T) {
	sources := ours(t)
	sources["try.html"] = `{{template "top" .}}<form>{{template "hidden" .}}{{template "field" (field . "code" "one-time-code" "notfound.title" "notfound.text")}}` +
		`{{template "field" (field . "name" "off" "internal.title" "" "a\"b")}}{{template "field" (field . "n" "digits" "nav")}}</form>{{template "bottom" .}}`
	set, err := parseAll(sources, catalogues["en"])
	if err != nil {
		t.Fatal(err)
	}
	p := &Pages{Settings: Settings{}.withDefaults(), sets: map[string]*template.Template{"en": set}, Style: &Asset{}}
	for _, c := range []struct {
		v     View
		has   []string
		never []string
	}{
		{
			View{Page: "try", Lang: "en", Title: "nav", Error: "unavailable.text", Field: "code", To: "/a?b=c&d", Flow: "f1"},
			[]string{
				"<title>Error: Your account · Doorward</title>", `<p class="error" role="alert" id="error"><a href="#code">The service`,
				`<label for="code">Not found</label>`, `aria-describedby="code-hint code-error"`, `aria-invalid="true" autofocus>`,
				`<p class="hint" id="code-hint">`, `<p class="wrong" id="code-error">The service`, `autocomplete="one-time-code" required`,
				`<input type="hidden" name="to" value="/a?b=c&amp;d">`, `<input type="hidden" name="flow" value="f1">`,
				`<input id="name" name="name" type="text" value="a&#34;b" autocomplete="off">`, `autocomplete="one-time-code" required inputmode="numeric"`,
			},
			[]string{"name-hint", "name-error"},
		},
		{
			View{Page: "try", Lang: "en", Title: "nav", Done: "unavailable.text"},
			[]string{"<title>Your account · Doorward</title>", `<p class="done" role="status">The service`, `aria-describedby="code-hint"`},
			[]string{"Error", "aria-invalid", `role="alert"`, `name="flow"`, "<nav", "<img"},
		},
	} {
		text, err := p.draw(c.v)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.has {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s is missing in\n%s", want, text)
			}
		}
		for _, never := range c.never {
			if strings.Contains(string(text), never) {
				t.Errorf("%s is in\n%s", never, text)
			}
		}
	}
	if _, err := newField(View{}, "x", "text", "nav"); err == nil {
		t.Error("an input that is none is taken")
	}
}

// A moment reads the same in all languages, wherever the server stands.
func TestMoment(t *testing.T) {
	sources := ours(t)
	sources["try.html"] = `{{template "moment" .Data}}`
	set, err := parseAll(sources, catalogues["zh"])
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{
		time.Date(2026, 11, 22, 17, 5, 9, 0, time.FixedZone("", 3*3600)): `<time datetime="2026-11-22T14:05:09Z">2026-11-22 14:05 UTC</time>`,
		{}: "",
	} {
		var b strings.Builder
		if err := set.ExecuteTemplate(&b, "try.html", View{Data: at}); err != nil || b.String() != want {
			t.Errorf("%v gives %q, %v", at, b.String(), err)
		}
	}
}

// Law 14: what stands in for a template of ours is tried before it is shown.
func TestOwnTemplates(t *testing.T) {
	const message = `{{template "top" .}}<p>Ours: {{t .Data}}</p>{{template "bottom" .}}`
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string // in the error; empty: it is taken
	}{
		{"one of them", map[string]string{"message.html": message, "README.txt": "{{"}, ""},
		{"the layout", map[string]string{"layout.html": `{{define "top"}}<p>Ours: {{.Name}}{{end}}{{define "bottom"}}</p>{{end}}`}, ""},
		{"nothing", map[string]string{"message.htm": message}, "no file ends in .html there: the templates are "},
		{"an unknown name", map[string]string{"messages.html": message}, "there is no template 'messages.html' to stand in for: the templates are "},
		{"no template", map[string]string{"message.html": "\n\n{{if}}"}, "message.html:3"},
		{"an unknown function", map[string]string{"message.html": "\n{{exec .}}"}, `message.html:2: function "exec" not defined`},
		{"an unknown part", map[string]string{"message.html": `{{template "tip" .}}`}, `"tip"`},
		{"an unknown field", map[string]string{"message.html": "\n{{.Secret}}"}, "message.html:2"},
		{"an unknown text", map[string]string{"message.html": `{{t "nothing"}}`}, `there is no text "nothing"`},
		{"no page", map[string]string{"message.html": `{{define "x"}}{{end}}`}, "message.html: it draws nothing"},
		{"what another defines", map[string]string{"message.html": `{{define "top"}}{{end}}x`}, `message.html: "top" is defined in layout.html too`},
		{"text in a wrong place", map[string]string{"message.html": `<a {{.To}}=1 href='{{.To}}`}, "message.html"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p, err := New(Settings{Templates: dir})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "'"+dir+"'") {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if body := write(t, p, "en", samples[0]).Body.String(); !strings.Contains(body, "Ours: ") {
				t.Errorf("got %s", body)
			}
		})
	}
	if _, err := New(Settings{Templates: filepath.Join(t.TempDir(), "none")}); err == nil || !strings.Contains(err.Error(), "none'") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// One page goes on by itself, and no other.
func TestContinue(t *testing.T) {
	sources := ours(t)
	sources["continue.html"] = sources["message.html"]
	set, err := parseAll(sources, catalogues["en"])
	if err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]int{"continue": 1, "message": 0} {
		var b strings.Builder
		v := View{Page: page, Title: "nav", Data: "nav", To: `/a?b="1"&c`}
		if err := set.ExecuteTemplate(&b, page+".html", v); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(b.String(), `<meta http-equiv="refresh" content="0;url=/a?b=&#34;1&#34;&amp;c">`); got != want || strings.Contains(b.String(), "refresh") != (want == 1) {
			t.Errorf("%s: %s", page, b.String())
		}
	}
}

// The page where one is, is marked in the navigation, and there alone.
func TestNavigation(t *testing.T) {
	sources := ours(t)
	sources["devices.html"] = sources["message.html"]
	set, err := parseAll(sources, catalogues["en"])
	if err != nil {
		t.Fatal(err)
	}
	p := &Pages{Settings: Settings{Prefix: "/door/"}, sets: map[string]*template.Template{"en": set}, Style: &Asset{}}
	body := write(t, p, "en", View{Page: "devices", Title: "nav", Data: "nav", User: "alice"}).Body.String()
	if !strings.Contains(body, `<a href="/door/devices" aria-current="page">`) || strings.Count(body, "aria-current") != 1 || !strings.Contains(body, "<bdi>alice</bdi>") {
		t.Error(body)
	}
}

// WEB-01: the headers of every page; and a page that fails half-way is none.
func TestWrite(t *testing.T) {
	p := mustNew(t, Settings{})
	w, again := write(t, p, "ru", samples[0]), write(t, p, "ru", samples[0])
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Content-Language": "ru", "Vary": "Accept-Language", "Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none';", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q has no %q", policy, want)
		}
	}
	if policy == again.Header().Get("Content-Security-Policy") {
		t.Errorf("two answers have one nonce: %s", policy)
	}
	if w.Code != http.StatusTeapot || !strings.Contains(w.Body.String(), `<html lang="ru">`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, v := range []View{{Page: "none", Title: "nav"}, {Page: "message", Title: "none"}, {Page: "message", Title: "nav", Data: 7}} {
		w := httptest.NewRecorder()
		if err := p.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, v); err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("%v: %v, and %d bytes with %v", v, err, w.Body.Len(), w.Header())
		}
	}
}

// docs/portal.md names each template, and its example works.
func TestDocumentedTemplates(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "portal.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range ours(t) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/portal.md does not name %s", name)
		}
	}
	_, after, found := strings.Cut(string(doc), "```html\n")
	example, _, ended := strings.Cut(after, "```")
	if !found || !ended {
		t.Fatal("docs/portal.md has no example")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "message.html"), []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	body := write(t, mustNew(t, Settings{Templates: dir}), "pt", samples[0]).Body.String()
	if !strings.Contains(body, `Apoio: <a href="tel:+442071838750">`) {
		t.Errorf("the example gives %s", body)
	}
}
