package authcore

import (
	"net/netip"
	"net/url"
	"strings"
)

// How many bytes the address of a device may have that answers.
const (
	maxURL         = 2048
	maxDestination = 255
	maxWaker       = 1024
)

// checkAddress says whether a device of the kind can be asked at address here.
func (c *Core) checkAddress(kind DeviceKind, address string) error {
	if err := checkAskedAt(kind, address); err != nil {
		return err
	}
	if asker, ok := c.channels[kind].(Asker); ok {
		return asker.CheckAddress(address)
	}
	return nil
}

// checkAskedAt says whether it has the shape of what a device of the kind is asked at. It
// quotes nothing: what wakes an app may be a secret, and so may a path.
func checkAskedAt(kind DeviceKind, address string) error {
	most := map[DeviceKind]int{KindHTTP: maxURL, KindStomp: maxDestination, KindMobile: maxWaker}[kind]
	if address == "" {
		return Errorf(CodeInvalid, "a device of the kind %s is asked at an address: give %s", kind, askedAt[kind])
	}
	if len(address) > most {
		return Errorf(CodeInvalid, "the address of a device of the kind %s has %d bytes: %d are allowed", kind, len(address), most)
	}
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Errorf(CodeInvalid, "the address of a device of the kind %s has printable ASCII and no spaces", kind)
	}
	if kind == KindHTTP && !askable(address) || kind == KindStomp && address[0] != '/' {
		return Errorf(CodeInvalid, "a device of the kind %s is asked at %s", kind, askedAt[kind])
	}
	return nil
}

// askedAt says what the addresses are, in words.
var askedAt = map[DeviceKind]string{
	KindHTTP:   "an absolute https URL without a user and a fragment, or http of this machine",
	KindStomp:  "a destination of the broker that begins with a slash, as /queue/doorward.alice",
	KindMobile: "what wakes its app, as a push token",
}

func askable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" || strings.Contains(address, "#") {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}
