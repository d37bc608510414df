package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/doorward/doorward/authcore"
)

// What a provider may cost us, and we it.
const (
	askTime   = 2 * time.Second // for a login, and for each answer
	maxAnswer = 512 << 10       // bytes
	atOnce    = 4               // logins that wait for an answer to their own question
)

// newClient follows no redirect: what is sent has our secret, and what comes
// back says who somebody is.
func newClient() *http.Client {
	return &http.Client{
		Timeout: askTime,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns: atOnce, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it redirects, which is not followed") },
	}
}

// do gives a whole answer, or CodeUnavailable.
func (o *OIDC) do(req *http.Request) (status int, body []byte, err error) {
	req.Header.Set("Accept", "application/json")
	resp, err := o.client.Do(req)
	if err != nil {
		if cause := new(url.Error); errors.As(err, &cause) {
			err = cause.Err // without the address, which a redirect chose
		}
		return 0, nil, away("%s does not answer: %w", req.URL.Host, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		return 0, nil, away("%s answers with more than %d bytes", req.URL.Host, maxAnswer)
	}
	if err != nil {
		return 0, nil, away("the answer of %s was cut off: %w", req.URL.Host, err)
	}
	return resp.StatusCode, body, nil
}

// post asks a question as our client (RFC 6749 section 2.3.1), a handful at a
// time. What the provider refuses in its own words is CodeUnauthenticated; when
// it is ourselves that it refuses, that is nobody's wrong proof.
func (o *OIDC) post(ctx context.Context, address string, methods []string, form url.Values, out any) error {
	select {
	case o.slots <- struct{}{}:
		defer func() { <-o.slots }()
	case <-ctx.Done():
		return authcore.Unavailable(context.Cause(ctx))
	}
	inBody := slices.Contains(methods, "client_secret_post") && !slices.Contains(methods, "client_secret_basic")
	if inBody {
		form.Set("client_id", o.ClientID)
		form.Set("client_secret", o.ClientSecret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return authcore.Unavailable(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !inBody {
		req.SetBasicAuth(url.QueryEscape(o.ClientID), url.QueryEscape(o.ClientSecret))
	}
	status, body, err := o.do(req)
	if err != nil {
		return err
	}
	return readAnswer(req.URL.Path, status, body, out)
}

// notTheProof are refusals of ourselves, and not of what we ask about. Any other
// counts as a wrong proof: what a caller can bring about must cost him a try.
var notTheProof = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
	http.StatusRequestTimeout, http.StatusTooManyRequests,
}

func readAnswer(path string, status int, body []byte, out any) error {
	var no struct {
		Error string `json:"error"` // RFC 6749 section 5.2
	}
	switch {
	case status == http.StatusOK && json.Unmarshal(body, out) == nil:
		return nil
	case status < 400 || status >= 500 || slices.Contains(notTheProof, status):
		return away("%s answers %d, or no JSON: is the client_secret right?", path, status)
	case json.Unmarshal(body, &no) == nil && (no.Error == "invalid_client" || no.Error == "unauthorized_client"):
		return away("%s does not take our client: see client_id and client_secret", path)
	default:
		return refused("the provider refuses it")
	}
}
