package http

import (
	"net/http"
	"strconv"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalCaddyfile sets up the channel from Caddyfile tokens:
//
//	channel phone http <url> {
//		method POST|PUT
//		header <name> <value>
//		body <template>
//		sign <key>
//		success <statuses...>
//		success_body <text>
//		timeout <duration>
//		allow <networks...>
//	}
//
// header may be repeated.
func (h *HTTP) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the guest's name
	if !d.NextArg() || d.Val() == "" {
		return d.Err("channel http needs a URL, like https://sms.example.com/send")
	}
	h.URL = d.Val()
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': channel http takes one URL", d.Val())
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
	case "method":
		h.Method, err = oneArgument(d)
	case "header":
		err = h.parseHeader(d)
	case "body":
		h.Body, err = oneArgument(d)
	case "sign":
		h.Sign, err = oneArgument(d)
	case "success":
		err = h.parseSuccess(d)
	case "success_body":
		h.SuccessBody, err = oneArgument(d)
	case "timeout":
		err = h.parseTimeout(d)
	case "allow":
		if h.Allow = d.RemainingArgs(); len(h.Allow) == 0 {
			err = d.Err("'allow' needs a network, like 10.1.0.0/16")
		}
	default:
		err = d.Errf("unrecognized option '%s' of channel http: method, header, body, sign, success, success_body, timeout, allow", word)
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

func (h *HTTP) parseSuccess(d *caddyfile.Dispenser) error {
	for _, word := range d.RemainingArgs() {
		status, err := strconv.Atoi(word)
		if err != nil {
			return d.Errf("success '%s' is not a status like 200", word)
		}
		h.Success = append(h.Success, status)
	}
	if len(h.Success) == 0 {
		return d.Err("'success' needs a status, like 200")
	}
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
