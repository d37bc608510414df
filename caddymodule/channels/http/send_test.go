package http_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// What arrives without any option is JSON, by POST, over TLS that was verified.
func TestDefaultRequest(t *testing.T) {
	r := receive(t, true, nil)
	if err := send(t, channel(t, r.URL+"/send?project=7", "")); err != nil {
		t.Fatal(err)
	}
	requests, _ := r.seen()
	if len(requests) != 1 {
		t.Fatalf("%d requests", len(requests))
	}
	got := requests[0]
	if got.Method != http.MethodPost || got.URL.String() != "/send?project=7" || got.Header.Get("Content-Type") != "application/json" ||
		got.Header.Get("Idempotency-Key") != message().ID || got.Header.Get("User-Agent") != "Doorward" || got.Header.Get("Doorward-Signature") != "" {
		t.Errorf("%s %s %v", got.Method, got.URL, got.Header)
	}
	var fields map[string]string
	if err := json.Unmarshal([]byte(got.body), &fields); err != nil || len(fields) != 4 || fields["id"] != message().ID ||
		fields["to"] != message().To || fields["text"] != message().Text || fields["language"] != "ru" {
		t.Errorf("%s: %v", got.body, err)
	}
}

func TestOwnForm(t *testing.T) {
	t.Setenv("SMS_TOKEN", "open sesame")
	r := receive(t, false, nil)
	block := "method PUT\nheader Authorization \"Bearer {env.SMS_TOKEN}\"\nheader Content-Type application/x-www-form-urlencoded\n" +
		"header X-Two 1\nheader X-Two 2\nbody `to={{urlquery .To}}&text={{urlquery .Text}}&key={{placeholder \"env.SMS_TOKEN\" | urlquery}}`"
	if err := send(t, channel(t, r.URL, block)); err != nil {
		t.Fatal(err)
	}
	requests, _ := r.seen()
	got := requests[0]
	if got.Method != http.MethodPut || got.Header.Get("Authorization") != "Bearer open sesame" || len(got.Header["X-Two"]) != 2 {
		t.Errorf("%s %v", got.Method, got.Header)
	}
	fields, err := url.ParseQuery(got.body)
	if err != nil || len(fields) != 3 || fields.Get("to") != message().To || fields.Get("text") != message().Text || fields.Get("key") != "open sesame" {
		t.Errorf("%s: %v", got.body, err)
	}
}

// A message without a code, which tells of a change, goes where the body shows its
// text; a body for codes alone sends nothing that looks like one.
func TestMessageWithoutACode(t *testing.T) {
	r := receive(t, false, nil)
	m := message()
	m.Code, m.Text, m.ExpiresAt = "", "device blocked", time.Time{}
	for _, c := range []struct{ body, want string }{ // empty: nothing is sent
		{"{{json .Text}}", `"device blocked"`},
		{`{"code":{{json .Code}},"text":{{json .Text}},"until":{{.ExpiresAt.Unix}}}`, `{"code":"","text":"device blocked","until":-62135596800}`},
		{`{{if .Code}}{"code":{{json .Code}}}{{else}}{"text":{{json .Text}}}{{end}}`, `{"text":"device blocked"}`},
		{`{"code":{{json .Code}}}`, ""},
		{`{"code":{{json (slice .Code 0 3)}},"text":{{json .Text}}}`, ""},
	} {
		before, _ := r.seen()
		err := channel(t, r.URL, "body `"+c.body+"`").Send(t.Context(), m)
		requests, _ := r.seen()
		requests = requests[len(before):]
		if c.want == "" {
			checkError(t, err, authcore.CodeUnavailable, "the body has no place for a text without a code")
			if len(requests) != 0 {
				t.Errorf("%s sends %q", c.body, requests[0].body)
			}
			continue
		}
		if err != nil || len(requests) != 1 || requests[0].body != c.want {
			t.Errorf("%s sends %+v, %v; want %s", c.body, requests, err, c.want)
		}
	}
}

// The signature as docs/channels/http.md tells a receiver to check it.
func TestSignature(t *testing.T) {
	key := "0123456789abcdef"
	t.Setenv("SMS_KEY", key)
	r := receive(t, false, nil)
	if err := send(t, channel(t, r.URL, "sign {env.SMS_KEY}")); err != nil {
		t.Fatal(err)
	}
	requests, _ := r.seen()
	at, proof, found := strings.Cut(requests[0].Header.Get("Doorward-Signature"), ",v1=")
	at, stamped := strings.CutPrefix(at, "t=")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if !found || !stamped || err != nil || time.Since(time.Unix(seconds, 0)).Abs() > time.Minute {
		t.Fatalf("the header is %q", requests[0].Header.Get("Doorward-Signature"))
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(at + "." + requests[0].body))
	if want := hex.EncodeToString(mac.Sum(nil)); proof != want {
		t.Errorf("the signature is %s, want %s", proof, want)
	}
}

// What an answer means, by its status and its body.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status      int
		body, block string
		code        authcore.Code // empty: taken
	}{
		{200, "", "", ""},
		{204, "", "", ""},
		{202, "", "success 200 202", ""},
		{404, "", "success 404", ""},
		{201, "", "success 200", authcore.CodeInternal},
		{400, "", "", authcore.CodeUnavailable},
		{401, "", "", authcore.CodeUnavailable},
		{429, "", "", authcore.CodeUnavailable},
		{408, "", "", authcore.CodeInternal},
		{500, "", "", authcore.CodeInternal},
		{504, "", "", authcore.CodeInternal},
		{200, `{"status": "OK"}`, `success_body "\"OK\""`, ""},
		{200, `{"status": "ERROR +79001234567"}`, `success_body "\"OK\""`, authcore.CodeInternal},
		{500, `{"status": "OK"}`, `success_body "\"OK\""`, authcore.CodeInternal},
	} {
		t.Run(fmt.Sprint(c.status, c.block, c.code), func(t *testing.T) {
			r := receive(t, false, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			err := send(t, channel(t, r.URL+"/?key=sesame", c.block))
			if c.code == "" && err != nil {
				t.Error(err)
			}
			if c.code != "" {
				checkError(t, err, c.code, fmt.Sprint("answers ", c.status))
			}
			if requests, _ := r.seen(); len(requests) != 1 {
				t.Errorf("%d requests", len(requests))
			}
		})
	}
}

// The code goes to the address that the operator wrote and to no other.
func TestRedirectIsNotFollowed(t *testing.T) {
	other := receive(t, false, nil)
	for _, status := range []int{301, 302, 307, 308} {
		r := receive(t, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(status)
		})
		checkError(t, send(t, channel(t, r.URL, "")), authcore.CodeUnavailable, fmt.Sprintf("redirects, with %d: name the last address", status))
	}
	if _, connections := other.seen(); connections != 0 {
		t.Errorf("%d connections to the other", connections)
	}
}

// A name that leads into the house is refused when it is dialled, unless the
// network is allowed. Written so, it is a name like any other here.
func TestPrivateTargetIsRefused(t *testing.T) {
	r := receive(t, true, nil)
	_, port, err := net.SplitHostPort(r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	name := "https://LOCALHOST:" + port
	checkError(t, send(t, channel(t, name, "")), authcore.CodeUnavailable, "is not public")
	checkError(t, send(t, channel(t, name, "allow 10.0.0.0/8 fd00::/8")), authcore.CodeUnavailable, "is not public")
	if _, connections := r.seen(); connections != 0 {
		t.Errorf("%d connections", connections)
	}
	for _, c := range []authcore.Channel{
		channel(t, name, "allow 127.0.0.0/8 ::1/128"), channel(t, "https://localhost:"+port, ""), channel(t, "https://127.0.0.1:"+port, ""),
	} {
		if err := send(t, c); err != nil {
			t.Error(err)
		}
	}
	if requests, _ := r.seen(); len(requests) != 3 {
		t.Errorf("%d requests, want 3", len(requests))
	}
}

func TestCertificateIsVerified(t *testing.T) {
	r := receive(t, true, nil)
	trust := trusted
	t.Cleanup(func() { trusted = trust })
	trusted, _ = certificate()
	foreign := receive(t, true, nil)
	checkError(t, send(t, channel(t, foreign.URL, "")), authcore.CodeUnavailable, "certificate")
	if _, connections := foreign.seen(); connections != 1 {
		t.Errorf("%d connections, want 1: a bad certificate is not tried again", connections)
	}
	if err := send(t, channel(t, r.URL, "")); err != nil {
		t.Error(err)
	}
}

// A gateway that never answers, or never ends its answer, is left in time.
func TestSlowGateway(t *testing.T) {
	release := make(chan struct{})
	silent := receive(t, false, func(http.ResponseWriter, *http.Request) { <-release })
	endless := receive(t, false, func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, "OK")
		w.(http.Flusher).Flush()
		select {
		case <-release:
		case <-req.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) }) // before the receivers wait for their handlers
	begin := time.Now()
	checkError(t, send(t, channel(t, silent.URL, "timeout 300ms")), authcore.CodeInternal, "it took too long")
	checkError(t, send(t, channel(t, endless.URL, "timeout 300ms\nsuccess_body good")), authcore.CodeInternal, "without the words of success_body")
	if err := send(t, channel(t, endless.URL, "timeout 300ms\nsuccess_body OK")); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	checkError(t, channel(t, silent.URL, "timeout 10s").Send(ctx, message()), authcore.CodeInternal, "it took too long")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Of a huge answer 64 KiB are read, and what comes after them is not seen.
func TestHugeAnswer(t *testing.T) {
	r := receive(t, false, func(w http.ResponseWriter, req *http.Request) {
		for part := strings.Repeat("x", 1<<16); ; part = "OK" + part[2:] {
			if _, err := io.WriteString(w, part); err != nil || req.Context().Err() != nil {
				return
			}
		}
	})
	begin := time.Now()
	checkError(t, send(t, channel(t, r.URL, "success_body OK\ntimeout 10s")), authcore.CodeInternal, "without the words")
	if err := send(t, channel(t, r.URL, "timeout 10s")); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Once the request may have been written it is not repeated, by us or by
// net/http.
func TestBrokenConnectionIsNotTriedAgain(t *testing.T) {
	calls := 0
	r := receive(t, false, func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 { // a connection that net/http might like to keep
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	})
	c := channel(t, r.URL+"/?key=sesame", "")
	if err := send(t, c); err != nil {
		t.Fatal(err)
	}
	checkError(t, send(t, c), authcore.CodeInternal, "127.0.0.1")
	if requests, connections := r.seen(); len(requests) != 2 || connections != 2 {
		t.Errorf("%d requests on %d connections, want 2 on 2", len(requests), connections)
	}
}
