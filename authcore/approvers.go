package authcore

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AddApprover lets a user approve devices on an account: both are of one tenant.
// a.Account and a.UserID name them in any way, a.Document may have dots, dashes and
// spaces. CodeConflict when he is one already, his document is another's there, or the
// account is closed.
func (s *Accounts) AddApprover(ctx context.Context, actor Actor, a Approver) (Approver, error) {
	if err := actor.operates(); err != nil {
		return Approver{}, err
	}
	a, err := a.checked()
	if err != nil {
		return Approver{}, err
	}
	a.CreatedAt = s.now()
	err = s.write(ctx, func(tx *journal) error {
		account, err := findAccount(tx, actor, a.Account)
		if err != nil {
			return err
		}
		u, err := findUser(tx, actor, a.UserID)
		if err != nil {
			return err
		}
		switch {
		case u.Tenant != account.Tenant:
			return Errorf(CodeInvalid, "user %s is of the tenant %s, and account %s of the tenant %s: an approver is of the same", u.Name, u.Tenant, account.Name, account.Tenant)
		case account.Status == AccountClosed:
			return Errorf(CodeConflict, "account %s is closed: it has no more approvers", account.Name).because(ReasonAccountClosed)
		}
		a.Account, a.UserID = account.ID, u.ID
		if err := tx.CreateApprover(a); CodeOf(err) == CodeConflict {
			return Errorf(CodeConflict, "user %s approves on account %s already, or another does with this document", u.Name, account.Name)
		} else if err != nil {
			return err
		}
		return s.record(tx, approverEvent(actor, account, u.ID, "approver.add"))
	})
	if err != nil {
		return Approver{}, err
	}
	return a, nil
}

// Reaches says whether a token can be sent to a: to his own number or address on the account
// or those of the user, by a channel that is here.
func (s *Accounts) Reaches(ctx context.Context, actor Actor, a Approver) (bool, error) {
	if err := actor.operates(); err != nil {
		return false, err
	}
	u, err := s.Users.Get(ctx, actor, a.UserID)
	if err != nil {
		return false, err
	}
	return s.channels[KindPhone] != nil && cmp.Or(a.Phone, u.Phone) != "" ||
		s.channels[KindEmail] != nil && cmp.Or(a.Email, u.Email) != "", nil
}

// Approvers lists those of an account, the oldest first.
func (s *Accounts) Approvers(ctx context.Context, actor Actor, account string) (list []Approver, err error) {
	if err := actor.operates(); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		a, err := findAccount(tx, actor, account)
		if err != nil {
			return err
		}
		list, err = tx.Approvers(a.ID)
		return err
	})
	return list, err
}

// maxFace is how many bytes a verifier's name for a face may have.
const maxFace = 256

// checked gives a as it is stored, or says what is wrong with it.
func (a Approver) checked() (Approver, error) {
	var err error
	if a.Document, err = canonicalDocument(a.Document); err != nil {
		return a, err
	}
	if a.Phone != "" {
		if a.Phone, err = CanonicalPhone(a.Phone); err != nil {
			return a, err
		}
	}
	if a.Email != "" {
		if a.Email, err = CanonicalEmail(a.Email); err != nil {
			return a, err
		}
	}
	if len(a.Face) > maxFace || !utf8.ValidString(a.Face) || strings.ContainsFunc(a.Face, unicode.IsControl) {
		return a, Errorf(CodeInvalid, "the face of an approver is what the verifier knows him by: %d bytes of text at most, in one line", maxFace)
	}
	return a, nil
}

var (
	elevenDigits  = regexp.MustCompile(`^[0-9]{11}$`)
	documentSigns = strings.NewReplacer(".", "", "-", "", " ", "")
)

// canonicalDocument is the form in which documents are stored and compared: 11 digits,
// written 438.858.048-16 or without the signs. What was typed is in no error: it may be
// logged.
func canonicalDocument(s string) (string, error) {
	document := documentSigns.Replace(s)
	if !elevenDigits.MatchString(document) {
		return "", Errorf(CodeInvalid, "the document of an approver has 11 digits, like 123.456.789-09")
	}
	return document, nil
}

func approverEvent(actor Actor, a Account, userID, action string) Event {
	e := accountEvent(actor, a, action)
	e.UserID = userID
	return e
}
