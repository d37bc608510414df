package http

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalCaddyfile sets up the verifier from Caddyfile tokens:
//
//	verifier http <url> {
//		header <name> <value>
//		sign <key>
//		timeout <duration>
//	}
//
// header may be repeated.
func (h *HTTP) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the guest's name
	if !d.NextArg() || d.Val() == "" {
		return d.Err("verifier http needs a URL, like https://faces.example.com/verify")
	}
	h.URL = d.Val()
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': verifier http takes one URL", d.Val())
	}
	if err := h.check(); err != nil {
		return d.WrapErr(err)
	}
	seen := map[string]bool{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if seen[word] && word != "header" {
			return d.Errf("'%s' is already specified", word)
		}
		seen[word] = true
		if err := h.parseOption(d, word); err != nil {
			return err
		}
		if err := h.check(); err != nil { // judged here, where file and line are known
			return d.WrapErr(err)
		}
	}
	return nil
}

func (h *HTTP) parseOption(d *caddyfile.Dispenser, word string) (err error) {
	switch word {
	case "header":
		err = h.parseHeader(d)
	case "sign":
		h.Sign, err = oneArgument(d)
	case "timeout":
		err = h.parseTimeout(d)
	default:
		err = d.Errf("unrecognized option '%s' of verifier http: header, sign, timeout", word)
	}
	return err
}

func (h *HTTP) parseHeader(d *caddyfile.Dispenser) error {
	args := d.RemainingArgs()
	if len(args) != 2 { // not quoted: a part may be a credential
		return d.Errf("'header' takes a name and a value, not %d words: quote a value that has spaces", len(args))
	}
	if err := checkHeader(args[0]); err != nil { // quoted as it was written
		return d.WrapErr(err)
	}
	if h.Headers == nil {
		h.Headers = http.Header{}
	}
	h.Headers.Add(args[0], args[1])
	return nil
}

func (h *HTTP) parseTimeout(d *caddyfile.Dispenser) error {
	text, err := oneArgument(d)
	if err != nil {
		return err
	}
	timeout, err := caddy.ParseDuration(text)
	if err != nil || timeout == 0 { // the other bounds are check's
		return d.Errf("invalid timeout '%s': a duration like 5s, from 100ms to 10s", text)
	}
	h.Timeout = caddy.Duration(timeout)
	return nil
}

// oneArgument does not quote a second one: it may be the rest of a key.
func oneArgument(d *caddyfile.Dispenser) (string, error) {
	word := d.Val()
	if !d.NextArg() || d.Val() == "" {
		return "", d.Errf("'%s' needs a value", word)
	}
	value := d.Val()
	if d.NextArg() {
		return "", d.Errf("'%s' takes one value: quote it if it has spaces", word)
	}
	return value, nil
}
