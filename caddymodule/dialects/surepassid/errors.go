package surepassid

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// general is the number of what the vendor has none for.
const general = -1

// names are the vendor's, with his spelling, of his return codes. There is no 9024.
var names = map[int]string{
	9000: "PartnerLoginFailed", 9001: "PartnerUserLoginFailed", 9002: "OTPAlreadyUsed", 9003: "OTPInvalid", 9004: "DeviceInvalid",
	9005: "UpdateDeviceCounterFailed", 9006: "MaximumCardUsesExceeded", 9007: "PartnerUserLoginDisabled", 9008: "DeviceTypeInvalid",
	9009: "DeviceNotSpecified", 9010: "DatabaseError", 9011: "OTPTypeInvalid", 9012: "SMSSendError", 9013: "InvalidDeviceConfig",
	9014: "NoAdminDeviceDefined", 9015: "MaximumFailedOTPRequestsExceeded", 9016: "CreateTransactionFailed",
	9017: "PartnerUserSendPasswordEmailFailed", 9018: "DeviceAssignedToDifferentPartner", 9019: "DeviceInUse",
	9020: "SerialNumberNotSpecified", 9021: "DeviceNotFound", 9022: "UpdateTransactionStatusFailed", 9023: "UpdateTransactionStatusInvalid",
	9025: "UpdateTransactionReferenceCodeNotSpecified", 9026: "UpdateTransactionReferenceCodeNotFound",
	9027: "UpdateTransactionApprovalCodeMissmatch", 9028: "DeviceDiabled", 9029: "BogusSerialNumber", 9030: "BogusOTP",
	9031: "EmailSendError", 9032: "AccountExpired", 9033: "PartnerUserLoginFailedNotAdmin", 9034: "PartnerUserLoginFailedInvalidOTP",
	9035: "TimeDriftInvalid", 9036: "NoDevicesDefined", 9037: "NoChallengeDevicesDefined", 9038: "PartnerUserLoginFailedInvalidDomain",
	9039: "DeviceIsNotAChallengeDevice", 9040: "SystemKeyProviderEnpointNotSet", 9041: "SystemTwoFactorNotSet",
	9042: "GetRadiusServerClientList", 9043: "SendOTPExpired", 9044: "SendOTPInvalidDeliveryMethod",
}

// reasons are the return codes of what the core tells more about.
var reasons = map[authcore.Reason]int{
	authcore.ReasonIntegrator:    9000,
	authcore.ReasonOperation:     9000,
	authcore.ReasonRate:          general,
	authcore.ReasonNoUser:        9001,
	authcore.ReasonWrongSecret:   9001,
	authcore.ReasonUserTaken:     general,
	authcore.ReasonUserDisabled:  9007,
	authcore.ReasonNoAddress:     9012, // by e-mail 9031: see unsent
	authcore.ReasonUndelivered:   9012,
	authcore.ReasonNoDevice:      9021,
	authcore.ReasonNone:          9036,
	authcore.ReasonInactive:      9028,
	authcore.ReasonSerial:        9029,
	authcore.ReasonSerialTaken:   9019,
	authcore.ReasonAssigned:      9019,
	authcore.ReasonDrift:         9035,
	authcore.ReasonMalformedCode: 9030,
	authcore.ReasonWrongCode:     9003,
	authcore.ReasonReplayed:      9002,
	authcore.ReasonExpired:       9043,
	authcore.ReasonPaused:        9015,
	authcore.ReasonUnanswered:    general,
	authcore.ReasonDenied:        general,
	authcore.ReasonStale:         general,
	authcore.ReasonFixed:         general,
	// Nothing that the API does has these: they are about accounts and client devices.
	authcore.ReasonTries:         general,
	authcore.ReasonNoAccount:     general,
	authcore.ReasonAccountClosed: general,
	authcore.ReasonHub:           general,
	authcore.ReasonRequester:     general,
	authcore.ReasonApprover:      general,
	authcore.ReasonClientDevice:  general,
}

// table is how the dialect shows a code of the core without a reason. Only what failed
// before the API had a say has a status of its own: a StatusError.
var table = dialect.Table{
	authcore.CodeInternal:        {Status: http.StatusOK, Code: strconv.Itoa(general)},
	authcore.CodeInvalid:         {Status: http.StatusOK, Code: strconv.Itoa(general)},
	authcore.CodeUnauthenticated: {Status: http.StatusOK, Code: "9000"},
	authcore.CodeStepUp:          {Status: http.StatusOK, Code: "9000"},
	authcore.CodeForbidden:       {Status: http.StatusOK, Code: "9000"},
	authcore.CodeNotFound:        {Status: http.StatusOK, Code: strconv.Itoa(general)},
	authcore.CodeConflict:        {Status: http.StatusOK, Code: strconv.Itoa(general)},
	authcore.CodeThrottled:       {Status: http.StatusOK, Code: "9015"},
	authcore.CodeUnavailable:     {Status: http.StatusOK, Code: "9010"},
}

// failure is an error whose return code is known where it is found.
type failure struct {
	number int
	err    error
	text   string // the vendor's own; empty: his name of the code, and what err says
	more   string // after that: what the integrator can do about it
}

func (f *failure) Error() string { return f.err.Error() }

// Unwrap gives the error of the core.
func (f *failure) Unwrap() error { return f.err }

func fail(number int, format string, args ...any) error {
	return &failure{number: number, err: authcore.Errorf(authcore.CodeInvalid, format, args...)}
}

// config gives an error about the fields of a device the return code for that, if
// nothing more is known of it.
func config(err error) error {
	if code := authcore.CodeOf(err); authcore.ReasonOf(err) == "" && (code == authcore.CodeInvalid || code == authcore.CodeConflict) {
		var f *failure
		if !errors.As(err, &f) {
			return &failure{number: 9013, err: err}
		}
	}
	return err
}

// unsent tells a message by e-mail that could not be sent from one by SMS or voice,
// and how a user gets the address that he lacks, if there is a user.
func unsent(err error, by authcore.DeviceKind, user bool) error {
	r := authcore.ReasonOf(err)
	if r != authcore.ReasonNoAddress && r != authcore.ReasonUndelivered {
		return err
	}
	f, field := &failure{number: 9012, err: err}, "mobile"
	if by == authcore.KindEmail {
		f.number, field = 9031, "email"
	}
	if r == authcore.ReasonNoAddress && user {
		f.more = "its field is " + field
	}
	return f
}

// find gives the return code of err, and what else goes with it.
func find(w http.ResponseWriter, err error) (status, number int, text string) {
	row := table.Find(w, err) // the headers too
	number, _ = strconv.Atoi(row.Code)
	if of, known := reasons[authcore.ReasonOf(err)]; known {
		number = of
	}
	var f *failure
	if errors.As(err, &f) {
		number = f.number
	}
	if f != nil && f.more != "" {
		row.Text += ": " + f.more
	}
	var transport *dialect.StatusError
	if errors.As(err, &transport) || number == 0 { // nothing of an error is a success
		number = general
	}
	switch name := names[number]; {
	case f != nil && f.text != "":
		return row.Status, number, f.text
	case name != "":
		return row.Status, number, name + ": " + row.Text
	}
	return row.Status, number, row.Text
}

// fail answers a request of which the type is known.
func (x *exchange) fail(w http.ResponseWriter, sent string, err error) {
	status, number, text := find(w, err)
	if number == 9001 { // the vendor's words, as for 9003: see wrongCode
		if text = names[number] + ": send username"; x.text("username") != "" {
			text = fmt.Sprintf("User login failure [%s]", x.text("username"))
		}
	}
	write(w, status, answer{number, text, sent}, nil)
}

// WriteError answers a request that was not read.
func (*SurePassID) WriteError(w http.ResponseWriter, err error) {
	status, number, text := find(w, err)
	write(w, status, answer{ErrorCode: number, ErrorMessage: text}, nil)
}
