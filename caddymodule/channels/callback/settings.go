package callback

import (
	"errors"
	"fmt"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/reach"
)

const (
	defaultTimeout = 5 * time.Second
	minTimeout     = 100 * time.Millisecond
)

// Provision checks the settings. It opens no connection.
func (c *Callback) Provision(caddy.Context) error {
	if err := c.read(); err != nil {
		return err
	}
	if len(c.targets) == 0 {
		return errNoTarget
	}
	c.timeout = defaultTimeout
	if c.Timeout != 0 {
		c.timeout = time.Duration(c.Timeout)
	}
	return nil
}

var errNoTarget = errors.New("channel callback needs 'target', the hosts that devices may be at, like bank.example.com")

// read judges each setting by itself.
func (c *Callback) read() (err error) {
	if c.targets, err = readTargets(c.Targets); err != nil {
		return err
	}
	if timeout := time.Duration(c.Timeout); timeout != 0 && (timeout < minTimeout || timeout > authcore.ChannelTime) {
		return fmt.Errorf("timeout '%s' is out of range: %s to %s", timeout, minTimeout, authcore.ChannelTime)
	}
	c.allow, err = reach.Networks(c.Allow)
	return err
}

// UnmarshalCaddyfile sets up the channel from Caddyfile tokens:
//
//	channel http callback {
//		target <hosts...>
//		allow <networks...>
//		timeout <duration>
//	}
func (c *Callback) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the guest's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': channel callback takes a block with target", d.Val())
	}
	seen := map[string]bool{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if seen[word] {
			return d.Errf("'%s' is already specified", word)
		}
		seen[word] = true
		if err := c.parseOption(d, word); err != nil {
			return err
		}
		if err := c.read(); err != nil { // judged here, where file and line are known
			return d.WrapErr(err)
		}
	}
	if len(c.Targets) == 0 {
		return d.WrapErr(errNoTarget)
	}
	return nil
}

func (c *Callback) parseOption(d *caddyfile.Dispenser, word string) error {
	args := d.RemainingArgs()
	switch word {
	case "target":
		if c.Targets = args; len(args) == 0 {
			return d.Err("'target' needs a host, like bank.example.com")
		}
	case "allow":
		if c.Allow = args; len(args) == 0 {
			return d.Err("'allow' needs a network, like 10.1.0.0/16")
		}
	case "timeout":
		if len(args) != 1 {
			return d.Errf("'timeout' takes one value, not %d", len(args))
		}
		timeout, err := caddy.ParseDuration(args[0])
		if err != nil || timeout == 0 { // the other bounds are read's
			return d.Errf("invalid timeout '%s': a duration like 5s, from 100ms to 10s", args[0])
		}
		c.Timeout = caddy.Duration(timeout)
	default:
		return d.Errf("unrecognized option '%s' of channel callback: target, allow, timeout", word)
	}
	return nil
}
