package tokencsv

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
)

const (
	hexDigits     = "0123456789ABCDEF"
	base32Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// spelledInHex reads all rows. Many a secret reads as hex and as Base32: what can be
// only one of the two says what all of the file are.
func spelledInHex(rows *rows) (bool, error) {
	onlyHex, onlyBase32, whole, some := 0, 0, true, false
	for {
		row, err := rows.next()
		var bad *pskc.KeyError
		switch {
		case errors.Is(err, io.EOF) && !some:
			return false, errors.New("no device stands in the file")
		case errors.Is(err, io.EOF):
			return onlyHex > onlyBase32 || onlyHex == onlyBase32 && whole, nil
		case errors.As(err, &bad):
			some = true
			continue
		case err != nil:
			return false, err
		}
		some = true
		text := strings.ToUpper(joined(row.cells[secret]))
		isHex, isBase32 := consists(text, hexDigits), consists(text, base32Letters)
		switch {
		case isHex && !isBase32:
			onlyHex++
		case isBase32 && !isHex:
			onlyBase32++
		}
		if isHex || isBase32 {
			whole = whole && isHex && len(text)%2 == 0
		}
	}
}

// parseSecret never repeats a part of the text.
func parseSecret(text string, inHex bool) ([]byte, error) {
	text = joined(text)
	if text == "" {
		return nil, errors.New("the secret is missing")
	}
	if !inHex {
		secret, err := oath.ParseSecret(text)
		if err != nil {
			return nil, fmt.Errorf("the secrets of this file are Base32, and %w", err)
		}
		return secret, nil
	}
	if at := strings.IndexFunc(text, func(r rune) bool { return !consists(strings.ToUpper(string(r)), hexDigits) }); at >= 0 {
		return nil, fmt.Errorf("the secrets of this file are hex, and character %d of this one is not: 0 to 9 and A to F are allowed", at+1)
	}
	if len(text)%2 != 0 {
		return nil, fmt.Errorf("the secret has %d hex digits, which make no whole number of bytes: is one missing?", len(text))
	}
	return hex.DecodeString(text)
}

// joined takes away what parts groups, and padding.
func joined(secret string) string {
	return strings.TrimRight(strings.NewReplacer(" ", "", "-", "").Replace(secret), "=")
}

func consists(text, of string) bool {
	return text != "" && strings.Trim(text, of) == ""
}

var (
	serials = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)
	secrets = regexp.MustCompile(`[0-9A-F]{32}|[A-Z2-7]{26}`) // of 16 bytes and more
)

// ShownSerial is what a report may say of the serial of a line that is refused: empty
// if it can be no serial, or looks like a secret. Where the columns are in the wrong
// order, or parted by something else, the secret stands in its place.
func ShownSerial(serial string) string {
	if !serials.MatchString(serial) || secretlike(serial) {
		return ""
	}
	return serial
}

func secretlike(text string) bool { return secrets.MatchString(strings.ToUpper(joined(text))) }

// device says whether a row could be one of a table without a header.
func (c cells) device() bool {
	return secretlike(c[secret]) || slices.Contains([]string{"totp", "time", "hotp", "event"}, strings.ToLower(c[kind]))
}
