package integration

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// browser is what a person has before the pages: it keeps cookies, follows
// redirects, and says of each request where it comes from, as browsers do.
type browser struct {
	client *http.Client
	jar    *cookiejar.Jar
	origin *url.URL
	// headers are sent with every request, over what a browser would send.
	headers map[string]string
	t       testing.TB
}

func (d *door) browser() *browser {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &browser{client: d.client, jar: jar, origin: &url.URL{Scheme: "http", Host: "gate"}, headers: map[string]string{}, t: d.t}
}

// shownPage is what a browser shows after it has followed where it was led.
type shownPage struct {
	b      *browser
	path   string // with the query
	status int
	header http.Header
	body   string
	hops   []string // where it was led
}

// open follows a link, or an address that was typed.
func (b *browser) open(path string) shownPage {
	b.t.Helper()
	return b.follow(b.send(http.MethodGet, path, nil))
}

// send makes one request. A form makes it one of a page of ours.
func (b *browser) send(method, path string, form url.Values) shownPage {
	b.t.Helper()
	return b.sendBody(method, path, form.Encode())
}

func (b *browser) sendBody(method, path, body string) shownPage {
	b.t.Helper()
	u, err := b.origin.Parse(path)
	if err != nil || u.Host != b.origin.Host {
		b.t.Fatalf("%q leads away from this site: %v", path, err)
	}
	req, err := http.NewRequest(method, "http://gate"+u.RequestURI(), strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	req.Header.Set("Sec-Fetch-Dest", "document")
	req.Header.Set("Sec-Fetch-Site", "none")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("Origin", "null") // which Referrer-Policy: no-referrer makes of it
	}
	for _, c := range b.jar.Cookies(u) {
		req.AddCookie(c)
	}
	for name, value := range b.headers {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.jar.SetCookies(u, resp.Cookies())
	return shownPage{b: b, path: u.RequestURI(), status: resp.StatusCode, header: resp.Header, body: string(text)}
}

// refresh is how the page "continue" leads on.
var refresh = regexp.MustCompile(`<meta http-equiv="refresh" content="0;url=([^"]*)">`)

func (b *browser) follow(p shownPage) shownPage {
	b.t.Helper()
	for hops := []string{}; len(hops) < 10; {
		to := p.header.Get("Location")
		if found := refresh.FindStringSubmatch(p.body); found != nil {
			to = html.UnescapeString(found[1])
		}
		if to == "" {
			p.hops = hops
			return p
		}
		hops = append(hops, to)
		p = b.send(http.MethodGet, to, nil)
	}
	b.t.Fatal("the pages lead on without end")
	return shownPage{}
}

var (
	formTag  = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)">(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input [^>]*>`)
	named    = regexp.MustCompile(` name="([^"]*)"`)
	valued   = regexp.MustCompile(` value="([^"]*)"`)
)

// form gives what the form of the page that posts to action would send.
func (p shownPage) form(action string) url.Values {
	p.b.t.Helper()
	for _, found := range formTag.FindAllStringSubmatch(p.body, -1) {
		if found[1] != action {
			continue
		}
		fields := url.Values{}
		for _, input := range inputTag.FindAllString(found[2], -1) {
			value := valued.FindStringSubmatch(input)
			if value == nil {
				value = []string{"", ""}
			}
			fields.Set(named.FindStringSubmatch(input)[1], html.UnescapeString(value[1]))
		}
		return fields
	}
	p.b.t.Fatalf("%s (%d) has no form for %s:\n%s", p.path, p.status, action, p.body)
	return nil
}

// post sends the form of the page that posts to action, with these fields filled
// in, and does not follow.
func (p shownPage) post(action string, fields ...string) shownPage {
	p.b.t.Helper()
	form := p.form(action)
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return p.b.send(http.MethodPost, action, form)
}

// submit posts and follows.
func (p shownPage) submit(action string, fields ...string) shownPage {
	p.b.t.Helper()
	return p.b.follow(p.post(action, fields...))
}

var tags = regexp.MustCompile(`<[^>]*>`)

// want fails the test unless the page has this status and these texts.
func (p shownPage) want(status int, texts ...string) shownPage {
	p.b.t.Helper()
	if p.status != status {
		p.b.t.Fatalf("%s gives %d, want %d:\n%s", p.path, p.status, status, p.body)
	}
	read := html.UnescapeString(tags.ReplaceAllString(p.body, ""))
	for _, text := range texts {
		if !strings.Contains(read, text) {
			p.b.t.Errorf("%s does not say %q:\n%s", p.path, text, p.body)
		}
	}
	return p
}

// cookie is the value of a cookie that the browser has; empty when it has none.
func (b *browser) cookie(name string) string {
	for _, c := range b.jar.Cookies(b.origin) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// showPassword goes as far as a password leads.
func (d *door) showPassword(b *browser, to string) shownPage {
	d.t.Helper()
	return b.open("/.doorward/sign-in?to="+url.QueryEscape(to)).want(http.StatusOK).
		submit("/.doorward/sign-in", "name", d.name, "password", d.password)
}

// signIn goes the whole way, with a device of its own, and gives the page behind.
func (d *door) signIn(b *browser, to string) shownPage {
	d.t.Helper()
	device := d.addHOTP()
	return d.showPassword(b, to).want(http.StatusOK, "Enter your code").
		submit("/.doorward/code", "code", device.code(0))
}

// sessions are the open ones of the user.
func (d *door) sessions() (list []admin.Session) {
	d.t.Helper()
	d.call("session/list", admin.ListOf{User: d.name}, &list)
	return list
}
