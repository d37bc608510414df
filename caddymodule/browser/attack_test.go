package browser

import (
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// scripts are texts that open a dialog, or break the policy, wherever they are
// not text. A window reports both.
var scripts = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`'><svg onload=alert(1)>`,
	`" autofocus onfocus="alert(1)`,
	`' onfocus='alert(1)' autofocus x='`,
	`javascript:alert(1)`,
	` javascript:alert(1)`,
	"java\tscript:alert(1)",
	`data:text/html,<script>alert(1)</script>`,
	`</title><script>alert(1)</script>`,
	`</textarea></style></template></noscript><script>alert(1)</script>`,
	`--><script>alert(1)</script><!--`,
	`<iframe srcdoc="<script>parent.alert(1)</script>">`,
	`<base href="//evil.example/"><link rel=stylesheet href=x>`,
	`<meta http-equiv=refresh content="0;url=javascript:alert(1)">`,
	`0;url=javascript:alert(1)`,
	`{{7*7}}<a href="&#106;avascript:alert(1)">x</a>`,
	`${alert(1)}` + "`" + `+alert(1)+` + "`",
	`%22%3E%3Cscript%3Ealert(1)%3C/script%3E`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
}

// typed is what the corpus looks like in one field.
func typed() string { return strings.ReplaceAll(strings.Join(scripts, ""), "\t", "") }

// harmless wants a page without anything that the texts would have made of it.
func (w *window) harmless(what string) {
	w.t.Helper()
	if w.so(`document.querySelector("script, iframe, base, math, img[src=x], [onerror], [onload], [onfocus], a[href^='javascript'], a[href^='data']")`) {
		w.t.Errorf("%s made something of a text: %s", what, value[string](w, "document.documentElement.outerHTML"))
	}
	if !strings.HasPrefix(w.where(), w.url+"/") {
		w.t.Errorf("%s leads to %s", what, w.where())
	}
}

// WEB-02: what is typed or sent is text, in every field, in the address and in
// the names of devices.
func TestScriptsAreText(t *testing.T) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	for _, text := range scripts {
		for _, path := range []string{query("/.doorward/sign-in", text), query("/.doorward/sign-in", "/x?"+text), "/.doorward/" + url.PathEscape(text), "/.doorward/invite/" + url.PathEscape(text)} {
			w.goes(path)
			w.harmless(path)
		}
	}
	w.goes("/")
	w.everyField("sign-in")
	w.signIn(u, "/")
	for _, name := range []string{"devices/add", "devices/add?kind=phone", "devices/add?kind=email", "device?id=" + u.tokens[0].Serial, "password", "sign-in?again=1"} {
		w.goes("/.doorward/" + name)
		w.everyField(name)
	}
	for _, text := range scripts {
		w.goes("/.doorward/device?id=" + u.tokens[0].Serial)
		w.enter("name", text)
		w.harmless("the name " + text)
		for _, name := range []string{"sessions", "device/block?id=" + u.tokens[0].Serial} {
			w.goes("/.doorward/" + name)
			w.harmless(name + " with the name " + text)
		}
	}
}

// everyField types into all fields of the first form and sends it, in one piece
// and in the short ones that a limit lets through.
func (w *window) everyField(page string) {
	w.t.Helper()
	address := w.where()
	for _, text := range []string{typed(), scripts[1], scripts[3]} {
		w.goes(address)
		names := value[[]string](w, `[...(document.querySelector("main form:has(input:not([type=hidden]))")?.querySelectorAll("input:not([type=hidden]):not([hidden])") ?? [])].map(e => e.name)`)
		for i, name := range names {
			w.fill(name, text)
			if i == len(names)-1 {
				w.press(fmt.Sprintf("form:has([name=%q]:not([type=hidden])) button", name))
			}
		}
		w.harmless(page)
	}
}

// stranger is another site, which counts who comes.
type stranger struct {
	*httptest.Server
	hits atomic.Int64
	page atomic.Value // of string
}

func newStranger(t *testing.T) *stranger {
	s := new(stranger)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.hits.Add(1)
		w.Header().Set("Content-Type", "text/html")
		page, _ := s.page.Load().(string)
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(s.Close)
	return s
}

// WEB-04: whatever stands in ?to=, Chromium ends on this site.
func TestReturnStaysHere(t *testing.T) {
	d, evil := open(t, "", ""), newStranger(t)
	host := evil.Listener.Addr().String()
	name, port, _ := net.SplitHostPort(host)
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	u.addToken()
	w.signIn(u, "/")
	for _, to := range []string{
		"http://" + host, "https://" + host, "//" + host, "///" + host, "////" + host, `/\` + host, `\\` + host, `\/` + host, `/\/` + host,
		"http:" + host, "http:/" + host, "http:///" + host, `http:\\` + host, "/%09/" + host, "/\t/" + host, "\t//" + host, " //" + host, "/\n/" + host, "\r\n//" + host,
		"/%2f" + host, "/%2f%2f" + host, "/%5c" + host, "%2f%2f" + host, "%5c%5c" + host, "/.//" + host, "/..//" + host, "/x/..//" + host, "/./" + `\` + host,
		"//localhost@" + host, "http://localhost@" + host, d.url + "@" + host, d.url + ".evil.example", "//" + name + "%3a" + port, "//" + name + ":" + port + "/%2e%2e",
		"javascript:location='http://" + host + "'", "data:text/html,<meta http-equiv=refresh content='0;url=http://" + host + "'>", "@" + host, "." + host, ":" + port, "/;@" + host, "//[::ffff:127.0.0.1]:" + port, "http://2130706433:" + port, "/https://" + host,
		"0;url=http://" + host, "/x\";url=http://" + host, "/x;url=http://" + host,
	} {
		for _, page := range []string{"sign-in", "continue"} {
			w.goes(query("/.doorward/"+page, to))
			w.until(`location.pathname !== "/.doorward/continue"`)
			if got := w.where(); !strings.HasPrefix(got, d.url+"/") {
				t.Errorf("%s with %q leads to %s", page, to, got)
			}
		}
	}
	fresh := d.window()
	fresh.goes(query("/.doorward/sign-in", "//"+host))
	fresh.identify(u)
	fresh.at("code")
	fresh.enter("code", d.next(u.tokens[1]))
	fresh.sees(u, "/")
	if n := evil.hits.Load(); n != 0 {
		t.Errorf("the other site had %d visits", n)
	}
}

// WEB-05: a form of another site, and of another port of this one, signs nobody
// in or out.
func TestFormsOfOthers(t *testing.T) {
	d, evil := open(t, "", ""), newStranger(t)
	u, mallory := d.addUser("alice"), d.addUser("mallory")
	u.addToken()
	mallory.addToken()
	form := func(name string, fields ...string) string {
		text := `<!doctype html><link rel="icon" href="data:,"><form method="post" action="` + d.url + "/.doorward/" + name + `">`
		for i := 0; i+1 < len(fields); i += 2 {
			text += fmt.Sprintf(`<input type="hidden" name="%s" value="%s">`, fields[i], html.EscapeString(fields[i+1]))
		}
		return text + `<button>Win</button></form>`
	}
	_, port, _ := net.SplitHostPort(evil.Listener.Addr().String())
	for _, from := range []string{"http://127.0.0.1:" + port, "http://localhost:" + port} {
		w := d.window()
		evil.page.Store(form("sign-in", "name", mallory.Name, "password", mallory.Password, "to", "/"))
		w.goes(from)
		w.press("button")
		if now := w.cookies(); now != "" {
			t.Errorf("a form of %s has the browser keep %s", from, now)
		}
		w.signIn(u, "/")
		old := w.cookies()
		for _, name := range []string{"sign-out", "sessions/end-others", "backup-codes", "sign-in"} {
			evil.page.Store(form(name, "name", mallory.Name, "password", mallory.Password, "to", "/"))
			w.goes(from)
			w.press("button")
			w.at(name)
			if now := w.cookies(); now != old {
				t.Errorf("a form of %s for %s changes the cookies", from, name)
			}
		}
		w.goes("/")
		w.sees(u, "/")
	}
}
