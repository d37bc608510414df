package authcore

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// passwordText is the block list, one password a line, sorted. Where it comes
// from and its licence stand in its own first lines and in the file NOTICE.
//
//go:embed passwords.txt
var passwordText string

// passwordList is the block list as a sorted slice. It is cut up once, when the
// first password is set: a process that sets none pays nothing.
var passwordList = sync.OnceValue(func() []string {
	text := passwordText
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
})

// commonPassword says whether p, in any case, is one of the commonest
// passwords. The whole of p is compared: a long password that contains a common
// one is not refused (NIST SP 800-63B 3.1.1.2).
func commonPassword(p string) bool {
	_, found := slices.BinarySearch(passwordList(), strings.ToLower(p))
	return found
}
