package authcore_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doorward/doorward/authcore"
)

var public = []authcore.OpenPath{"/public/*"}

// PATH-02, PATH-03, PATH-05, M5: a path is open only when no server could read
// another one in it.
func TestIsOpen(t *testing.T) {
	for _, p := range []string{
		"/public/", "/public/a", "/public/a/b.css", "/public/a%20b", "/public/%C3%A9", "/public/a;v=1", "/public/a%2Fb",
		"/public/~x", "/public/a/%2e/b", "/public/a/../b", "/public//b", "/public/100%", "/public/%zz", "/public/*", "/public/...",
	} {
		if !authcore.IsOpen(public, authcore.Readings(p)) {
			t.Errorf("%s is not open: every reading of it is below /public/: %q", p, authcore.Readings(p))
		}
	}
	for _, p := range []string{
		"", "/", "*", "/admin", "/public", "/publicfoo", "/public.", "/PUBLIC/a", "/Public/a", "//admin", "//public/a/../../admin",
		"/public/..", "/public/../admin", "/public/a/../../admin", "/public/./../admin", "/public//../admin",
		"/public/%2e%2e/admin", "/public/%2E%2E/admin", "/public/.%2e/admin", "/public/%2e./admin", "/public/..%2fadmin", "/public/%2e%2e%2fadmin",
		"/public%2fadmin/../../x", "/public/..;/admin", "/public/..;a=b/admin", "/public/..%3b/admin", "/public/;/../admin", "/public/.;/../admin",
		`/public/..\admin`, `/public\..\admin`, "/public/..%5cadmin", "/public%5c..%5cadmin", "/public/%2e%2e%5cadmin",
		"/public/%252e%252e/admin", "/public/..%252fadmin", "/public/%252e%252e%252fadmin", "/public/..%255cadmin", "/public/..%253b/admin", "/public/%25%32%65%25%32%65/admin",
		"/admin#/public/", "/admin%23/public/", "/admin?/public/", "/admin%3f/../public/", "/admin%00/../public/a",
		"/public/../admin#/../public/", "/public/../admin%23/../../public/a", "/public/../admin%3f/../../public/a", "/public/../admin%00/../../public/a", "/public/../admin%2500/../../public/a",
		"/admin/../public", "/admin;/public/", "/%61dmin", "public/a", "%2fadmin",
		// A servlet container cuts parameters before it decodes.
		"/public/%2e%2e/admin;%2f%2e%2e%2f%2e%2e%2fpublic%2fy",
		"/public/%252e%252e/admin;%2f%252e%252e%2f%252e%252e%2fpublic%2fy", // and the app behind it decodes again
		// A proxy cleans before the app decodes.
		"/public/%2e%2e/admin/%2f..%2f..%2fpublic%2fy%2fz/..",
		// A proxy decodes, the app cuts the fragment and decodes again.
		"/public/x%2523/%252e%252e/%252e%252e/admin%23/%252e%252e/%252e%252e/public/y",
	} {
		if authcore.IsOpen(public, authcore.Readings(p)) {
			t.Errorf("%q is open: %q", p, authcore.Readings(p))
		}
	}
	for name, open := range map[string]bool{
		"nothing is open":     authcore.IsOpen(nil, authcore.Readings("/public/a")),
		"no reading":          authcore.IsOpen(public, nil),
		"one reading is not":  authcore.IsOpen(public, []string{"/public/a", "/admin", "/public/b"}),
		"below a single path": authcore.IsOpen([]authcore.OpenPath{"/healthz"}, authcore.Readings("/healthz/x")),
		"a path with a slash": authcore.IsOpen([]authcore.OpenPath{"/healthz"}, authcore.Readings("/healthz/")),
	} {
		if open {
			t.Errorf("%s, and yet it is open", name)
		}
	}
	if !authcore.IsOpen([]authcore.OpenPath{"/x", "/healthz"}, authcore.Readings("/healthz")) ||
		!authcore.IsOpen([]authcore.OpenPath{"/*"}, authcore.Readings("/a/../b")) {
		t.Error("an open path is not open")
	}
}

// Speed: what every server reads alike has one reading, and the list is bounded
// whatever is sent; beyond the bounds nothing is open.
func TestReadingsAreFew(t *testing.T) {
	for _, p := range []string{"/", "/a/b/c.js", "/a.b/c-d_e~f", "/a/*", "/a:b@c"} {
		if got := authcore.Readings(p); len(got) != 1 || got[0] != p {
			t.Errorf("%q has the readings %q, want itself only", p, got)
		}
	}
	if got := authcore.Readings("/a%20b"); len(got) != 2 {
		t.Errorf("an encoded space makes %q", got)
	}
	for _, p := range []string{
		"/public/" + strings.Repeat("a%20b/", 100_000),
		"/public" + strings.Repeat(`/%2523\%252f%5c\.\%3b/;%00/.%2f%253b..%23#;%5cpublic%5c`, 20),
		"/public/" + strings.Repeat(`;%253b%255c\/../x%2523%23`, 40_000),
	} {
		got := authcore.Readings(p)
		if len(got) > 300 {
			t.Errorf("%d readings of %.60q…", len(got), p)
		}
		if got[len(got)-1] == "" && authcore.IsOpen([]authcore.OpenPath{"/*"}, got) {
			t.Errorf("%.60q… is beyond the bounds, and open", p)
		}
	}
}

// lenient is a chain of servers: up to two of them decode, and each cuts and
// cleans before and after as it likes. It shares no code with the core.
func lenient(r *rapid.T, p string) string {
	decoded := 0
	for _, step := range rapid.SliceOfN(rapid.SampledFrom([]string{"decode", "decode", "end", "parameters", "clean", "slash"}), 0, 7).Draw(r, "server") {
		switch step {
		case "decode":
			if decoded++; decoded <= 2 {
				p = decode(p)
			}
		case "end":
			p = p[:strings.IndexAny(p+"?", "?#\x00")]
		case "parameters":
			var kept []string
			for _, segment := range strings.Split(p, "/") {
				kept = append(kept, segment[:strings.IndexByte(segment+";", ';')])
			}
			p = strings.Join(kept, "/")
		case "clean":
			p = path.Join("/", p)
		case "slash":
			p = strings.ReplaceAll(p, `\`, "/")
		}
	}
	return path.Join("/", p) // a file system, in the end
}

func decode(p string) string {
	const digits = "0123456789abcdef"
	var out []byte
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			high := strings.IndexByte(digits, p[i+1]|0x20)
			low := strings.IndexByte(digits, p[i+2]|0x20)
			if high >= 0 && low >= 0 && isHex(p[i+1]) && isHex(p[i+2]) {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, p[i])
	}
	return string(out)
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// PATH-03: whatever a chain of servers makes of a path, a policy saw it.
func TestNoServerReadsWhatThePolicyDidNotSee(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"/", "/", "/", "..", "..", "admin", "public", ".", "x", "%2e", "%2E%2e", "%2f", "%5c", `\`, ";", "%3b", "#", "%23", "?", "%3f", "%00",
		"%252e", "%252f", "%255c", "%253b", "%2523", "%253f", "%2500", "%25", "2e", "2f", "%", "/../", "/..;/", "/%2e%2e/", "%2f..%2f", "/public/", "/admin/",
	})
	rapid.Check(t, func(r *rapid.T) {
		sent := rapid.SampledFrom([]string{"/public/", "/public", "/", "//", "/admin", ""}).Draw(r, "start") +
			strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(r, "path"), "")
		readings := authcore.Readings(sent)
		got := lenient(r, sent)
		below := got == "/public" || strings.HasPrefix(got, "/public/")
		if !below && authcore.IsOpen(public, readings) {
			r.Fatalf("%q is open, and a server reads %q: %q", sent, got, readings)
		}
		isAdmin := func(p string) bool { return p == "/admin" || strings.HasPrefix(p, "/admin/") }
		if isAdmin(got) && readings[len(readings)-1] != "" && !slices.ContainsFunc(readings, isAdmin) {
			r.Fatalf("a server reads %q in %q, and no demand on /admin would: %q", got, sent, readings)
		}
	})
}
