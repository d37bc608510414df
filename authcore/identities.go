package authcore

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSubject is how many bytes the name of an account at a source may have
// (OpenID Connect Core section 2).
const maxSubject = 255

// checkSubject refuses what can't name an account.
func checkSubject(subject string) error {
	if subject == "" || len(subject) > maxSubject || !utf8.ValidString(subject) || strings.ContainsFunc(subject, unicode.IsControl) {
		return Errorf(CodeInvalid, "the subject of an account has 1 to %d bytes and no control characters", maxSubject)
	}
	return nil
}

// Identities lists the accounts at identity sources that are linked to a user.
func (s *Users) Identities(ctx context.Context, actor Actor, ref string) (linked []Identity, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		u, err := findUser(tx, actor, ref)
		if err != nil {
			return err
		}
		linked, err = tx.Identities(u.ID)
		return err
	})
	return linked, err
}

// Link lets whoever proves to be the account subject at source show that in
// place of the user's password. CodeInvalid when there is no such source,
// CodeConflict when the account belongs to a user, this one or another.
func (s *Users) Link(ctx context.Context, actor Actor, ref, source, subject string) (u User, err error) {
	if err := actor.operates(); err != nil {
		return User{}, err
	}
	source = strings.ToLower(source)
	if s.identities[source] == nil {
		return User{}, s.noSource(source)
	}
	if err := checkSubject(subject); err != nil {
		return User{}, err
	}
	err = s.write(ctx, func(tx *journal) (err error) {
		if u, err = findUser(tx, actor, ref); err != nil {
			return err
		}
		i := Identity{Tenant: u.Tenant, Source: source, Subject: subject, UserID: u.ID}
		if err = tx.LinkIdentity(i); err != nil {
			return err
		}
		return s.record(tx, s.linkEvent(actor, u, "user.link", i))
	})
	if CodeOf(err) == CodeConflict {
		err = Errorf(CodeConflict, "the account %q at %s already belongs to a user", subject, source)
	}
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// Unlink takes a link back and ends the user's sessions. It needs no source that
// is configured: what was linked to one that is gone can be removed. CodeNotFound
// when the account is not linked to this user.
func (s *Users) Unlink(ctx context.Context, actor Actor, ref, source, subject string) (u User, err error) {
	if err := actor.operates(); err != nil {
		return User{}, err
	}
	source = strings.ToLower(source)
	if err := checkSubject(subject); err != nil {
		return User{}, err
	}
	var change EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		if u, err = findUser(tx, actor, ref); err != nil {
			return err
		}
		i := Identity{Tenant: u.Tenant, Source: source, Subject: subject, UserID: u.ID}
		if err = s.unlink(tx, i); err != nil {
			return err
		}
		if change, err = revoke(tx, Subject{SubjectUser, u.ID}, s.now()); err != nil {
			return err
		}
		return s.record(tx, s.linkEvent(actor, u, "user.unlink", i))
	})
	if err != nil {
		return User{}, err
	}
	s.live.obey(s.now(), change)
	return u, nil
}

func (s *Users) unlink(tx Tx, i Identity) error {
	err := tx.UnlinkIdentity(i)
	switch {
	case CodeOf(err) != CodeNotFound:
		return err
	case s.identities[i.Source] == nil:
		return s.noSource(i.Source)
	}
	return Errorf(CodeNotFound, "the user is not linked to the account %q at %s", i.Subject, i.Source)
}

func (s *Users) noSource(source string) *Error {
	known := "none is configured"
	if names := s.Logins.Sources(); len(names) > 0 {
		known = "known are " + strings.Join(names, ", ")
	}
	return Errorf(CodeInvalid, "no identity source has the name %q: %s", source, known)
}

// linkEvent names the account: whom a link lets in is what an audit asks for.
func (s *Users) linkEvent(actor Actor, u User, action string, i Identity) Event {
	e := s.userEvent(actor, u, action)
	e.Factor, e.Reason = "fed", i.Source+" "+i.Subject
	return e
}
