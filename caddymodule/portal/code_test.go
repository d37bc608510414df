package portal

import "testing"

// What people copy beside the digits of a code is none of it, and what else they
// type stays as it is: the core refuses it (OTP-02).
func TestTypedCode(t *testing.T) {
	for typed, code := range map[string]string{
		"123456": "123456", " 123 456\n": "123456", "123\u00a0456": "123456", "123-456": "123456", "123\u2011456": "123456",
		"１２３４５６": "123456", "abcdefghijklm": "abcdefghijklm", "12345a": "12345a", "١٢٣٤٥٦": "١٢٣٤٥٦", "+123456": "+123456", "": "",
	} {
		if got := typedCode(typed); got != code {
			t.Errorf("%q is read as %q, not %q", typed, got, code)
		}
	}
}
