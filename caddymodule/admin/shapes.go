package admin

import "time"

// The requests.
type (
	// InTenant says in which tenant bare names and serials are looked up, and things
	// are listed and made; left out: in the default one.
	InTenant struct {
		Tenant string `json:"tenant,omitempty"`
	}
	// AddUser makes a user. Without a password a random one is made.
	AddUser struct {
		InTenant
		Name     string   `json:"name"`
		Email    string   `json:"email,omitempty"`
		Phone    string   `json:"phone,omitempty"`
		Groups   []string `json:"groups,omitempty"`
		Language string   `json:"language,omitempty"`
		Password string   `json:"password,omitempty"`
	}
	// UserRef names a user by name, e-mail, phone or ID.
	UserRef struct {
		InTenant
		User string `json:"user"`
	}
	// SetPassword gives a user a password; without one a random one is made.
	SetPassword struct {
		InTenant
		User     string `json:"user"`
		Password string `json:"password,omitempty"`
	}
	// Link names a user and an account of his at an identity source.
	Link struct {
		InTenant
		User     string `json:"user"`
		Identity string `json:"identity"` // the name of the source
		Subject  string `json:"subject"`
	}
	// AddDevice registers a device. What is left out takes the default that
	// authenticator apps expect; without a secret a random one is made.
	AddDevice struct {
		InTenant
		User      string `json:"user"`
		Kind      string `json:"kind"`
		Algorithm string `json:"algorithm,omitempty"`
		Digits    int    `json:"digits,omitempty"`
		Period    int    `json:"period,omitempty"`
		Secret    string `json:"secret,omitempty"` // Base32
		Serial    string `json:"serial,omitempty"`
		// Address is that of phone and email, else the user's own; the URL of http, the
		// destination of stomp, and what wakes a mobile_application.
		Address string `json:"address,omitempty"`
	}
	// DeviceRef names a device by serial or ID.
	DeviceRef struct {
		InTenant
		Device string `json:"device"`
	}
	// Assign gives a device to a user; Force takes it from another.
	Assign struct {
		InTenant
		Device string `json:"device"`
		User   string `json:"user"`
		Force  bool   `json:"force,omitempty"`
	}
	// Resync takes two consecutive codes.
	Resync struct {
		InTenant
		Device string `json:"device"`
		First  string `json:"first"`
		Second string `json:"second"`
	}
	// ImportRow is one device of a file.
	ImportRow struct {
		Line      int    `json:"line"`
		Serial    string `json:"serial"`
		Kind      string `json:"kind"`
		Secret    string `json:"secret"` // Base32
		Algorithm string `json:"algorithm,omitempty"`
		Digits    int    `json:"digits,omitempty"`
		Period    int    `json:"period,omitempty"`
		Counter   int64  `json:"counter,omitempty"`
		Drift     int    `json:"drift,omitempty"` // in steps
		Name      string `json:"name,omitempty"`
		// ExpiresAt is from when on its codes don't count.
		ExpiresAt time.Time `json:"expires_at,omitzero"`
	}
	// ImportBatch brings rows, authcore.ImportBatch of them at most, to an import that
	// has begun; without one they are only checked.
	ImportBatch struct {
		InTenant
		Import string      `json:"import,omitempty"`
		Rows   []ImportRow `json:"rows"`
	}
	// ListOf asks for what belongs to a user, or to everybody when it is empty.
	ListOf struct {
		InTenant
		User string `json:"user,omitempty"`
	}
	// SessionRef names a session.
	SessionRef struct {
		Session string `json:"session"`
	}
	// AddIntegrator makes an API client of a dialect. Without operations it may ask for
	// all, without addresses it may call from everywhere.
	AddIntegrator struct {
		InTenant
		Name       string   `json:"name"`
		Dialect    string   `json:"dialect"`
		Operations []string `json:"operations,omitempty"`
		Allow      []string `json:"allow,omitempty"` // networks or addresses
		Rate       int      `json:"rate,omitempty"`  // calls a minute
		// PublicKey is what it signs its calls with, in place of a key that is made:
		// SubjectPublicKeyInfo (RFC 5280 section 4.1), in Base64.
		PublicKey string `json:"public_key,omitempty"`
	}
	// IntegratorRef names an integrator.
	IntegratorRef struct {
		Name string `json:"name"`
	}
	// AddAccount makes an account. Without an ID, which apps know it by, a random one is made.
	AddAccount struct {
		InTenant
		Name string `json:"name"`
		ID   string `json:"id,omitempty"` // a UUID
		Hub  bool   `json:"hub,omitempty"`
	}
	// AccountRef names an account by name or ID.
	AccountRef struct {
		InTenant
		Account string `json:"account"`
	}
	// AddApprover lets a user approve devices on an account. What is left out of his
	// addresses is the user's own.
	AddApprover struct {
		InTenant
		Account  string `json:"account"`
		User     string `json:"user"`
		Document string `json:"document"` // 11 digits
		Phone    string `json:"phone,omitempty"`
		Email    string `json:"email,omitempty"`
		Face     string `json:"face,omitempty"` // what a verifier knows him by
	}
	// ApproverRef names an approver by the account and the user.
	ApproverRef struct {
		InTenant
		Account string `json:"account"`
		User    string `json:"user"`
	}
	// Nothing is the request of an operation that needs no words.
	Nothing struct{}
)

// The answers. Times are in UTC and without fractions of a second.
type (
	// User is an account.
	User struct {
		ID        string    `json:"id"`
		Tenant    string    `json:"tenant"`
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
		Tenant     string    `json:"tenant"`
		Serial     string    `json:"serial"`
		Name       string    `json:"name"` // what its owner calls it
		Kind       string    `json:"kind"`
		Status     string    `json:"status"`
		User       string    `json:"user"`                // the ID of whose it is
		UserName   string    `json:"user_name,omitempty"` // in lists
		Algorithm  string    `json:"algorithm"`
		Digits     int       `json:"digits"`
		Period     int       `json:"period"`  // seconds; 0 for HOTP
		Address    string    `json:"address"` // where codes and questions are sent
		CreatedAt  time.Time `json:"created_at,omitzero"`
		LastUsedAt time.Time `json:"last_used_at,omitzero"`
		ExpiresAt  time.Time `json:"expires_at,omitzero"` // from when on its codes don't count
	}
	// Asked tells of an app's device where it was asked for and by whom.
	Asked struct {
		Account   string `json:"account,omitempty"`    // the name
		DeviceKey string `json:"device_key,omitempty"` // what its app calls it
		AskedBy   string `json:"asked_by,omitempty"`   // the integrator; left out: the user himself
	}
	// DeviceWithSecret is a new device. The secret is shown this once.
	DeviceWithSecret struct {
		Device
		// Secret is Base32: the key of what makes codes, what http and stomp sign with, or
		// the token of a mobile_application. Phone and email have none.
		Secret string `json:"secret"`
		URI    string `json:"uri"` // otpauth://…, or doorward://enrol?… of a mobile_application
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
		Asked
		Lateness
		WrongCodes      int       `json:"wrong_codes"` // in a row
		WrongCodesTotal int       `json:"wrong_codes_total"`
		PausedUntil     time.Time `json:"paused_until,omitzero"`
	}
	// ImportRef names an import that has begun. Empty: none could, because another runs
	// or what broke off is being removed; ask again.
	ImportRef struct {
		InTenant
		Import string `json:"import"`
	}
	// ImportResult says what became of a row; they come in the order of the rows.
	ImportResult struct {
		Line    int    `json:"line"`
		Outcome string `json:"outcome"` // new, unchanged or refused
		Reason  string `json:"reason,omitempty"`
	}
	// Abandoned says whether all is gone that an import brought: if not, ask again.
	Abandoned struct {
		Done bool `json:"done"`
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
	// Integrator is an API client of a dialect.
	Integrator struct {
		ID         string    `json:"id"`
		Name       string    `json:"name"`
		Dialect    string    `json:"dialect"`
		Tenant     string    `json:"tenant"`
		Operations []string  `json:"operations"` // empty: all
		Allow      []string  `json:"allow"`      // empty: everywhere
		Rate       int       `json:"rate"`       // calls a minute
		CreatedAt  time.Time `json:"created_at,omitzero"`
		// Proof is how it is known: "key" that it shows, "shared_secret" that it signs with and
		// that is sealed in the store, "public_key" of what it signs with.
		Proof string `json:"proof"`
		// PublicKeySHA256 is the SHA-256 of what it signs with, in hexadecimal; left out: it
		// has no key pair.
		PublicKeySHA256 string `json:"public_key_sha256,omitempty"`
	}
	// IntegratorWithKey is a new one. The key, or the secret that is shared, is shown this
	// once; that of who signs with a key pair is its ID, and no secret.
	IntegratorWithKey struct {
		Integrator
		Key string `json:"key"`
	}
	// Account is what apps ask for devices on.
	Account struct {
		ID        string    `json:"id"` // its key in the dialect
		Tenant    string    `json:"tenant"`
		Name      string    `json:"name"`
		Status    string    `json:"status"` // active, blocked or closed
		Hub       bool      `json:"hub"`
		CreatedAt time.Time `json:"created_at,omitzero"`
	}
	// Approver is a user who says which devices an account has.
	Approver struct {
		Account   string    `json:"account"`             // the ID
		User      string    `json:"user"`                // the ID
		UserName  string    `json:"user_name,omitempty"` // in lists
		Document  string    `json:"document"`
		Phone     string    `json:"phone"` // empty: the user's own
		Email     string    `json:"email"` // empty: the user's own
		Face      string    `json:"face"`
		CreatedAt time.Time `json:"created_at,omitzero"`
	}
	// AddedApprover says too what the operator should know.
	AddedApprover struct {
		Approver
		Remark string `json:"remark,omitempty"`
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
