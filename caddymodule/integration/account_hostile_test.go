package integration

import (
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
)

// DEV-02: of two users neither can tell what is the other's from what is not
// there, on any page and by any method; and nothing happens to it.
func TestForeignThingsAreNotThere(t *testing.T) {
	prepare := func(t *testing.T, m *minter) {
		for _, name := range []string{"alice", "bob"} {
			_, err := m.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: name, Kind: authcore.KindTOTP, Serial: name + "s"})
			mustDo(t, err)
			_, err = m.Devices.Deactivate(t.Context(), authcore.Operator(), name+"s")
			mustDo(t, err)
		}
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		before := a.state()
		for _, who := range []struct {
			own, other *person
			retired    string
		}{{a.alice, a.bob, "alices"}, {a.bob, a.alice, "bobs"}} {
			for _, token := range []string{who.own.now, who.own.stale} {
				const unknown = "9b2d1f0e-7d0c-4b5e-9c55-0a4b1f6d2e11"
				for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch} {
					for _, route := range []string{"device", "device/rename", "device/block", "device/remove", "sessions/end", "approvals/approve", "approvals/refuse"} {
						ask := func(id string) answer {
							fields := "id=" + id + "&session=" + id + "&name=mine"
							if method == http.MethodPost {
								return a.ask(method, route, token, fields)
							}
							return a.ask(method, route+"?"+fields, token, "")
						}
						want := ask(unknown)
						if want.status != http.StatusNotFound && want.status != http.StatusMethodNotAllowed {
							t.Errorf("%s %s of nothing: %d", method, route, want.status)
						}
						ids := append(a.sessionsOf(who.other), who.other.first.Device.ID, who.other.first.Device.Serial, who.other.second.Device.Serial,
							who.retired, who.other.id, "", "x", "%00", "%27", "..", strings.Repeat("x", 100))
						if strings.HasPrefix(route, "approvals/") { // one's own is there, and decided
							ids = slices.DeleteFunc(ids, func(id string) bool { return id == who.retired })
						}
						for _, id := range ids {
							if got := ask(id); got.status != want.status || got.body != want.body || !reflect.DeepEqual(plain(got.header), plain(want.header)) {
								t.Errorf("%s %s of %s: %d, of nothing %d:\n%s\n%s", method, route, id, got.status, want.status, got.body, want.body)
							}
						}
					}
				}
			}
		}
		if after := a.state(); !reflect.DeepEqual(before, after) {
			t.Errorf("something has changed:\n%+v\n%+v", before, after)
		}
	})
}

// plain is a header without what differs each time.
func plain(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Date")
	h.Set("Content-Security-Policy", nonce.ReplaceAllString(h.Get("Content-Security-Policy"), ""))
	return h
}

// DEV-04: of a form only the fields that the page has are read: nothing sets what
// is the server's.
func TestFormsSetNothingElse(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		extra := []string{
			"user_id", a.bob.id, "user", "bob", "UserID", a.bob.id, "tenant", "other", "status", "deactivated", "kind", "totp", "epoch", "99", "last_counter", "1",
			"serial", "mine", "secret", "ABCDEFGHIJKLMNOP", "address", "mallory@example.com", "digits", "8", "look_ahead", "50", "drift", "2", "created_at", "0",
			"groups", "admins", "auth_time", "0", "otp_time", "0", "expires_at", "9999999999", "audience", "*", "codes", "aaaaaaaaaaaaa", "disabled", "1", "to", "//example.com", "done", "x",
		}
		before := a.state()
		id := a.alice.first.Device.Serial
		a.wantGoes("rename", a.send("device/rename", a.alice.now, append(extra, "id", id, "name", "Key")...), "devices?done=renamed")
		a.wantGoes("again", a.send("device/rename", a.alice.now, append(extra, "id", id, "name", "")...), "devices?done=renamed")
		if after := a.state(); !reflect.DeepEqual(before, after) {
			t.Errorf("a rename has changed more:\n%+v\n%+v", before, after)
		}
		a.wantGoes("remove", a.send("device/remove", a.alice.now, append(extra, "id", a.alice.second.Device.Serial)...), "devices?done=removed")
		a.wantStatus("codes", a.send("backup-codes", a.alice.now, append([]string{"set", "-1"}, extra...)...), http.StatusOK)
		a.wantGoes("others", a.send("sessions/end-others", a.alice.now, extra...), "sessions?done=others")
		// In the query a field is none of the form.
		a.wantStatus("a field in the query", a.send("device/remove?id="+id, a.alice.now), http.StatusNotFound)
		after := a.state()
		for i, d := range after.Devices {
			if d.UserName == "bob" && !slices.Contains(before.Devices, d) || d.UserName == "alice" && d.Serial == id && d.Status != "active" {
				t.Errorf("device %d: %+v", i, d)
			}
		}
		if !reflect.DeepEqual(before.Users, after.Users) {
			t.Errorf("users have changed:\n%+v\n%+v", before.Users, after.Users)
		}
		a.wantSignedIn("bob", a.bob.now, true)
		if a.shown(a.alice.first.Device.Serial).UserName != a.shown(id).UserName {
			t.Error("a device has changed hands")
		}
	})
}

// DEV-07: no page shows a secret, a hash, a token, or anything of another.
func TestAccountShowsNoSecret(t *testing.T) {
	onBothStores(t, nil, func(t *testing.T, a *accounts) {
		var never []string
		for _, p := range []*person{a.alice, a.bob} {
			never = append(never, p.now, p.stale, p.password, "argon2id")
			for _, d := range []authcore.Registered{p.first, p.second} {
				never = append(never, spellings(t, oath.FormatSecret(d.Secret))...)
				never = append(never, d.URI, string(d.Device.Sealed))
			}
		}
		never = append(never, "bob", a.bob.id, a.bob.first.Device.Serial, a.bob.first.Device.ID)
		id := a.alice.first.Device.Serial
		answers := map[string]answer{
			"backup-codes":        a.send("backup-codes", a.alice.now, "set", "-1"),
			"a name that's wrong": a.send("device/rename", a.alice.now, "id", id, "name", strings.Repeat("x", 65)),
			"a password":          a.send("password", a.alice.now, "present", a.alice.password, "new", "short", "again", "short"),
			"a wrong password":    a.send("password", a.alice.now, "present", "wrong", "new", a.alice.password+"!", "again", a.alice.password+"!"),
			"another's device":    a.send("device/block", a.alice.now, "id", a.bob.first.Device.ID),
		}
		for _, path := range []string{"devices", "device?id=" + id, "device/block?id=" + id, "device/remove?id=" + id, "backup-codes", "sessions", "password"} {
			answers[path] = a.open(path, a.alice.now)
		}
		for what, got := range answers {
			all := got.body
			for name, values := range got.header {
				all += name + strings.Join(values, "\n")
			}
			for _, secret := range never {
				if secret != "" && strings.Contains(all, secret) {
					t.Errorf("%s shows %q", what, secret)
				}
			}
		}
	})
}

// scripts are texts that would be more than text if a page did not escape them.
var scripts = []string{
	`<script>alert(1)</script>`, `"><script>alert(1)</script>`, `'><img/src=x/onerror=alert(1)>`, `"onfocus="alert(1)"autofocus="`,
	`</title><svg/onload=alert(1)>`, `javascript:alert(1)`, `</bdi></h2><iframe/srcdoc=x>`, `{{.Prefix}}`, `-->]]><b>x</b>`, `&lt;b&gt;`, `\u003cb\u003e`,
}

// WEB-02: whatever a user, a device, an address or a browser calls itself, the
// page has the same elements and attributes as with a harmless name, and shows
// the text as it is.
func TestAccountEscapes(t *testing.T) {
	tokens := map[string]string{}
	prepare := func(t *testing.T, m *minter) {
		for _, text := range append([]string{"harmless"}, scripts...) {
			name := strings.NewReplacer("\\", "", "{", "", "}", "").Replace(text)
			p := &person{name: name, password: "mossy lantern kettle"}
			u, err := m.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: name, Password: p.password})
			mustDo(t, err)
			p.name = u.Name
			p.first = m.hotp(t, u.ID)
			_, err = m.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: u.ID, Kind: authcore.KindEmail, Address: name + "@example.com"})
			mustDo(t, err)
			_, err = m.Devices.Rename(t.Context(), authcore.Operator(), p.first.Device.ID, text)
			mustDo(t, err)
			tokens[text] = m.session(t, p, p.first, authcore.Attempt{Agent: text, From: authcore.Origin{Address: text}})
			m.session(t, p, p.first, authcore.Attempt{Agent: firefox + text, From: authcore.Origin{Address: text}, Audience: text, ClientID: text})
			m.asks(t, tokens[text], text)
		}
	}
	onBothStores(t, prepare, func(t *testing.T, a *accounts) {
		serial := regexp.MustCompile(`device\?id=([A-Z2-7]+)`)
		open := func(text, path string) (shape []string, body string) {
			list := a.open("devices", tokens[text])
			id := serial.FindStringSubmatch(list.body)
			if id == nil {
				t.Fatalf("%s: there is no device in\n%s", text, list.body)
			}
			page := a.open(strings.Replace(path, "ID", id[1], 1), tokens[text])
			a.wantStatus(path, page, http.StatusOK)
			return shapeOf(t, page.body), page.body
		}
		for path, shows := range map[string]int{"devices": 2, "device?id=ID": 1, "device/block?id=ID": 1, "device/remove?id=ID": 1, "sessions": 2, "approvals": 1, "backup-codes": 0, "password": 0} {
			want, _ := open("harmless", path)
			for _, text := range scripts {
				got, body := open(text, path)
				if !slices.Equal(got, want) {
					t.Errorf("%s with %s is another page:\n%v\n%v", path, text, got, want)
				}
				if n := strings.Count(textOf(t, body), text); n < shows {
					t.Errorf("%s shows %s %d times, want %d", path, text, n, shows)
				}
			}
		}
		for _, text := range scripts {
			long := strings.Repeat("x", 64) + text
			body := a.send("device/rename", a.alice.now, "id", a.alice.first.Device.Serial, "name", long).body
			harmless := a.send("device/rename", a.alice.now, "id", a.alice.first.Device.Serial, "name", strings.Repeat("x", 65)).body
			if !slices.Equal(shapeOf(t, body), shapeOf(t, harmless)) {
				t.Errorf("a refused name %s makes another page", text)
			}
			a.wantStatus("a strange word", a.open("devices?done="+url.QueryEscape(text), a.alice.now), http.StatusOK)
		}
	})
}

// shapeOf is the elements of a page with the names of their attributes, and where
// links and forms lead.
func shapeOf(t *testing.T, page string) (shape []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	mustDo(t, err)
	for node := range root.Descendants() {
		if node.Type == html.CommentNode {
			shape = append(shape, "a comment")
		}
		if node.Type != html.ElementNode {
			continue
		}
		element := node.Data
		for _, attribute := range node.Attr {
			element += " " + attribute.Key
			if scheme := regexp.MustCompile(`^[^/?#]*:`).FindString(attribute.Val); slices.Contains([]string{"href", "src", "action"}, attribute.Key) {
				element += "=" + scheme
			}
		}
		shape = append(shape, element)
	}
	return shape
}

// textOf is what a reader of the page sees.
func textOf(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	mustDo(t, err)
	var text strings.Builder
	for node := range root.Descendants() {
		if node.Type == html.TextNode {
			text.WriteString(node.Data + "\n")
		}
	}
	return text.String()
}
