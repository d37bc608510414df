package authcore

import (
	"slices"
	"testing"
)

// An empty list is all; what two lists don't share is none, and not all.
func TestNarrowed(t *testing.T) {
	for _, c := range []struct {
		operations, scope, want []string
		some                    bool
	}{
		{nil, nil, nil, true},
		{[]string{"a"}, nil, []string{"a"}, true},
		{nil, []string{"a"}, []string{"a"}, true},
		{[]string{"a", "b"}, []string{"b", "c"}, []string{"b"}, true},
		{[]string{"a"}, []string{"b"}, nil, false},
	} {
		if both, some := narrowed(c.operations, c.scope); !slices.Equal(both, c.want) || some != c.some {
			t.Errorf("%q and %q: %q, %t", c.operations, c.scope, both, some)
		}
	}
}
