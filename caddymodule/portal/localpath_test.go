package portal

import (
	"net/url"
	"strings"
	"testing"
)

// WEB-04: where a sign-in may lead.
func TestLocalPath(t *testing.T) {
	for _, path := range []string{
		"/", "/reports", "/reports/", "/a?b=c&d=%20e", "/a#b", "/a/../b", "/a//b", "/%20x", "/caf%C3%A9", "/;a=b/c", "/@evil.example",
		"/user:pass@evil.example", "/a:b", "/a?to=//evil.example", "/a?to=https://evil.example/", "/a%2fb", "/a%5cb", "/a?b=%0d%0a", "/.hidden/x",
		"/..hidden", "/?", "/'\"<>", "/a?x=%5c%5cevil.example", "/https:evil.example",
	} {
		if got := localPath(path); got != path && path != `/'"<>` || got == "/" && path != "/" {
			t.Errorf("%q becomes %q", path, got)
		}
	}
	for _, text := range []string{
		"", "//", "//?a=b", "//#a", "//@", "/%2f.", "/%255c%2e", "evil", "evil.example", "//evil.example", "///evil.example", "////evil.example", `/\evil.example`, `\/evil.example`, `\\evil.example`,
		`/a\b`, `/a?b=\c`, `//\evil.example`, "/%2fevil.example", "/%2f%2fevil.example", "%2f%2fevil.example", "/%2Fevil.example", "/%5cevil.example",
		"/%5C%5Cevil.example", "/%252f%252fevil.example", "/%255cevil.example", "https:evil.example", "https://evil.example", "https:/evil.example",
		"HTTPS://evil.example", "http:///evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "/\tjavascript:alert(1)", "data:text/html,x",
		"vbscript:x", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "/\x00/evil.example", "\x00", " /a", "/a ",
		"/ /evil.example", "@evil.example", "user@evil.example", "//user@evil.example", "https://gate@evil.example", "?a=b", "#a", ";/evil.example",
		"..//evil.example", "/.//evil.example", "/..//evil.example", "/./..//evil.example", "/a/..//evil.example", "/%2e//evil.example",
		"/%2e%2e//evil.example", "/.%2f/evil.example", `/.\evil.example`, "/.%5c%5cevil.example", "/a%00", "/%09/evil.example", "/%0a", "/%0d%0aSet-Cookie:x",
		"/%7f", "/%250a", "/\u2025/evil.example", "/\uff0fevil.example", "/\u3002evil", "／／evil.example", "/é", "/\x80", "/\x7f", "/%zz", "/%",
		"//[::1]/", "//evil.example:80/", "http:\\\\evil.example", "blob:https://evil.example/", "/" + strings.Repeat("a", maxPath),
	} {
		if got := localPath(text); got != "/" {
			t.Errorf("%q leads to %q", text, got)
		}
	}
}

// FuzzLocalPath resolves the result as Go does and as browsers do (the URL Standard:
// tabs and newlines fall out, a backslash is a slash): it stays on this origin.
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "//evil", `/\evil`, "/\t/evil", "/%2f%2fevil", "/..//evil", "https:evil", "/a?b#c", "/%5cevil", "/;//x", "/@x", "//", "//?a"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://host.example/.doorward/continue")
	if err != nil {
		f.Fatal(err)
	}
	fallsOut := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/")
	f.Fuzz(func(t *testing.T, text string) {
		got := localPath(text)
		u, err := base.Parse(got)
		if err != nil || u.Scheme != "https" || u.Host != "host.example" || u.User != nil {
			t.Errorf("%q gives %q, which is %v", text, got, u)
		}
		for range 3 {
			read := strings.TrimFunc(fallsOut.Replace(got), func(r rune) bool { return r <= ' ' })
			if !strings.HasPrefix(read, "/") || strings.HasPrefix(read, "//") {
				t.Errorf("%q gives %q, which a browser reads as %q", text, got, read)
			}
			path, _, _ := strings.Cut(got, "?")
			path, _, _ = strings.Cut(path, "#")
			if got, err = url.PathUnescape(path); err != nil {
				break
			}
		}
		if again := localPath(localPath(text)); again != localPath(text) {
			t.Errorf("%q gives %q, and that %q", text, localPath(text), again)
		}
	})
}
