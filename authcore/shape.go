package authcore

import (
	"fmt"
	"strings"
)

// isCode says whether text is n ASCII digits (law 5).
func isCode(text string, n int) bool {
	return len(text) == n && strings.Trim(text, "0123456789") == ""
}

// fits says whether typed has the shape of a code of n digits, after a PIN if d has
// one. How long that is stays unsaid: an answer that costs no try would tell it.
func (d Device) fits(typed string, n int) bool {
	if len(d.PIN) > 0 {
		return len(typed) >= leastPIN+n && len(typed) <= mostPIN+n && isCode(typed, len(typed))
	}
	return isCode(typed, n)
}

// shape is what fits asks of the device's own codes, in words.
func (d Device) shape() string {
	if len(d.PIN) > 0 {
		return fmt.Sprintf("its PIN, and %d digits after it", d.Digits)
	}
	return fmt.Sprintf("%d digits", d.Digits)
}
