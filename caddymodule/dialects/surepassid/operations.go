package surepassid

import (
	"maps"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// handler answers one request: with the members that follow the first three of every
// answer, nil for none.
type handler func(x *exchange) (members any, err error)

// operations are the types that are served, by their own names.
var operations = map[string]handler{
	"add_oath_device":        addDevice,
	"active_oath_device":     resynchronise,
	"sync_oath_device":       resynchronise,
	"validate_oath_otp":      validateCode,
	"send_oath_otp":          sendCode,
	"send_push_message":      sendPush,
	"receive_push_response":  receivePush,
	"find_device":            findDevice,
	"assign_device":          assignDevice,
	"unassign_device":        unassignDevice,
	"enable_device":          enableDevice,
	"disable_device":         disableDevice,
	"delete_device":          deleteDevice,
	"get_oath_device_qrcode": showKey,
	"provision_oath_device":  provision,
	"add_user":               addUser,
	"update_user":            updateUser,
	"delete_user":            deleteUser,
	"find_user":              findUser,
	"find_users":             findUsers,
	"validate_user":          validateUser,
	"add_oath_account":       addAccount,
	"create_session_token":   openSession,
	"is_session_token_valid": findSession,
	"expire_session_token":   closeSession,
}

// aliases are names that older pages and samples of the vendor have for a type.
var aliases = map[string]string{
	"activate_oath_device": "active_oath_device",
	"activate_device":      "active_oath_device",
	"add_oath_devive":      "add_oath_device",
	"add_oath_user":        "add_oath_account",
	"delete_session_token": "expire_session_token",
	"push_oath_otp":        "send_push_message",
}

var (
	noU2F  = fail(9011, "U2F is not served here: register an OATH device")
	noPush = fail(general, "an app is taken away with delete_device")
)

// unserved are types of the vendor's that are known and refused.
var unserved = map[string]error{
	"add_u2f_account": noU2F, "add_u2f_device": noU2F, "pre_enroll": noU2F, "enroll": noU2F,
	"pre_sign": noU2F, "sign": noU2F, "delete_key": noU2F, "delete_all_keys": noU2F,
	"delete_push_user_device": noPush,
}

// Operations are what an integrator may be allowed to ask for.
func (*SurePassID) Operations() []string { return slices.Sorted(maps.Keys(operations)) }

// operationOf is the own name of a type, whatever its case; empty when it is not
// served.
func operationOf(sent string) string {
	name := strings.ToLower(strings.TrimSpace(sent))
	if own, alias := aliases[name]; alias {
		name = own
	}
	if operations[name] == nil {
		return ""
	}
	return name
}

// handlerOf gives what answers a type of which it is known that its caller may ask.
func handlerOf(sent string) handler {
	if h := operations[operationOf(sent)]; h != nil {
		return h
	}
	return func(*exchange) (any, error) {
		if err := unserved[strings.ToLower(strings.TrimSpace(sent))]; err != nil {
			return nil, err
		}
		if strings.TrimSpace(sent) == "" {
			return nil, fail(general, "type is missing")
		}
		return nil, authcore.Errorf(authcore.CodeInvalid, "Unsupported request type [%s]", sent)
	}
}
