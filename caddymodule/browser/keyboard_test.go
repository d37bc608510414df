package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func (w *window) types(keys string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.KeyEvent(keys)); err != nil {
		w.t.Fatal(err)
	}
}

// tabs goes on with Tab to what a selector means, past at most a screenful, and
// sees each time where it is.
func (w *window) tabs(selector string) {
	w.t.Helper()
	for range 25 {
		if w.so(fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			w.showsFocus()
			return
		}
		w.types(kb.Tab)
		w.showsFocus()
	}
	w.t.Fatalf("Tab does not reach %s at %s", selector, w.where())
}

// showsFocus wants what has the focus to look like it.
func (w *window) showsFocus() {
	w.t.Helper()
	if !w.so(`(e => e === document.body || parseFloat(getComputedStyle(e).outlineWidth) >= 2 && getComputedStyle(e).outlineStyle !== "none" && e.getBoundingClientRect().width > 1)(document.activeElement)`) {
		w.t.Errorf("at %s nobody sees that this has the focus: %s", w.where(), value[string](w, "document.activeElement.outerHTML"))
	}
}

// A whole first sign-in, and the next one, by the keyboard alone.
func TestKeyboard(t *testing.T) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	w.goes(deep)
	w.at("sign-in")
	w.tabs("[name=name]")
	w.types(u.Name)
	w.tabs("[name=password]")
	w.types(u.Password)
	w.leaves(func() { w.types(kb.Enter) })
	w.at("enrol")
	w.tabs(`form[action$="enrol/app"] button`)
	w.leaves(func() { w.types(kb.Enter) })
	key := w.scan(u)
	w.tabs("[name=code]:not([type=hidden])")
	w.types("000000")
	w.leaves(func() { w.types(kb.Enter) })
	w.announces("code")
	w.tabs("[name=code]:not([type=hidden])")
	w.types(run(t, nil, "oathtool", "--totp", "--base32", key))
	w.leaves(func() { w.types(kb.Enter) })
	w.sees(u, deep)
	w.goes("/.doorward/devices")
	w.inOrder()
	w.goes("/.doorward/sign-out")
	w.tabs("main form button")
	w.leaves(func() { w.types(kb.Enter) })
	w.goes("/")
	w.at("sign-in")
}

// announces wants an error to be told to who does not see it, and to be tied to
// its field.
func (w *window) announces(field string) {
	w.t.Helper()
	tree := call(w, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes
	role := func(name string) func(*accessibility.Node) bool {
		return func(n *accessibility.Node) bool {
			return !n.Ignored && n.Role != nil && string(n.Role.Value) == `"`+name+`"`
		}
	}
	if !slices.ContainsFunc(tree, role("alert")) {
		w.t.Errorf("nothing at %s is announced", w.where())
	}
	said := value[string](w, `document.querySelector("[role=alert]").innerText`)
	if said == "" {
		w.t.Errorf("what is announced at %s is empty", w.where())
	}
	i := slices.IndexFunc(tree, func(n *accessibility.Node) bool {
		return role("textbox")(n) && n.Description != nil && strings.Contains(string(n.Description.Value), said)
	})
	if i < 0 {
		w.t.Errorf("no field at %s is described by %q", w.where(), said)
	}
	if !w.so(fmt.Sprintf(`document.querySelector("[name=%s]:not([type=hidden])").getAttribute("aria-invalid") === "true"`, field)) {
		w.t.Errorf("%s at %s is not marked as wrong", field, w.where())
	}
}

// inOrder wants Tab to reach everything, in the order in which it is read.
func (w *window) inOrder() {
	w.t.Helper()
	all := value[int](w, `(window.all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]):not([hidden])")]).length`)
	value[int](w, "document.activeElement.blur(), 0")
	for i := range all {
		w.types(kb.Tab)
		if at := value[int](w, "all.indexOf(document.activeElement)"); at != i {
			w.t.Errorf("Tab number %d at %s reaches number %d", i+1, w.where(), at+1)
		}
		w.showsFocus()
	}
}
