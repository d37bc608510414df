package browser

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// size is that of a screen, in CSS pixels.
type size struct{ width, height int64 }

var (
	desktop = size{1280, 800}
	phone   = size{360, 740}
)

func (w *window) resize(to size) {
	w.t.Helper()
	call(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: to.width, Height: to.height, DeviceScaleFactor: 1, Mobile: to == phone,
	})
}

// scheme is what somebody prefers: light or dark. Nothing moves meanwhile, so
// that no colour is halfway.
func (w *window) scheme(colours string) {
	w.t.Helper()
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

func (w *window) language(tag string) {
	w.t.Helper()
	call(w, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: value[string](w, "navigator.userAgent"), AcceptLanguage: tag,
	})
}

var axeCore = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile("../../bin/axe.min.js")
	return string(text), err
})

// axe has axe-core look at the page: WCAG 2.2 AA and what is good practice; or
// for one thing.
func (w *window) axe(what string, rule ...string) {
	w.t.Helper()
	source, err := axeCore()
	if err != nil {
		w.t.Fatalf("axe-core is missing (.ci/axe gets it): %v", err)
	}
	if !w.so("window.axe") {
		value[int](w, source+"\n;0")
	}
	only := `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}, rules: {"target-size": {enabled: true}}`
	if len(rule) > 0 {
		only = fmt.Sprintf(`{type: "rule", values: [%q]}`, rule[0])
	}
	found := value[[]struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}](w, `axe.run(document, {
		preload: false, resultTypes: ["violations"], runOnly: `+only+`,
	}).then(r => r.violations.map(v => ({ID: v.id, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html, FailureSummary: n.failureSummary}))})))`, chromedp.EvalAwaitPromise)
	for _, v := range found {
		for _, n := range v.Nodes {
			w.t.Errorf("%s: %s, %s\n%s\n%s", what, v.ID, v.Help, n.HTML, n.FailureSummary)
		}
	}
}

// fits says that nobody has to scroll sideways on a phone, or to aim with a needle.
func (w *window) fits(what string) {
	w.t.Helper()
	for _, fault := range value[[]string](w, fmt.Sprintf(`(() => {
		const bad = [], wide = document.documentElement.scrollWidth;
		if (wide > %d) bad.push("is " + wide + " pixels wide");
		for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")) {
			const b = e.getBoundingClientRect(), inText = e.tagName === "A" && getComputedStyle(e).display === "inline";
			if (!inText && !e.matches(".skip") && b.width > 0 && (b.width < 24 || b.height < 24)) bad.push("has a target of " + b.width + " x " + b.height + ": " + e.outerHTML);
			if (b.right > %d + 1) bad.push("has something beyond its edge: " + e.outerHTML);
		}
		return bad;
	})()`, phone.width, phone.width)) {
		w.t.Errorf("%s %s", what, fault)
	}
}

// TestAccessibility walks through every page, as somebody who sees it light or
// dark, wide or narrow, or not at all.
func TestAccessibility(t *testing.T) {
	for _, language := range []string{"en", "ru"} {
		t.Run(language, func(t *testing.T) {
			walk(t, language, func(w *window, page string) {
				w.t.Helper()
				if got := value[string](w, "document.documentElement.lang"); !strings.HasPrefix(got, language) {
					t.Errorf("%s says that it is in %q", page, got)
				}
				what := page + ", " + language
				w.scheme("light")
				w.axe(what)
				w.scheme("dark") // changes nothing but colours
				w.axe(what+", dark", "color-contrast")
				w.resize(phone)
				w.fits(what)
				w.resize(desktop)
			})
		})
	}
}
