package elcoin

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// A record has every field of the vendor's schema, in his order, and no other.
func TestRecordIsTheSchema(t *testing.T) {
	page, err := os.ReadFile("testdata/seed.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, schema, _ := strings.Cut(string(page), "attribute: data\nVariable Name Type Format Description\n")
	schema, _, _ = strings.Cut(schema, "# NEGATIVE RESPONSE")
	body, err := json.Marshal(record{})
	if err != nil {
		t.Fatal(err)
	}
	rest := string(body)
	for line := range strings.Lines(schema) {
		name, _, _ := strings.Cut(line, " ")
		_, after, found := strings.Cut(rest, `"`+strings.TrimSpace(name)+`":`)
		if !found {
			t.Fatalf("%s is not in %s", name, rest)
		}
		rest = after
	}
	if n := strings.Count(string(body), `":`); n != strings.Count(schema, "\n") || rest != "0}" {
		t.Errorf("%d fields of %d, and then %s", n, strings.Count(schema, "\n"), rest)
	}
}

// The words of the lists stand where the vendor has them.
func TestWordsAreTheVendors(t *testing.T) {
	page, err := os.ReadFile("testdata/seed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]string{deviceTypes, deviceStatuses} {
		text := ""
		for place, word := range list {
			text += "  • " + string(rune('0'+place)) + "\n    " + word + "\n"
		}
		if !strings.Contains(string(page), text) {
			t.Errorf("the page has no list %q", list)
		}
	}
	for _, s := range []authcore.DeviceStatus{authcore.StatusPending, authcore.StatusActive, authcore.StatusBlocked, authcore.StatusDeactivated, authcore.StatusRejected, "unknown"} {
		want := map[authcore.DeviceStatus]string{authcore.StatusActive: active, authcore.StatusDeactivated: deactivated, authcore.StatusRejected: deactivated}[s]
		if want == "" {
			want = blocked
		}
		if got := statusWord(s); got != want {
			t.Errorf("%s: %s", s, got)
		}
	}
}

// The vendor's sample is 2021-03-26T16:30:00+1100: an offset without a colon.
func TestStamp(t *testing.T) {
	at := time.Date(2021, 3, 26, 16, 30, 0, 999, time.FixedZone("", 11*60*60))
	if got := stamp(at); got != "2021-03-26T05:30:00+0000" || stamp(time.Time{}) != "" {
		t.Errorf("%s", got)
	}
}

// What is masked can't be read, whatever kind it is of.
func TestMasked(t *testing.T) {
	for _, c := range []struct {
		kind         authcore.DeviceKind
		number, want string
	}{
		{authcore.KindEmail, "bob1@gmail.com", "b*1@gmail.com"}, // the vendor's
		{authcore.KindEmail, "ab@x.org", "a*@x.org"},
		{authcore.KindEmail, "a@x.org", "*@x.org"},
		{authcore.KindEmail, "no address", "n*s"},
		{authcore.KindPhone, "+441632960962", "+44*62"},
		{authcore.KindPhone, "+1234", "+*4"},
		{authcore.KindHTTP, "https://user.example.com:8443/ask?key=secret", "https://user.example.com:8443/*"},
		{authcore.KindHTTP, "::", ":*"},
		{authcore.KindStomp, "/queue/alice", "/queue/a*e"},
		{authcore.KindStomp, "/queue/a", "/queue/*"},
		{authcore.KindMobile, "a-token-of-push", "a*h"},
		{authcore.KindTOTP, "demo", "d*o"},
		{authcore.KindTOTP, "éàü", "é*ü"},
		{authcore.KindTOTP, "xy", "x*"},
		{authcore.KindTOTP, "x", "*"},
		{authcore.KindTOTP, "", ""},
	} {
		if got := masked(c.kind, c.number); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.kind, c.number, got, c.want)
		}
	}
}
