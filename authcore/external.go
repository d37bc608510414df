package authcore

import (
	"context"
	"maps"
	"slices"
)

// Sources names the identity sources there are.
func (l *Logins) Sources() []string { return slices.Sorted(maps.Keys(l.identities)) }

// Offered are the kinds that a second factor may have here, the one that is
// offered first before the others.
func (l *Logins) Offered() Factors {
	return slices.DeleteFunc(slices.Clone(l.factors), func(k DeviceKind) bool { return k == KindBackup })
}

// External checks what a client brings from the identity source that a names,
// in place of a password. Whatever is wrong, an account that is linked to
// nobody and an unknown source among it, it costs and answers as a wrong
// password does (law 12).
func (l *Logins) External(ctx context.Context, a Attempt, source string, proof Proof) (*Verified, error) {
	return nil, Errorf(CodeInternal, "not built yet")
}
