package authcore

import "fmt"

// The length of a PIN, in digits: see checkPIN.
const (
	leastPIN = 4
	mostPIN  = 8
)

// fits says whether code has the shape of n digits, after a PIN if d has one. How long
// that is stays unsaid: an answer that costs no try would tell it.
func (d Device) fits(code string, n int) bool {
	for _, r := range code {
		if r < '0' || r > '9' {
			return false
		}
	}
	if len(d.PIN) > 0 {
		return len(code) >= leastPIN+n && len(code) <= mostPIN+n
	}
	return len(code) == n
}

// shape is what fits asks of the device's own codes, in words.
func (d Device) shape() string {
	if len(d.PIN) > 0 {
		return fmt.Sprintf("its PIN, and %d digits after it", d.Digits)
	}
	return fmt.Sprintf("%d digits", d.Digits)
}
