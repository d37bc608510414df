package stomp

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// maxDestination bounds the destination of a device, in bytes.
const maxDestination = 255

// A destination is words between slashes. What some broker reads as more than a name is not
// in it: wildcards (* # >), escapes (%), lists (,), options (?) and queues of another address (::).
var destination = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$`)

func isDestination(text string) bool {
	return len(text) <= maxDestination && destination.MatchString(text)
}

// CheckAddress refuses a destination that devices may not be at, and says which are.
func (s *Stomp) CheckAddress(address string) error {
	if !isDestination(address) {
		return authcore.Errorf(authcore.CodeInvalid, "the address of a device is a destination like /queue/phone-of-alice: letters, digits and ._- between slashes, at most %d bytes", maxDestination)
	}
	if !slices.ContainsFunc(s.destinations, func(prefix string) bool { return strings.HasPrefix(address, prefix) }) {
		return authcore.Errorf(authcore.CodeInvalid, "the destination of the device begins with none of those of channel stomp: %s", strings.Join(s.destinations, ", "))
	}
	// One queue has several names: /queue/x is /amq/queue/x too.
	if strings.EqualFold(path.Base(address), path.Base(s.reply)) {
		return authcore.Errorf(authcore.CodeInvalid, "the destination of the device is where answers come")
	}
	return nil
}
