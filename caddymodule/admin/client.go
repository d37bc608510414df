package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
)

// Client asks the running server through Caddy's admin endpoint.
type Client struct {
	Address string // as in Caddy's configuration: localhost:2019, unix//run/caddy.sock
}

// ErrNoAnswer is what Call's error wraps when nobody could be asked, or the answer broke off.
var ErrNoAnswer = errors.New("no Caddy answers")

// Call asks for an operation, like "user/list". out is a pointer to its answer.
// The error is the server's own message where there is one.
func (c Client) Call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	// AdminAPIRequest takes no context, so what it waits for is left behind.
	answered := make(chan error, 1)
	answer := new(json.RawMessage)
	go func() { answered <- c.post(prefix+operation, body, answer) }()
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w at %s (%w)", ErrNoAnswer, c.Address, ctx.Err())
	case err := <-answered:
		if err != nil {
			return err
		}
		return json.Unmarshal(*answer, out)
	}
}

func (c Client) post(path string, body []byte, answer *json.RawMessage) error {
	// One request is all: a connection that is kept would only linger.
	header := http.Header{"Connection": {"close"}}
	resp, err := caddycmd.AdminAPIRequest(c.Address, http.MethodPost, path, header, bytes.NewReader(body))
	if err != nil {
		return c.explain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil { // it went away in the middle
		return fmt.Errorf("%w at %s any more (%w)", ErrNoAnswer, c.Address, err)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("the answer of %s is not JSON: is it a Caddy with Doorward?", c.Address)
	}
	return nil
}

// explain reads the error of AdminAPIRequest, which is text only: either nobody
// answered, or it holds a status and the body of the answer.
func (c Client) explain(err error) error {
	if text, failed := strings.CutPrefix(err.Error(), "performing request: "); failed {
		_, cause, _ := strings.Cut(text, `": `) // after the method and the made-up URL
		return fmt.Errorf("%w at %s (%s)", ErrNoAnswer, c.Address, cause)
	}
	text, refused := strings.CutPrefix(err.Error(), "caddy responded with error: ")
	if !refused {
		return err
	}
	status, body, _ := strings.Cut(text, ": ")
	var shown struct {
		Error string `json:"error"`
	}
	if json.Unmarshal([]byte(body), &shown) != nil || shown.Error == "" {
		return fmt.Errorf("%s answers %s and no JSON: is it a Caddy with Doorward?", c.Address, status)
	}
	return errors.New(shown.Error)
}
