package authcore

import (
	"context"
	"slices"
	"strings"
	"time"
)

// AppToken is what an integrator shows in place of its secret, for an hour: a JWT of the type
// app+jwt, which opens nothing but the dialect that it was made for, at one site.
type AppToken struct {
	Token     string
	ExpiresAt time.Time
	// Scope are the operations that it is for; empty: all that the dialect has.
	Scope []string
}

// AppTokenLife is how long an AppToken is good.
const AppTokenLife = time.Hour

// Token makes an app token for who shows its secret (RFC 6749 section 4.4). scope are the
// operations that it is for, empty: all that the integrator may ask for. The errors are those
// of Admit; CodeForbidden with ReasonOperation for an operation that it may not ask for.
func (s *Integrators) Token(ctx context.Context, k Knock, audience string, scope []string) (AppToken, error) {
	i, actor, err := s.admit(ctx, k)
	if err != nil {
		return AppToken{}, err
	}
	for _, operation := range scope {
		if operation == "" || strings.ContainsAny(operation, " ") { // or it would read as all, or as two
			return AppToken{}, Errorf(CodeInvalid, "the scope has names without spaces, and none that is empty")
		}
		if err := s.MayAsk(ctx, actor, operation, k.From); err != nil {
			return AppToken{}, err
		}
	}
	if len(scope) == 0 {
		scope = i.Operations
	}
	scope = slices.Compact(slices.Sorted(slices.Values(scope)))
	t := AppToken{ExpiresAt: time.Unix(s.now().Add(AppTokenLife).Unix(), 0), Scope: scope}
	t.Token, err = s.signSide(sideToken{typ: appTokenType, audience: audience, door: i.Dialect, until: t.ExpiresAt},
		map[string]any{"sub": i.ID, "scope": strings.Join(scope, " ")})
	return t, err
}

// readToken gives the integrator that k's token names, if it has one, and what it is for. What
// is wrong with it is for the audit trail alone.
func (s *Integrators) readToken(k SharedKnock) (id string, scope []string, reason string, err error) {
	if k.Token == "" {
		return "", nil, "", nil
	}
	var words string
	t := sideToken{typ: appTokenType, audience: k.Audience, door: k.Dialect, longest: AppTokenLife}
	err = s.readSide(t, k.Token, map[string]*string{"sub": &id, "scope": &words})
	if CodeOf(err) == CodeUnavailable {
		return "", nil, "", err
	}
	if err != nil { // whatever is wrong with it is for the audit trail alone
		return "", nil, "token", nil //nolint:nilerr // the reason refuses
	}
	if words != "" {
		scope = strings.Split(words, " ")
	}
	return id, scope, "", nil
}

// narrowed are the operations that both lists have, each of which is all when it is empty.
// some says whether there are any: none must not read as all.
func narrowed(operations, scope []string) (both []string, some bool) {
	if len(operations) == 0 || len(scope) == 0 {
		return slices.Concat(operations, scope), true
	}
	both = slices.DeleteFunc(slices.Clone(operations), func(o string) bool { return !slices.Contains(scope, o) })
	return both, len(both) > 0
}
