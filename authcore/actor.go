package authcore

import (
	"cmp"
	"regexp"
	"slices"
	"time"
)

// Actor is who asks the core for something. Every method of a service takes
// one and checks it against the object. The zero Actor may do nothing.
type Actor struct {
	kind      actorKind
	userID    string
	sessionID string // of a user
	// tenant is that of an integrator; of an operator, where bare names and serials
	// are looked up.
	tenant string
	// integrator and dialect name one.
	integrator, dialect string
	// operations are those that an integrator may ask for; empty: all. A pointer, so that
	// actors can be compared; nil: none, nothing was proven.
	operations *[]string
	// When the factors of a user were shown.
	authTime, otpTime time.Time
	external          bool   // the first was another source's word
	by                string // what the second was (RFC 8176)
	audience          string // the site that a user's token is for
}

type actorKind int

const (
	actorNobody actorKind = iota
	actorOperator
	actorUser
	actorIntegrator
)

// Operator is who can reach Caddy's admin endpoint: may do everything. A bare name
// or serial is one of the default tenant.
func Operator() Actor { return OperatorIn(DefaultTenant) }

// OperatorIn is an operator for whom a bare name or serial is one of tenant; empty:
// the default one.
func OperatorIn(tenant string) Actor {
	return Actor{kind: actorOperator, tenant: cmp.Or(tenant, DefaultTenant)}
}

var tenantName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// CheckTenant refuses names that no tenant can have.
func CheckTenant(tenant string) error {
	if !tenantName.MatchString(tenant) {
		return Errorf(CodeInvalid, "the name of a tenant has 1 to 64 small letters, digits or - _, and no others: %q", tenant)
	}
	return nil
}

// ActingUser is the user that p proves. He sees his own things only.
func ActingUser(p *Principal) Actor {
	if p == nil || p.UserID == "" {
		return Actor{}
	}
	return Actor{
		kind: actorUser, userID: p.UserID, sessionID: p.SessionID,
		tenant: p.Tenant, authTime: p.AuthTime, otpTime: p.OTPTime, external: slices.Contains(p.AMR, "fed"), by: second(p.AMR),
		audience: p.audience,
	}
}

// String names the actor for the audit trail.
func (a Actor) String() string {
	switch a.kind {
	case actorOperator:
		return "operator"
	case actorUser:
		return "user:" + a.userID
	case actorIntegrator:
		return "integrator:" + a.integrator
	default:
		return "anonymous"
	}
}

// Tenant is whose users and devices an integrator or a user sees; empty: a has none.
func (a Actor) Tenant() string { return a.tenant }

// operates says whether a may change what holds for every tenant.
func (a Actor) operates() error {
	if a.kind == actorOperator {
		return nil
	}
	return Errorf(CodeForbidden, "only an operator may do this")
}

// administers says whether a may change things that no user may change himself. Of
// which tenant the thing is, says maySee.
func (a Actor) administers() error {
	if a.isIntegrator() {
		return nil
	}
	return a.operates()
}

// isIntegrator says whether a is an integrator who has proven to be it: one whose name alone was
// shown has no operations, and may do nothing.
func (a Actor) isIntegrator() bool {
	return a.kind == actorIntegrator && a.tenant != "" && a.operations != nil
}

// maySee says whether a may see or touch what is of the tenant and belongs to the
// user; an empty user is nobody. A refusal reads exactly like a thing that does not
// exist (law: object checks, DEV-02).
func (a Actor) maySee(tenant, userID, what string) error {
	switch {
	case a.kind == actorOperator,
		a.kind == actorUser && userID != "" && a.userID == userID,
		a.isIntegrator() && a.tenant == tenant:
		return nil
	}
	return notFound(what)
}

// home is where a's bare names and serials are looked up.
func (a Actor) home() string { return cmp.Or(a.tenant, DefaultTenant) }

// mayAsk says whether a may ask for one of these operations of its dialect, whatever it is
// about. Of users and operators it is the object that decides.
func (a Actor) mayAsk(operations ...string) bool {
	switch a.kind {
	case actorOperator, actorUser:
		return true
	case actorIntegrator:
		return a.isIntegrator() && (len(*a.operations) == 0 ||
			slices.ContainsFunc(operations, func(o string) bool { return slices.Contains(*a.operations, o) }))
	}
	return false
}

// caller is a's share of the queue for password hashes.
func (a Actor) caller() string {
	if a.kind == actorIntegrator {
		return a.String()
	}
	return operatorCaller
}

// stands says whether the session of a user still does that a asks through, in the
// transaction of what he changes: a token may be proven before the session ends,
// and the hashes between take their time.
func (a Actor) stands(tx Tx) error {
	if a.kind != actorUser {
		return nil
	}
	s, err := tx.SessionByID(a.sessionID)
	if CodeOf(err) == CodeNotFound || err == nil && (!s.EndedAt.IsZero() || s.UserID != a.userID || !s.coded()) {
		return Errorf(CodeUnauthenticated, "the session has ended")
	}
	return err
}

// isUser says whether a is a user, who may do this for himself.
func (a Actor) isUser() error {
	if a.kind != actorUser || a.userID == "" {
		return Errorf(CodeForbidden, "only a user may do this, for himself")
	}
	return nil
}

// freshFactors is how old both factors may be of who changes a factor (law 7).
const freshFactors = 10 * time.Minute

// changesFactors says whether a may change the factors of the user he is.
func (a Actor) changesFactors(now time.Time) error {
	if err := a.isUser(); err != nil {
		return err
	}
	for _, shown := range []time.Time{a.authTime, a.otpTime} {
		if age := now.Sub(shown); age > freshFactors || age < -leeway {
			return &Error{Code: CodeStepUp, Message: "log in again with a one-time password to change how you log in", MaxAge: freshFactors}
		}
	}
	return nil
}

func notFound(what string) *Error {
	reasons := map[string]Reason{"user": ReasonNoUser, "device": ReasonNoDevice, "account": ReasonNoAccount}
	return Errorf(CodeNotFound, "no such %s", what).because(reasons[what])
}
