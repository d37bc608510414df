package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"testing"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/doorward/doorward/authcore/authtest"
)

// chromium is the one browser of these tests, from when it is needed first.
var chromium = sync.OnceValue(func() context.Context {
	var err error
	if profile, err = os.MkdirTemp("", "browser"); err != nil {
		panic(err)
	}
	flags := []chromedp.ExecAllocatorOption{
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.DisableGPU, chromedp.UserDataDir(profile),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage", "disable-extensions"} {
		flags = append(flags, chromedp.Flag(flag, true))
	}
	if os.Getuid() == 0 {
		flags = append(flags, chromedp.NoSandbox)
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), flags...) // TestMain ends it
	browser, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil {
		panic(fmt.Sprintf("Chromium does not start (.ci/deps installs it): %v", err))
	}
	return browser
})

var profile string

func init() { authtest.CheapHashes() }

func TestMain(m *testing.M) {
	if os.Getenv(asCaddy) != "" {
		caddycmd.Main()
		os.Exit(0)
	}
	code := m.Run()
	if profile != "" {
		_ = chromedp.Cancel(chromium()) // waits until it has ended
		_ = os.RemoveAll(profile)
	}
	os.Exit(code)
}

// window is a browser of somebody's: cookies of its own, one tab.
type window struct {
	*door
	ctx  context.Context
	seen faults
}

// faults are what no page of ours may have: errors and violations in the
// console, refused files, dialogs.
type faults struct {
	sync.Mutex
	list []string
}

func (f *faults) add(format string, args ...any) {
	f.Lock()
	defer f.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// window opens a browser. When the test ends, nothing may have gone wrong in it.
func (d *door) window() *window {
	d.t.Helper()
	w := &window{door: d}
	var cancel context.CancelFunc
	w.ctx, cancel = chromedp.NewContext(chromium(), chromedp.WithNewBrowserContext(), chromedp.WithListener(w.listen))
	if err := chromedp.Do(w.ctx); err != nil {
		d.t.Fatalf("a window of Chromium: %v", err)
	}
	t := d.t
	t.Cleanup(func() {
		cancel()
		w.seen.Lock()
		defer w.seen.Unlock()
		for _, fault := range w.seen.list {
			t.Error(fault)
		}
	})
	call(w, audits.Enable, none)
	call(w, network.Enable, network.EnableParams{})
	call(w, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `document.addEventListener("securitypolicyviolation", e => console.error("CSP", e.violatedDirective, e.blockedURI))`,
	})
	return w
}

// none is what commands without parameters take.
var none cdp.Empty

// call gives Chromium a command.
func call[P, R any](w *window, command cdp.Command[P, R], params P) R {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		w.t.Fatalf("%s at %s: %v", command.Method, w.where(), err)
	}
	return result
}

func (w *window) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.seen.add("a script failed: %s", (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			w.seen.add("the console says %s: %s", e.Type, values(e.Args))
		}
	case *log.EventEntryAdded:
		// A refused form is a page with a status: that is no fault.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			w.seen.add("the log says: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventResponseReceived:
		// An icon that no page names is the app's, and behind the door.
		if e.Type != network.ResourceTypeDocument && e.Response.Status >= 400 && !strings.HasSuffix(e.Response.URL, "/favicon.ico") {
			w.seen.add("%s is answered with %d", e.Response.URL, e.Response.Status)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code != audits.InspectorIssueCodePerformanceIssue { // what these tests ask of a page is slow, too
			issue, _ := json.Marshal(e.Issue)
			w.seen.add("an issue: %s", issue)
		}
	case *page.EventJavascriptDialogOpening:
		w.seen.add("a dialog opens at %s: %s", e.URL, e.Message)
		go func() {
			_, _ = chromedp.Call(w.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		}()
	}
}

func values(args []*runtime.RemoteObject) string {
	var all []string
	for _, arg := range args {
		all = append(all, string(arg.Value))
	}
	return strings.Join(all, " ")
}

// evaluate gives what an expression is in the page. Our pages allow no script:
// this is a debugger's right, which no policy takes away.
func evaluate[T any](w *window, expression string, options ...chromedp.EvaluateOption) (T, error) {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
}

func value[T any](w *window, expression string, options ...chromedp.EvaluateOption) T {
	w.t.Helper()
	v, err := evaluate[T](w, expression, options...)
	if err != nil {
		w.t.Fatalf("%s at %s: %v", expression, w.where(), err)
	}
	return v
}

// so says whether an expression is true now; of a page that is just going away
// none is.
func (w *window) so(expression string) bool {
	so, err := evaluate[bool](w, "!!("+expression+")")
	return err == nil && so
}

// until waits for an expression to be true.
func (w *window) until(expression string) {
	w.t.Helper()
	arrived := false
	defer func() {
		if !arrived {
			w.t.Logf("at %s:\n%s", w.where(), w.text())
		}
	}()
	await(w.t, expression, func() bool { return w.so(expression) })
	arrived = true
}

func (w *window) where() string {
	url, _ := evaluate[string](w, "location.href")
	return url
}

// text is what one reads.
func (w *window) text() string {
	text, _ := evaluate[string](w, "document.body.innerText")
	return text
}

const loaded = `document.readyState === "complete" && !window.before`

// goes opens a path of the site.
func (w *window) goes(path string) {
	w.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = w.url + path
	}
	w.leaves(func() {
		if failed := call(w, page.Navigate, page.NavigateParams{URL: address}).ErrorText; failed != "" {
			w.t.Fatalf("%s: %s", address, failed)
		}
	})
}

// leaves waits until what is done has led to another page.
func (w *window) leaves(do func()) {
	w.t.Helper()
	value[int](w, "window.before = 1")
	do()
	w.until(loaded)
}

// at waits until the window shows a path of the site; a name is one of the portal.
func (w *window) at(want string) {
	w.t.Helper()
	if !strings.HasPrefix(want, "/") {
		want = "/.doorward/" + want
	}
	if strings.Contains(want, "?") {
		w.until(fmt.Sprintf("location.pathname + location.search === %q && %s", want, loaded))
		return
	}
	w.until(fmt.Sprintf("location.pathname === %q && %s", want, loaded))
}

// press clicks on a button or link with the mouse, and waits for the page that
// it leads to.
func (w *window) press(selector string) {
	w.t.Helper()
	w.leaves(func() { w.click(selector) })
}

// click presses the mouse on what is really there.
func (w *window) click(selector string) {
	w.t.Helper()
	w.until(fmt.Sprintf("document.querySelector(%q)", selector))
	at := value[struct {
		X, Y float64
		Free bool
	}](w, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		e.scrollIntoView({block: "center", behavior: "instant"});
		const b = e.getBoundingClientRect(), X = b.x + b.width / 2, Y = b.y + b.height / 2, top = document.elementFromPoint(X, Y);
		return {X, Y, Free: top === e || e.contains(top)};
	})()`, selector))
	if !at.Free {
		w.t.Errorf("at %s: something lies above %s, or nobody sees it", w.where(), selector)
	}
	for _, kind := range []input.DispatchMouseEventType{chromedp.MousePressed, chromedp.MouseReleased} {
		call(w, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// fill pastes into a field, in place of what is there.
func (w *window) fill(name, text string) {
	w.t.Helper()
	field := fmt.Sprintf("document.querySelector('[name=%q]:not([type=hidden])')", name)
	w.until(field)
	value[any](w, field+".focus(); "+field+".select && "+field+".select(), 0")
	call(w, input.InsertText, input.InsertTextParams{Text: text})
}

// jar are the cookies that Chromium has for the site.
func (w *window) jar() []*network.Cookie {
	w.t.Helper()
	return call(w, network.GetCookies, network.GetCookiesParams{URLs: []string{w.url}}).Cookies
}

// cookies are they as a header.
func (w *window) cookies() string {
	w.t.Helper()
	var all []string
	for _, c := range w.jar() {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

// file is what lies at a path of the repository.
func file(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(path.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func query(path, to string) string { return path + "?" + url.Values{"to": {to}}.Encode() }
