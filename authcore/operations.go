package authcore

// What integrators may be allowed to ask Approvals for, in the words of the dialects.
const (
	OpCreateDevice   = "create_device"
	OpValidateDevice = "validate_device"
	OpResendToken    = "resend_token"
	OpShowDevice     = "show_device"
	OpListDevices    = "list_devices"
	OpDisableDevice  = "disable_device"
)
