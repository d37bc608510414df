package onlyoffice_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// exchange sends a request and compares the answer.
func (p *teller) exchange(e exchange) error {
	e, err := p.filled(e)
	if err != nil {
		return err
	}
	for range max(1, e.times) {
		status, headers, body := p.send(e)
		for n := 1; n < e.until && status != e.status; n++ {
			status, headers, body = p.send(e)
		}
		if err := p.compare(e, status, headers, body); err != nil {
			return fmt.Errorf("%w\nthe answer was %s %s", err, status, short(body))
		}
	}
	return nil
}

func (p *teller) compare(e exchange, status string, headers http.Header, body string) error {
	if status != e.status {
		return fmt.Errorf("the status is %s, want %s", status, e.status)
	}
	if e.hasBody {
		if err := p.match(strings.Join(e.wantBody, "\n"), body); err != nil {
			return err
		}
	}
	for _, h := range e.want {
		got := headers.Values(h[0])
		if h[1] == "-" && len(got) == 0 {
			continue
		}
		if !slices.ContainsFunc(got, func(value string) bool { return h[1] != "-" && p.match(h[1], value) == nil }) {
			return fmt.Errorf("the header %s is %q, want %s", h[0], got, h[1])
		}
	}
	for i, text := range append(slices.Clone(e.has), e.hasNot...) {
		filled, err := p.fill(text)
		if wanted := i < len(e.has); err != nil || strings.Contains(body, filled) != wanted {
			return fmt.Errorf("the body contains %s: want %v (%v)", text, wanted, err)
		}
	}
	return nil
}

// filled puts the values into a request.
func (p *teller) filled(e exchange) (exchange, error) {
	var failed error
	put := func(text string) string {
		filled, err := p.fill(text)
		if err != nil {
			failed = err
		}
		return filled
	}
	e.path = put(e.path)
	e.headers, e.body = slices.Clone(e.headers), slices.Clone(e.body)
	for i := range e.headers {
		e.headers[i][1] = put(e.headers[i][1])
	}
	for i := range e.body {
		e.body[i] = put(e.body[i])
	}
	return e, failed
}

func (p *teller) send(e exchange) (status string, headers http.Header, body string) {
	p.Helper()
	newline := "\n"
	if slices.ContainsFunc(e.headers, func(h [2]string) bool { return strings.HasPrefix(h[1], "multipart/") }) {
		newline = "\r\n" // RFC 2046 section 5.1.1
	}
	req, err := http.NewRequestWithContext(p.Context(), e.method, "http://portal.example.com"+e.path, strings.NewReader(strings.Join(e.body, newline)))
	if err != nil {
		p.Fatal(err)
	}
	for _, h := range e.headers {
		req.Header.Add(h[0], h[1])
	}
	resp, err := p.client.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		p.Fatal(err)
	}
	return fmt.Sprint(resp.StatusCode), resp.Header, string(all)
}
