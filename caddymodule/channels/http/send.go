package http

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/reach"
)

const (
	maxAnswer = 64 << 10 // bytes that are read of an answer
	pause     = 200 * time.Millisecond
)

// Reaches whoever a gateway does: people, and apps that it wakes.
func (*HTTP) Reaches(kind authcore.DeviceKind) bool {
	return kind == authcore.KindPhone || kind == authcore.KindEmail || kind == authcore.KindMobile
}

// Send makes one request for m. It returns before ctx ends and within the
// time-out.
func (h *HTTP) Send(ctx context.Context, m authcore.Message) error {
	if m.Code == "" && !showsText(h.body) {
		return unsent(errors.New("the body has no place for a text without a code: write {{json .Text}}, or {{if .Code}} around what needs one"))
	}
	body, err := render(h.body, m)
	if err != nil { // its text may hold a value
		return unsent(errors.New("the template of the body can't be filled in"))
	}
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	answer, connected, err := h.try(ctx, m, body)
	// Once a connection stands, the message may be on its way: only a dial is
	// tried again.
	if failed := new(dialError); errors.As(err, &failed) && !errors.Is(err, reach.ErrRefused) && wait(ctx, pause) {
		answer, connected, err = h.try(ctx, m, body)
	}
	if err != nil {
		err = h.plain(ctx, err)
		if connected {
			return unsure(err)
		}
		return unsent(err)
	}
	defer answer.Body.Close()
	return h.judge(answer)
}

// try makes the request once and says whether a connection stood, that is,
// whether anything could have been written.
func (h *HTTP) try(ctx context.Context, m authcore.Message, body string) (answer *http.Response, connected bool, err error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	req, err := http.NewRequestWithContext(ctx, h.Method, h.url.String(), strings.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	req.Header = h.header.Clone()
	req.Header.Set("Idempotency-Key", m.ID)
	if len(h.key) > 0 {
		req.Header.Set("Doorward-Signature", sign(h.key, time.Now(), body))
	}
	answer, err = h.client.Do(req)
	return answer, connected, err
}

// sign proves who sent the body, and when: HMAC-SHA256 over the time in seconds,
// a dot, and the body.
func sign(key []byte, at time.Time, body string) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, t+"."+body) // a hash never fails
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// judge reads an answer. A status from 300 to 499 says that the message was not
// taken, all others that are no success leave it open: a gateway may fail after
// it has sent.
func (h *HTTP) judge(answer *http.Response) error {
	good := answer.StatusCode/100 == 2
	if len(h.Success) > 0 {
		good = slices.Contains(h.Success, answer.StatusCode)
	}
	switch {
	case !good && answer.StatusCode/100 == 3:
		return unsent(fmt.Errorf("%s redirects, with %d: name the last address", h.url.Host, answer.StatusCode))
	case !good && answer.StatusCode/100 == 4 && answer.StatusCode != http.StatusRequestTimeout:
		return unsent(fmt.Errorf("%s answers %d", h.url.Host, answer.StatusCode))
	case !good:
		return unsure(fmt.Errorf("%s answers %d", h.url.Host, answer.StatusCode))
	case h.SuccessBody == "":
		return nil
	}
	// What could be read counts, also when the rest never comes.
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if !strings.Contains(string(text), h.SuccessBody) {
		return unsure(fmt.Errorf("%s answers %d without the words of success_body", h.url.Host, answer.StatusCode))
	}
	return nil
}

// plain leaves out the URL, which may hold a key.
func (h *HTTP) plain(ctx context.Context, err error) error {
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if ctx.Err() != nil {
		err = errors.New("it took too long")
	}
	return fmt.Errorf("%s: %w", h.url.Host, err)
}

func unsent(err error) error {
	return authcore.Wrap(authcore.CodeUnavailable, err, "the message could not be delivered")
}

func unsure(err error) error {
	return authcore.Wrap(authcore.CodeInternal, err, "the message may not have been delivered")
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// dialError marks an error of a connection that never stood.
type dialError struct{ error }

func (e *dialError) Unwrap() error { return e.error }

// newClient keeps no connection: one that was kept may break under a request,
// and net/http repeats what has an Idempotency-Key by itself.
func (h *HTTP) newClient() *http.Client {
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxAnswer,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := h.dial(ctx, network, address)
			if err != nil {
				return nil, &dialError{err}
			}
			return conn, nil
		},
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
