package authcore

import (
	"crypto/rand"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The length of a password. Eight characters are enough because a password
// never opens anything alone here (NIST SP 800-63B section 3.1.1.2).
const (
	minPassword = 8   // characters
	maxPassword = 256 // bytes
)

// NewPassword makes a random password of 130 bits.
func NewPassword() string { return strings.ToLower(rand.Text()) }

// CheckPassword says why a password is refused: too short, too long, control
// characters, one of the commonest, or the user's own name. No rule demands
// kinds of characters.
func CheckPassword(password string, u User) error {
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return Errorf(CodeInvalid, "the password has control characters or is not UTF-8")
	}
	p := normal(password)
	switch {
	case utf8.RuneCountInString(p) < minPassword:
		return Errorf(CodeInvalid, "the password is too short: at least %d characters", minPassword)
	case len(password) > maxPassword || len(p) > maxPassword:
		return Errorf(CodeInvalid, "the password is too long: at most %d bytes", maxPassword)
	case commonPassword(p):
		return Errorf(CodeInvalid, "the password is among the commonest and would be guessed: choose another")
	}
	for _, word := range []string{u.Name, u.Email, u.Phone, "doorward"} {
		if word != "" && strings.EqualFold(p, word) {
			return Errorf(CodeInvalid, "the password is a name that an attacker knows: choose another")
		}
	}
	return nil
}
