//go:build linux

package main

import (
	"context"
	"time"

	"github.com/doorward/doorward/authcore"
)

// watchedStore lets a login find out how long its password hash took: Primary
// does nothing else between its first and its second transaction.
type watchedStore struct{ authcore.Store }

// watch is of one login.
type watch struct {
	writes int
	ended  time.Time // the last transaction
	hash   time.Duration
}

type watchKey struct{}

// Write notes when it begins and ends, for a login that is watched.
func (s watchedStore) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	w, watched := ctx.Value(watchKey{}).(*watch)
	if !watched {
		return s.Store.Write(ctx, fn)
	}
	if w.writes++; w.writes == 2 {
		w.hash = time.Since(w.ended)
	}
	err := s.Store.Write(ctx, fn)
	w.ended = time.Now()
	return err
}

// timeLogin is a whole login, the hash apart.
func (p *person) timeLogin(ctx context.Context, core *authcore.Core) (rest, hash time.Duration, err error) {
	w := &watch{}
	begun := time.Now()
	err = p.login(context.WithValue(ctx, watchKey{}, w), core)
	return time.Since(begun) - w.hash, w.hash, err
}
