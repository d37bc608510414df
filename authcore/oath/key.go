package oath

// Algorithm is the hash inside the HMAC (RFC 6238 section 1.2).
type Algorithm string

// The algorithms of RFC 6238.
const (
	SHA1   Algorithm = "SHA1"
	SHA256 Algorithm = "SHA256"
	SHA512 Algorithm = "SHA512"
)

// Key is what a device and the server share.
type Key struct {
	Secret    []byte
	Algorithm Algorithm
	Digits    int // 6 or 8
	Period    int // seconds, 15 to 120; TOTP only, 0 for HOTP
}
