package authcore

import (
	"context"
	"strings"
	"unicode/utf8"
)

// maxFound is how many users Find lists at most.
const maxFound = 1000

// Find lists up to limit users of the actor's tenant, 1 to 1000, whose name, e-mail or
// phone has words in it, in any case, by name.
func (s *Users) Find(ctx context.Context, actor Actor, words string, limit int) (users []User, err error) {
	if err := actor.administers(); err != nil {
		return nil, err
	}
	if limit < 1 || limit > maxFound {
		return nil, Errorf(CodeInvalid, "1 to %d users are found at once, not %d", maxFound, limit)
	}
	if !utf8.ValidString(words) || strings.ContainsRune(words, 0) { // no name has it, and no database takes it
		return nil, nil
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { users, err = tx.FindUsers(actor.home(), words, limit); return err })
	return users, err
}
