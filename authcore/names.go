package authcore

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/secure/precis"
)

// The limits of names, in characters.
const (
	maxName  = 128
	maxEmail = 254 // RFC 5321 section 4.5.3.1.3, less the angle brackets
	maxGroup = 64
)

// CanonicalName brings a user name into the one form that is stored and
// compared: RFC 8265 UsernameCaseMapped (case, width and NFC folded; control
// characters, spaces and mixed directions refused), at most 128 characters, at
// most one "@", and not the shape of an ID.
func CanonicalName(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) {
		return "", Errorf(CodeInvalid, "the user name is not valid UTF-8")
	}
	if s == "" || utf8.RuneCountInString(s) > maxName {
		return "", Errorf(CodeInvalid, "a user name has 1 to %d characters", maxName)
	}
	name, err := precis.UsernameCaseMapped.String(s)
	if err != nil {
		return "", Wrap(CodeInvalid, err, "the user name has a character that names may not have (RFC 8265): use letters, digits and signs, no spaces")
	}
	if strings.Count(name, "@") > 1 {
		return "", Errorf(CodeInvalid, "a user name has at most one @")
	}
	if _, err := uuid.Parse(name); err == nil {
		return "", Errorf(CodeInvalid, "a user name may not look like an ID")
	}
	if phone, err := CanonicalPhone(name); err == nil && phone != name { // a login would mean the phone
		return "", Errorf(CodeInvalid, "a user name that is a phone number has digits only after its +: %s", phone)
	}
	return name, nil
}

// CanonicalEmail is CanonicalName for an address: one "@" with text on both sides.
func CanonicalEmail(s string) (string, error) {
	email, err := CanonicalName(s)
	if err != nil {
		return "", Errorf(CodeInvalid, "the e-mail address has a character that is not allowed, or is too long")
	}
	local, domain, found := strings.Cut(email, "@")
	if !found || local == "" || domain == "" || len(email) > maxEmail {
		return "", Errorf(CodeInvalid, "an e-mail address looks like name@example.com")
	}
	return email, nil
}

var (
	e164        = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	phoneSpaces = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "")
)

// CanonicalPhone brings a number into the form of E.164: "+" and 7 to 15 digits.
func CanonicalPhone(s string) (string, error) {
	phone := phoneSpaces.Replace(strings.TrimSpace(s))
	if !e164.MatchString(phone) {
		return "", Errorf(CodeInvalid, "a phone number is + and 7 to 15 digits, like +79001234567")
	}
	return phone, nil
}

// canonicalLogin is the form of whatever a person types as his name. What has
// no such form names nobody, but still must be counted.
func canonicalLogin(s string) string {
	if phone, err := CanonicalPhone(s); err == nil {
		return phone
	}
	if name, err := CanonicalName(s); err == nil {
		return name
	}
	return ""
}

// canonicalID is the form in which an ID is stored: a UUID in small letters (RFC 9562
// section 4). Braces and "urn:uuid:" are none.
func canonicalID(s string) (string, bool) {
	if len(s) != 36 || uuid.Validate(s) != nil {
		return "", false
	}
	return strings.ToLower(s), true
}

// CheckGroup refuses group names that could not stand in a header: letters,
// digits and . _ - : / @ +, at most 64 characters.
func CheckGroup(group string) error {
	ok := group != "" && utf8.ValidString(group) && utf8.RuneCountInString(group) <= maxGroup
	for _, r := range group {
		ok = ok && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-:/@+", r))
	}
	if !ok {
		return Errorf(CodeInvalid, "a group name has 1 to %d letters, digits or . _ - : / @ +, and no comma or space: %q", maxGroup, group)
	}
	return nil
}

// unknownSubject is the attempt subject of a name that nobody has: a digest, so
// that the table holds no text of anonymous callers, cut to a bounded length.
func unknownSubject(tenant, typed string) string {
	login := canonicalLogin(typed)
	if login == "" {
		login = "?" + typed
	}
	sum := sha256.Sum256([]byte(tenant + "\x00" + login))
	return "name:" + hex.EncodeToString(sum[:16])
}

// addressKey is the part of an address that one caller has: an IPv4 address, or
// the /64 of an IPv6 one.
func addressKey(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "?"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}
