package callback

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/reach"
)

// maxAddress bounds the URL of a device, in bytes.
const maxAddress = 2048

// target is one word of 'target', in lower case. below: every host below it, and not it.
type target struct {
	host, port string
	below      bool
}

var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func readTargets(words []string) ([]target, error) {
	var targets []target
	for _, word := range words {
		t, good := readTarget(strings.ToLower(word))
		if !good {
			return nil, fmt.Errorf("target '%s' is not a host like bank.example.com, *.bank.example.com or bank.example.com:8443", word)
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func readTarget(word string) (t target, good bool) {
	t.host = word
	if host, port, err := net.SplitHostPort(word); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return t, false
		}
		t.host, t.port = host, port
	}
	if literal, err := netip.ParseAddr(strings.Trim(t.host, "[]")); err == nil {
		t.host = literal.String()
		return t, literal.Zone() == ""
	}
	t.host, t.below = strings.CutPrefix(t.host, "*.")
	// A domain that all the world is below, like *.com, is not what anybody means.
	return t, hostName.MatchString(t.host) && (!t.below || strings.Contains(t.host, "."))
}

// matches compares whole labels: what ends alike is not below.
func (t target) matches(host, port, usual string) bool {
	if t.port != port && (t.port != "" || port != usual) {
		return false
	}
	if t.below {
		return strings.HasSuffix(host, "."+t.host)
	}
	return host == t.host
}

// CheckAddress refuses a URL that is not a target, and says which are.
func (c *Callback) CheckAddress(address string) error {
	_, err := c.readURL(address)
	return err
}

var usualPorts = map[string]string{"https": "443", "http": "80"}

func (c *Callback) readURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || u.Hostname() == "" || u.Opaque != "" || u.User != nil || strings.Contains(address, "#") {
		return nil, authcore.Errorf(authcore.CodeInvalid, "the address of a device is a URL like https://bank.example.com/ask, without a user name and a fragment, of at most %d bytes", maxAddress)
	}
	host := strings.ToLower(u.Hostname())
	if literal, err := netip.ParseAddr(host); err == nil {
		host = literal.String()
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !reach.Loopback(host)) {
		return nil, authcore.Errorf(authcore.CodeInvalid, "the address of a device is not https (http only for this machine)")
	}
	usual := usualPorts[u.Scheme]
	port := u.Port()
	if port == "" {
		port = usual
	}
	if !slices.ContainsFunc(c.targets, func(t target) bool { return t.matches(host, port, usual) }) {
		return nil, authcore.Errorf(authcore.CodeInvalid, "the host of the device is none of the targets of channel callback: %s", strings.Join(c.Targets, ", "))
	}
	return u, nil
}
