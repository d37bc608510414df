package authcore

import (
	"testing"

	"github.com/doorward/doorward/authcore/seal"
)

// Law 5: what is computed of a code does not depend on how long the PIN is, or the time
// that it takes would tell.
func TestPINLengthIsNotTimed(t *testing.T) {
	ring, err := seal.NewRing(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	c := &Core{ring: ring}
	for _, pin := range []string{"4711", "47115", "471158", "47115815"} {
		d := Device{ID: "d"}
		d.PIN = c.sealPIN(d, pin)
		for typed, right := range map[string]bool{"4711930240": pin == "4711", "47115930240": pin == "47115", "47115815930240": pin == "47115815"} {
			if code, ok := c.afterPIN(d, typed, 6); code != "930240" || ok != right {
				t.Errorf("PIN %s: of %s the code is %s, %v", pin, typed, code, ok)
			}
		}
		for _, typed := range []string{"", "1", "930240"} {
			if code, ok := c.afterPIN(d, typed, 6); code != typed || ok {
				t.Errorf("PIN %s: of %q the code is %q, %v", pin, typed, code, ok)
			}
		}
	}
}
