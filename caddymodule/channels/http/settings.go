package http

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/reach"
)

const (
	defaultTimeout = 5 * time.Second
	minTimeout     = 100 * time.Millisecond
	minKey         = 16 // bytes
)

// Provision checks the settings and reads the placeholders. It opens no
// connection.
func (h *HTTP) Provision(caddy.Context) (err error) {
	if err := h.check(); err != nil {
		return err
	}
	text, err := resolve("the URL", h.URL)
	if err != nil {
		return err
	}
	if h.url, err = readURL(text); err != nil {
		return err
	}
	key, err := resolve("sign", h.Sign)
	if err != nil {
		return err
	}
	if err := checkKey(key); err != nil {
		return err
	}
	h.key = []byte(key)
	if err := h.readHeaders(); err != nil {
		return err
	}
	if h.body, err = readBody(h.Body, h.header.Get("Content-Type")); err != nil {
		return err
	}
	h.timeout = defaultTimeout
	if h.Timeout != 0 {
		h.timeout = time.Duration(h.Timeout)
	}
	if h.Method == "" {
		h.Method = http.MethodPost
	}
	if h.allow, err = reach.Networks(h.Allow); err != nil {
		return err
	}
	h.dial = reach.Dialer(h.mayReach).DialContext
	h.client = h.newClient()
	return nil
}

// check judges what is known without the placeholders.
func (h *HTTP) check() error {
	if h.URL == "" {
		return fmt.Errorf("channel http needs a URL, like https://sms.example.com/send")
	}
	if !strings.Contains(h.URL, "{") {
		if _, err := readURL(h.URL); err != nil {
			return err
		}
	}
	switch h.Method {
	case "", http.MethodPost, http.MethodPut:
	default: // GET would have the code in the URL, where every log shows it
		return fmt.Errorf("method '%s' is not known: POST or PUT", h.Method)
	}
	for name := range h.Headers {
		if err := checkHeader(name); err != nil {
			return err
		}
	}
	if _, err := parseBody(h.Body); err != nil {
		return err
	}
	if !strings.Contains(h.Sign, "{") {
		if err := checkKey(h.Sign); err != nil {
			return err
		}
	}
	for _, status := range h.Success {
		if status < 200 || status > 599 || status/100 == 3 {
			return fmt.Errorf("success '%d' is not a status of an answer, like 200: redirects are not followed", status)
		}
	}
	if timeout := time.Duration(h.Timeout); timeout != 0 && (timeout < minTimeout || timeout > authcore.ChannelTime) {
		return fmt.Errorf("timeout '%s' is out of range: %s to %s", timeout, minTimeout, authcore.ChannelTime)
	}
	_, err := reach.Networks(h.Allow)
	return err
}

// readURL quotes no URL that may have a password in it.
func readURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Fragment != "" || u.Opaque != "":
		return nil, fmt.Errorf("the URL of channel http can't be read: write one like https://sms.example.com/send")
	case u.User != nil:
		return nil, fmt.Errorf("the URL of channel http has a user name in it: write header Authorization \"Basic {file./path}\"")
	case u.Scheme != "https" && (u.Scheme != "http" || !reach.Loopback(u.Hostname())):
		return nil, fmt.Errorf("the URL of channel http, '%s://%s', is not https (http only for this machine)", u.Scheme, u.Host)
	}
	return u, nil
}

// ownHeaders are made by us, or by the transport.
var ownHeaders = []string{
	"Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Te", "Expect",
	"Idempotency-Key", "Doorward-Signature",
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

func checkHeader(name string) error {
	if !headerName.MatchString(name) {
		return fmt.Errorf("header '%s' is not a name of letters, digits and -", name)
	}
	if slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)) {
		return fmt.Errorf("header '%s' can't be set: it is made for each request", name)
	}
	return nil
}

func (h *HTTP) readHeaders() error {
	h.header = http.Header{}
	for name, values := range h.Headers {
		for _, value := range values {
			text, err := resolve("header '"+name+"'", value)
			if err != nil {
				return err
			}
			if strings.ContainsFunc(text, unicode.IsControl) {
				return fmt.Errorf("header '%s' has a control character in its value", name)
			}
			h.header.Add(name, text)
		}
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "User-Agent": "Doorward"} {
		if h.header.Get(name) == "" {
			h.header.Set(name, value)
		}
	}
	return nil
}

func checkKey(key string) error {
	if key != "" && len(key) < minKey {
		return fmt.Errorf("sign: the key has %d bytes, and needs %d or more, as from 'openssl rand -base64 32'", len(key), minKey)
	}
	return nil
}

// resolve quotes the name of a setting in its error, and never what it holds.
func resolve(word, text string) (string, error) {
	value, err := caddy.NewReplacer().ReplaceOrErr(text, true, true)
	if err != nil {
		return "", fmt.Errorf("%s: a placeholder in it is empty or not known", word)
	}
	return value, nil
}
