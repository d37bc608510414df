package authcore

import (
	"context"
	"strings"
	"unicode/utf8"
)

// maxFound is how many users Find lists at most.
const maxFound = 1000

// Found is a user, with what a dialect remembers of him.
type Found struct {
	User
	Attributes Attributes
}

// Find lists up to limit users of the actor's tenant, 1 to 1000, whose name, e-mail or
// phone has words in it, in any case, by name.
func (s *Users) Find(ctx context.Context, actor Actor, words string, limit int, dialect string) (found []Found, err error) {
	if err := actor.remembers(dialect); err != nil {
		return nil, err
	}
	if limit < 1 || limit > maxFound {
		return nil, Errorf(CodeInvalid, "1 to %d users are found at once, not %d", maxFound, limit)
	}
	if !utf8.ValidString(words) || strings.ContainsRune(words, 0) { // no name has it, and no database takes it
		return nil, nil
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		users, err := tx.FindUsers(actor.home(), words, limit)
		if err != nil {
			return err
		}
		found = make([]Found, len(users))
		ids := make([]string, len(users))
		for i, u := range users {
			found[i].User, ids[i] = u, u.ID
		}
		remembered, err := tx.AttributesOf(SubjectUser, ids, dialect)
		for i, id := range ids {
			found[i].Attributes = remembered[id]
		}
		return err
	})
	return found, err
}
