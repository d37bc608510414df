package authcore

import (
	"cmp"
	"context"
	"regexp"

	"github.com/google/uuid"
)

// Accounts looks after accounts and their approvers. All of it is for operators.
type Accounts struct{ *Core }

// NewAccount is what Add makes an account of.
type NewAccount struct {
	Tenant string // empty: the operator's
	Name   string // 1 to 64 letters, digits or - _ . @
	ID     string // a UUID, in any case; empty: a new one
	Hub    bool
}

var accountName = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,64}$`)

// Add makes an active account. CodeConflict when the name or the ID is taken.
func (s *Accounts) Add(ctx context.Context, actor Actor, n NewAccount) (Account, error) {
	if err := actor.operates(); err != nil {
		return Account{}, err
	}
	a, err := n.account(actor)
	if err != nil {
		return Account{}, err
	}
	a.CreatedAt = s.now()
	err = s.write(ctx, func(tx *journal) error {
		if err := tx.CreateAccount(a); err != nil {
			return err
		}
		return s.record(tx, accountEvent(actor, a, "account.add"))
	})
	if CodeOf(err) == CodeConflict {
		err = Errorf(CodeConflict, "there is an account with the name %s already", a.Name)
		if n.ID != "" {
			err = Errorf(CodeConflict, "there is an account with the name %s or the key %s already", a.Name, a.ID)
		}
	}
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

// account gives n with its defaults, or says what is wrong with it.
func (n NewAccount) account(actor Actor) (Account, error) {
	a := Account{Tenant: cmp.Or(n.Tenant, actor.home()), Name: n.Name, ID: uuid.NewString(), Hub: n.Hub, Status: AccountActive}
	if err := CheckTenant(a.Tenant); err != nil {
		return a, err
	}
	if !accountName.MatchString(n.Name) {
		return a, Errorf(CodeInvalid, "the name of an account has 1 to 64 letters, digits or - _ . @, and no others: %q", n.Name)
	}
	if uuid.Validate(n.Name) == nil { // or it would be looked up as one
		return a, Errorf(CodeInvalid, "the name of an account may not look like an ID: %q", n.Name)
	}
	if n.ID != "" {
		var ok bool
		if a.ID, ok = canonicalID(n.ID); !ok {
			return a, Errorf(CodeInvalid, "the key of an account is a UUID, like %s, and not %q", uuid.Nil, n.ID)
		}
	}
	return a, nil
}

// List gives the accounts of actor's tenant, by name.
func (s *Accounts) List(ctx context.Context, actor Actor) (list []Account, err error) {
	if err := actor.operates(); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { list, err = tx.Accounts(actor.home()); return err })
	return list, err
}

// findAccount finds what ref names by ID, in any case, or by name in actor's tenant.
func findAccount(tx Tx, actor Actor, ref string) (a Account, err error) {
	if id, isID := canonicalID(ref); isID {
		a, err = tx.AccountByID(id)
	} else if accountName.MatchString(ref) { // some databases take no text as it comes
		a, err = tx.AccountByName(actor.home(), ref)
	} else {
		err = notFound("account")
	}
	if CodeOf(err) == CodeNotFound {
		return Account{}, notFound("account")
	}
	if err != nil {
		return Account{}, err
	}
	return a, actor.maySee(a.Tenant, "", "account")
}

// accountEvent names the account: it has no column of its own.
func accountEvent(actor Actor, a Account, action string) Event {
	return Event{Actor: actor.String(), Action: action, Outcome: OutcomeOK, Reason: a.Name, Tenant: a.Tenant}
}
