package callback

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/reach"
)

const (
	maxAnswer = 4 << 10  // bytes of an answer
	maxHeader = 64 << 10 // bytes of what stands before it
)

// Reaches devices that are asked at a URL.
func (*Callback) Reaches(kind authcore.DeviceKind) bool { return kind == authcore.KindHTTP }

// Send sends nothing: what is asked here reads questions.
func (*Callback) Send(context.Context, authcore.Message) error {
	return unsent(errors.New("channel callback asks questions and delivers no messages"))
}

// Ask makes one request to the device. The address is held against the targets once more:
// it may be older than the configuration.
func (c *Callback) Ask(ctx context.Context, q authcore.Question) (string, error) {
	u, err := c.readURL(q.To)
	if err != nil {
		return "", unsent(err)
	}
	connected := false
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(q.Text))
	if err != nil { // its text has the URL
		return "", unsent(errors.New("no request can be made of the address"))
	}
	for name, value := range map[string]string{"Content-Type": "application/jose", "Accept": "application/jose", "User-Agent": "Doorward"} {
		req.Header.Set(name, value)
	}
	resp, err := c.client(u.Hostname()).Do(req)
	if err != nil {
		err = plain(ctx, u, err)
		if connected {
			return "", unsure(err)
		}
		return "", unsent(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return judge(u, resp)
}

// judge reads what a device says. A status from 300 to 499 says that the question was not
// taken, any other that is none of ours leaves it open.
func judge(u *url.URL, resp *http.Response) (string, error) {
	switch status := resp.StatusCode; {
	case status == http.StatusAccepted || status == http.StatusNoContent:
		return "", nil
	case status == http.StatusOK:
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
		if err != nil {
			return "", unsure(fmt.Errorf("%s does not end its answer", u.Host))
		}
		if len(text) > maxAnswer {
			return "", unsure(fmt.Errorf("%s answers more than %d bytes", u.Host, maxAnswer))
		}
		return strings.TrimSpace(string(text)), nil
	case status/100 == 3:
		return "", unsent(fmt.Errorf("%s redirects, with %d: the device needs its last address", u.Host, status))
	case status/100 == 4 && status != http.StatusRequestTimeout:
		return "", unsent(fmt.Errorf("%s answers %d", u.Host, status))
	default:
		return "", unsure(fmt.Errorf("%s answers %d", u.Host, status))
	}
}

// client looks at the address that is dialled, follows no redirect and asks no proxy. It
// keeps no connection: net/http asks again on one that broke.
func (c *Callback) client(host string) *http.Client {
	dialer := reach.Dialer(func(a netip.Addr) bool { return reach.May(host, a, c.allow) })
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// plain leaves out the URL, which is the address of a device.
func plain(ctx context.Context, u *url.URL, err error) error {
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if ctx.Err() != nil {
		err = errors.New("it took too long")
	}
	return fmt.Errorf("%s: %w", u.Host, err)
}

func unsent(err error) error {
	return authcore.Wrap(authcore.CodeUnavailable, err, "the question could not be delivered")
}

func unsure(err error) error {
	return authcore.Wrap(authcore.CodeInternal, err, "the question may not have been delivered")
}
