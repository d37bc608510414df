package authcore

import (
	"slices"
	"strings"
	"testing"
)

func TestPasswordListIsLongAndSorted(t *testing.T) {
	list := passwordList()
	if len(list) < 3000 {
		t.Fatalf("%d passwords, want at least 3000", len(list))
	}
	// The search is binary: an unsorted line would never be found.
	if !slices.IsSorted(list) {
		t.Error("not sorted")
	}
	for _, p := range list {
		if len(p) < 8 || p != strings.ToLower(p) || strings.TrimSpace(p) != p {
			t.Errorf("%q: want at least 8 characters, lower case, no space around", p)
		}
	}
}

func TestCommonPassword(t *testing.T) {
	list := passwordList()
	for _, p := range []string{"password1", "PassWord1", "qwertyuiop", "12345678", list[0], list[len(list)-1]} {
		if !commonPassword(p) {
			t.Errorf("%q passes, want it refused", p)
		}
	}
	for _, p := range []string{"", "#", "mossy lantern kettle vowel", "xpassword1", "password1x", "12345678\n"} {
		if commonPassword(p) {
			t.Errorf("%q is refused, want it to pass", p)
		}
	}
}
