package http

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"

	"github.com/doorward/doorward/authcore"
)

// maxAnswer is in bytes. A longer answer says nothing.
const maxAnswer = 64 << 10

// question is the body of a request.
type question struct {
	ID       string `json:"id"`
	Picture  string `json:"picture"`
	Face     string `json:"face"`
	Document string `json:"document"`
	Account  string `json:"account"`
	Device   string `json:"device"`
}

// Verify makes one request for l. It returns before ctx ends and within the time-out.
// Nothing is repeated here: who gets an error asks again.
func (h *HTTP) Verify(ctx context.Context, l authcore.Liveness) (authcore.Verdict, error) {
	body, err := json.Marshal(question(l))
	if err != nil {
		return "", errors.New("verifier http: the question can't be written as JSON")
	}
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	connected := false
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	req, err := http.NewRequestWithContext(traced, http.MethodPost, h.url.String(), bytes.NewReader(body))
	if err != nil {
		return "", h.failed(errors.New("the request can't be made"))
	}
	req.Header = h.header.Clone()
	if len(h.key) > 0 {
		req.Header.Set("Doorward-Signature", sign(h.key, time.Now(), body))
	}
	answer, err := h.client.Do(req)
	if err != nil {
		return "", h.failed(plain(ctx, err, connected))
	}
	defer answer.Body.Close()
	verdict, err := judge(answer)
	if err != nil {
		return "", h.failed(err)
	}
	return verdict, nil
}

// judge takes one of three words of an answer with a status of success, and nothing
// else: what is not understood must not read as yes. It quotes nothing of the answer,
// which may repeat the question.
func judge(answer *http.Response) (authcore.Verdict, error) {
	switch {
	case answer.StatusCode/100 == 3:
		return "", fmt.Errorf("it redirects, with %d: name the last address", answer.StatusCode)
	case answer.StatusCode/100 != 2:
		return "", fmt.Errorf("it answers %d", answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return "", errors.New("its answer does not end")
	}
	var said struct {
		Verdict authcore.Verdict `json:"verdict"`
	}
	if len(text) > maxAnswer || json.Unmarshal(text, &said) != nil {
		return "", fmt.Errorf("it answers %d without JSON of up to %d bytes", answer.StatusCode, maxAnswer)
	}
	switch said.Verdict {
	case authcore.VerdictYes, authcore.VerdictNo, authcore.VerdictLater:
		return said.Verdict, nil
	default:
		return "", fmt.Errorf("it answers %d without a verdict of yes, no or later", answer.StatusCode)
	}
}

// failed names the host and never the URL, which may hold a key.
func (h *HTTP) failed(err error) error {
	return fmt.Errorf("verifier http: %s: %w", h.url.Host, err)
}

// plain leaves out the URL and, once a connection stood, the words of net/http, which
// quotes an answer that it can't read.
func plain(ctx context.Context, err error, connected bool) error {
	wrapped := new(url.Error)
	switch {
	case ctx.Err() != nil:
		return errors.New("it took too long")
	case connected || !errors.As(err, &wrapped):
		return errors.New("the connection broke, or the answer is not HTTP")
	default:
		return wrapped.Err
	}
}

// sign proves who sent the body, and when: HMAC-SHA256 over the time in seconds,
// a dot, and the body.
func sign(key []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write(append([]byte(t+"."), body...)) // a hash never fails
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
