package admin

import "time"

// The requests.
type (
	// AddUser makes a user. Without a password a random one is made.
	AddUser struct {
		Name     string   `json:"name"`
		Email    string   `json:"email,omitempty"`
		Phone    string   `json:"phone,omitempty"`
		Groups   []string `json:"groups,omitempty"`
		Language string   `json:"language,omitempty"`
		Password string   `json:"password,omitempty"`
	}
	// UserRef names a user by name, e-mail, phone or ID.
	UserRef struct {
		User string `json:"user"`
	}
	// SetPassword gives a user a password; without one a random one is made.
	SetPassword struct {
		User     string `json:"user"`
		Password string `json:"password,omitempty"`
	}
	// Link names a user and an account of his at an identity source.
	Link struct {
		User     string `json:"user"`
		Identity string `json:"identity"` // the name of the source
		Subject  string `json:"subject"`
	}
	// AddDevice registers a device. What is left out takes the default that
	// authenticator apps expect; without a secret a random one is made.
	AddDevice struct {
		User      string `json:"user"`
		Kind      string `json:"kind"`
		Algorithm string `json:"algorithm,omitempty"`
		Digits    int    `json:"digits,omitempty"`
		Period    int    `json:"period,omitempty"`
		Secret    string `json:"secret,omitempty"` // Base32
		Serial    string `json:"serial,omitempty"`
		Address   string `json:"address,omitempty"` // of phone and email; else the user's own
	}
	// DeviceRef names a device by serial or ID.
	DeviceRef struct {
		Device string `json:"device"`
	}
	// Resync takes two consecutive codes.
	Resync struct {
		Device string `json:"device"`
		First  string `json:"first"`
		Second string `json:"second"`
	}
	// ListOf asks for what belongs to a user, or to everybody when it is empty.
	ListOf struct {
		User string `json:"user,omitempty"`
	}
	// SessionRef names a session.
	SessionRef struct {
		Session string `json:"session"`
	}
	// Nothing is the request of an operation that needs no words.
	Nothing struct{}
)

// The answers. Times are in UTC and without fractions of a second.
type (
	// User is an account.
	User struct {
		ID        string    `json:"id"`
		Name      string    `json:"name"`
		Email     string    `json:"email"`
		Phone     string    `json:"phone"`
		Groups    []string  `json:"groups"`
		Language  string    `json:"language"`
		Status    string    `json:"status"` // active or disabled
		CreatedAt time.Time `json:"created_at,omitzero"`
	}
	// UserWithPassword has the password if the server made it, this once.
	UserWithPassword struct {
		User
		Password string `json:"password,omitempty"`
	}
	// UserWithIdentities tells what may be shown in place of his password too.
	UserWithIdentities struct {
		User
		Identities []Identity `json:"identities"`
	}
	// Identity is an account at an identity source that is linked to a user.
	Identity struct {
		Identity string `json:"identity"` // the name of the source
		Subject  string `json:"subject"`
	}
	// Invitation is a link to enrol a device with. It is shown this once.
	Invitation struct {
		URL       string    `json:"url"`
		User      string    `json:"user"` // his name
		ExpiresAt time.Time `json:"expires_at,omitzero"`
	}
	// Device is an authenticator.
	Device struct {
		ID         string    `json:"id"`
		Serial     string    `json:"serial"`
		Name       string    `json:"name"` // what its owner calls it
		Kind       string    `json:"kind"`
		Status     string    `json:"status"`
		User       string    `json:"user"`                // the ID of whose it is
		UserName   string    `json:"user_name,omitempty"` // in lists
		Algorithm  string    `json:"algorithm"`
		Digits     int       `json:"digits"`
		Period     int       `json:"period"`  // seconds; 0 for HOTP
		Address    string    `json:"address"` // where codes are sent
		CreatedAt  time.Time `json:"created_at,omitzero"`
		LastUsedAt time.Time `json:"last_used_at,omitzero"`
	}
	// DeviceWithSecret is a new device. The secret is shown this once.
	DeviceWithSecret struct {
		Device
		Secret string `json:"secret"` // Base32; empty when codes are sent
		URI    string `json:"uri"`    // otpauth://…
	}
	// Lateness tells where a device that makes its codes itself stands, as far as its
	// last code showed: the clock of totp, in steps ahead (negative: late) and in
	// seconds, or the counter of the next code of hotp.
	Lateness struct {
		Drift        *int   `json:"drift,omitempty"`
		DriftSeconds *int   `json:"drift_seconds,omitempty"`
		NextCounter  *int64 `json:"next_counter,omitempty"`
	}
	// DeviceWithAttempts tells the wrong codes too.
	DeviceWithAttempts struct {
		Device
		Lateness
		WrongCodes      int       `json:"wrong_codes"` // in a row
		WrongCodesTotal int       `json:"wrong_codes_total"`
		PausedUntil     time.Time `json:"paused_until,omitzero"`
	}
	// Session is a login that is still open.
	Session struct {
		ID        string    `json:"id"`
		User      string    `json:"user"` // the ID of whose it is
		UserName  string    `json:"user_name,omitempty"`
		Device    string    `json:"device"` // the ID of the device whose code was used
		Serial    string    `json:"serial,omitempty"`
		Audience  string    `json:"audience"`
		ClientID  string    `json:"client_id"`
		Address   string    `json:"address"`
		Agent     string    `json:"agent"` // the browser, as it names itself
		OTPAt     time.Time `json:"otp_at,omitzero"`
		ExpiresAt time.Time `json:"expires_at,omitzero"`
	}
	// Key is a new signing key.
	Key struct {
		ID        string    `json:"id"`
		Algorithm string    `json:"algorithm"`
		SignsFrom time.Time `json:"signs_from,omitzero"`
	}
	// Sealed says how many values were sealed anew.
	Sealed struct {
		Changed int `json:"changed"`
	}
	// Retired says what was ended after a restore.
	Retired struct {
		Sessions int64 `json:"sessions"`
		TOTP     int64 `json:"totp_devices"`
		HOTP     int64 `json:"hotp_devices"`
		Backup   int64 `json:"backup_devices"`
	}
)
