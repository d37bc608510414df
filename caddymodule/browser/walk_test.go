package browser

import "testing"

// walk goes through every page of the portal and has a look at each.
func walk(t *testing.T, language string, look func(w *window, page string)) {
}
