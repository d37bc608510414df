package http_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// What is asked is JSON by POST, over TLS that was verified, and the answer is one of
// three words.
func TestQuestion(t *testing.T) {
	t.Setenv("FACES_TOKEN", "open sesame")
	s := serve(t, &trusted, says(200, `{"verdict":"yes","score":0.98}`))
	verdict, err := ask(t, verifier(t, s.URL+"/verify?project=7", "header Authorization \"Bearer {env.FACES_TOKEN}\"\nheader X-Two 1\nheader X-Two 2"))
	if err != nil || verdict != authcore.VerdictYes {
		t.Fatalf("%q, %v", verdict, err)
	}
	got := s.seen()[0]
	if got.Method != http.MethodPost || got.URL.String() != "/verify?project=7" || got.Header.Get("Content-Type") != "application/json" ||
		got.Header.Get("User-Agent") != "Doorward" || got.Header.Get("Authorization") != "Bearer open sesame" || len(got.Header["X-Two"]) != 2 ||
		got.Header.Get("Doorward-Signature") != "" {
		t.Errorf("%s %s %v", got.Method, got.URL, got.Header)
	}
	var fields map[string]string
	l := liveness()
	if err := json.Unmarshal([]byte(got.body), &fields); err != nil || len(fields) != 6 || fields["id"] != l.ID || fields["picture"] != l.Picture ||
		fields["face"] != l.Face || fields["document"] != l.Document || fields["account"] != l.Account || fields["device"] != l.Device {
		t.Errorf("%s: %v", got.body, err)
	}
}

// What an answer means: only what says so in as many words is yes or no.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   authcore.Verdict // empty: an error
	}{
		{200, `{"verdict":"yes"}`, authcore.VerdictYes},
		{201, `{"verdict":"no"}`, authcore.VerdictNo},
		{202, `{"verdict":"later"}`, authcore.VerdictLater},
		{200, ` {"id":"1","verdict":"yes"}` + "\n", authcore.VerdictYes},
		{200, `{"verdict":"Yes"}`, ""},
		{200, `{"verdict":"98765432100"}`, ""},
		{200, `{"verdict":true}`, ""},
		{200, `{"verdict":null}`, ""},
		{200, `{}`, ""},
		{200, `"yes"`, ""},
		{200, `yes`, ""},
		{200, ``, ""},
		{200, `{"verdict":"yes"} {"verdict":"no"}`, ""},
		{200, `{"verdict":"yes"`, ""},
		{204, ``, ""},
		{300, `{"verdict":"yes"}`, ""},
		{400, `{"verdict":"yes"}`, ""},
		{404, `{"verdict":"no"}`, ""},
		{429, `{"verdict":"no"}`, ""},
		{500, `{"verdict":"yes"}`, ""},
		{503, `{"verdict":"no"}`, ""},
	} {
		t.Run(fmt.Sprint(c.status, c.body), func(t *testing.T) {
			s := serve(t, nil, says(c.status, c.body))
			v := verifier(t, s.URL+"/verify?key=sesame", "")
			if c.want == "" {
				checkError(t, v, strconv.Itoa(c.status))
			} else if verdict, err := ask(t, v); err != nil || verdict != c.want {
				t.Errorf("%q, %v", verdict, err)
			}
			if n := len(s.seen()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// The signature as docs/verifiers/http.md tells a service to check it.
func TestSignature(t *testing.T) {
	key := "0123456789abcdef"
	t.Setenv("FACES_KEY", key)
	s := serve(t, nil, says(200, `{"verdict":"no"}`))
	if verdict, err := ask(t, verifier(t, s.URL, "sign {env.FACES_KEY}")); err != nil || verdict != authcore.VerdictNo {
		t.Fatalf("%q, %v", verdict, err)
	}
	got := s.seen()[0]
	at, proof, found := strings.Cut(got.Header.Get("Doorward-Signature"), ",v1=")
	at, stamped := strings.CutPrefix(at, "t=")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if !found || !stamped || err != nil || time.Since(time.Unix(seconds, 0)).Abs() > time.Minute {
		t.Fatalf("the header is %q", got.Header.Get("Doorward-Signature"))
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(at + "." + got.body))
	if want := hex.EncodeToString(mac.Sum(nil)); proof != want {
		t.Errorf("the signature is %s, want %s", proof, want)
	}
}

// The question goes to the address that the operator wrote and to no other.
func TestRedirectIsNotFollowed(t *testing.T) {
	other := serve(t, nil, says(200, `{"verdict":"yes"}`))
	for _, status := range []int{301, 302, 307, 308} {
		s := serve(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(status)
		})
		checkError(t, verifier(t, s.URL, ""), fmt.Sprintf("it redirects, with %d: name the last address", status))
	}
	if n := len(other.seen()); n != 0 {
		t.Errorf("%d requests to the other", n)
	}
}

func TestCertificateIsVerified(t *testing.T) {
	foreign, _ := certificate()
	s := serve(t, &foreign, says(200, `{"verdict":"yes"}`))
	checkError(t, verifier(t, s.URL+"/?key=sesame", ""), "certificate")
	if n := len(s.seen()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// A service that never answers, or never ends its answer, is left in time, and one that
// answers too much is not read to the end.
func TestSlowAndHugeAnswers(t *testing.T) {
	release := make(chan struct{})
	silent := serve(t, nil, func(http.ResponseWriter, *http.Request) { <-release })
	endless := serve(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"verdict":"yes"}`)
		w.(http.Flusher).Flush()
		<-release
	})
	huge := serve(t, nil, func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, `{"verdict":"yes"}`)
		for part := strings.Repeat(" ", 1<<16); req.Context().Err() == nil; {
			if _, err := io.WriteString(w, part); err != nil {
				return
			}
		}
	})
	t.Cleanup(func() { close(release) }) // before the services wait for their handlers
	begin := time.Now()
	checkError(t, verifier(t, silent.URL, "timeout 300ms"), "it took too long")
	checkError(t, verifier(t, endless.URL, "timeout 300ms"), "its answer does not end")
	checkError(t, verifier(t, huge.URL, "timeout 10s"), "without JSON of up to 65536 bytes")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if verdict, err := verifier(t, silent.URL, "timeout 10s").Verify(ctx, liveness()); err == nil || verdict != "" {
		t.Errorf("%q, %v", verdict, err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// What is no HTTP may repeat the question: no word of it is in the error. Nor is the
// question asked twice.
func TestBrokenAnswers(t *testing.T) {
	for _, words := range []string{"", "98765432100 face-9 HTTP/1.1\r\n\r\n", "HTTP/1.1 98765432100 face-9\r\n\r\n"} {
		s := serve(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_, _ = io.WriteString(conn, words)
				_ = conn.Close()
			}
		})
		checkError(t, verifier(t, s.URL+"/?key=sesame", ""), "the connection broke, or the answer is not HTTP")
		if n := len(s.seen()); n != 1 {
			t.Errorf("%d requests", n)
		}
	}
}
