package integration

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// faces is a service that compares them, and says what it is told to say.
type faces struct {
	*httptest.Server
	verdict atomic.Value // the body of an answer; empty: a 500
	asked   atomic.Value // the last body of a question
}

func newFaces(t *testing.T) *faces {
	t.Helper()
	f := new(faces)
	f.verdict.Store("")
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var question map[string]string
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
			t.Errorf("the question: %v", err)
		}
		f.asked.Store(question)
		answer, _ := f.verdict.Load().(string)
		if answer == "" {
			answer = `{"verdict":"yes"}` // which nobody may believe
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(f.Close)
	return f
}

// OTP-18: a picture lets a device in when the verifier says yes, and by nothing else: an
// error, or anything that it says beside, leaves the device waiting. The log has nothing of
// the person.
func TestPictureLetsADeviceIn(t *testing.T) {
	f := newFaces(t)
	b := openBank(t, `store sqlite "{$KIT_DIR}/doorward.db"`+"\nverifier http "+f.URL+"/verify?key=sesame")
	b.another("bob")
	b.call("approver/add", admin.AddApprover{Account: "acme", User: "bob", Document: "12345678909", Face: "face-9"}, new(admin.Approver))
	picture := newKey()
	ask := func(a appDevice) (status int, text string) {
		return b.signed(http.MethodPost, b.at("device"), fmt.Sprintf(
			`{"device_key":%q,"session_id":%q,"tfa_info":{"approver_document_number":"123.456.789-09","contact_type":"liveness","image_key":%q}}`,
			a.key, a.session, picture))
	}
	for answer, want := range map[string]int{
		"": http.StatusAccepted, `{"verdict":"YES"}`: http.StatusAccepted, `{"verdict":"later"}`: http.StatusAccepted,
		`{"verdict":"no"}`: http.StatusForbidden, `{"verdict":"yes"}`: http.StatusCreated,
	} {
		f.verdict.Store(answer)
		a := newAppDevice()
		if status, text := ask(a); status != want {
			t.Errorf("a verifier that says %q gives %d %s, want %d", answer, status, text, want)
		}
		asked, _ := f.asked.Load().(map[string]string)
		if asked["picture"] != picture || asked["face"] != "face-9" || asked["document"] != "12345678909" || asked["account"] != b.account || asked["device"] != a.key {
			t.Errorf("the verifier is asked %v", asked)
		}
		registered := strings.Contains(b.want(http.StatusOK, a.key, http.MethodGet, a.at(b, ""), ""), `"status":"registered"`)
		if registered != (want == http.StatusCreated) {
			t.Errorf("a verifier that says %q: the device is registered: %v", answer, registered)
		}
	}
	f.verdict.Store(`{"verdict":"yes"}`)
	shown := picture // it has let one in, and lets in no other
	if status, text := ask(newAppDevice()); status != http.StatusForbidden {
		t.Errorf("the same picture again: %d %s", status, text)
	}
	picture = newKey()
	f.verdict.Store(`{"verdict":"later"}`)
	a := newAppDevice()
	if status, text := ask(a); status != http.StatusAccepted {
		t.Fatalf("the device is asked for: %d %s", status, text)
	}
	f.verdict.Store(`{"verdict":"yes"}`)
	pollUntil(t, 20*time.Second, "the verifier is asked again", func() bool {
		return strings.Contains(b.want(http.StatusOK, a.key, http.MethodGet, a.at(b, ""), ""), `"status":"registered"`)
	})
	for _, secret := range []string{shown, picture, "face-9", "12345678909", "sesame", "123.456.789-09"} {
		if lines := linesWith(b.log.String(), secret); len(lines) > 0 {
			t.Errorf("the log has %q: %s", secret, lines[0])
		}
	}
}
