package elcoin

import "github.com/doorward/doorward/authcore"

// deviceTypes are the vendor's, in the order of his list. They are the core's words too.
var deviceTypes = []string{
	string(authcore.KindEmail), string(authcore.KindHTTP), string(authcore.KindMobile),
	string(authcore.KindPhone), string(authcore.KindStomp), string(authcore.KindTOTP),
}

// kinds are those that the vendor knows; devices of others are none of his.
func kinds() (list []authcore.DeviceKind) {
	for _, name := range deviceTypes {
		list = append(list, authcore.DeviceKind(name))
	}
	return list
}

// The vendor's states of a device, in the order of his list.
const (
	active      = "active"
	blocked     = "blocked"
	deactivated = "deactivated"
)

var deviceStatuses = []string{active, blocked, deactivated}

// statusesOf are the core's states that a word of the vendor's stands for: what waits to be
// activated opens nothing yet, and what was rejected never will. The first is what a device
// is moved to.
var statusesOf = map[string][]authcore.DeviceStatus{
	active:      {authcore.StatusActive},
	blocked:     {authcore.StatusBlocked, authcore.StatusPending},
	deactivated: {authcore.StatusDeactivated, authcore.StatusRejected},
}

// statusWord is the vendor's word for a state. What is not known counts for nothing.
func statusWord(s authcore.DeviceStatus) string {
	switch s {
	case authcore.StatusActive:
		return active
	case authcore.StatusDeactivated, authcore.StatusRejected:
		return deactivated
	}
	return blocked
}
