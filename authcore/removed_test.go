package authcore_test

import (
	"context"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// lateStore is one in which each user is removed between his being found and held.
type lateStore struct{ authcore.Store }

func (s lateStore) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	return s.Store.Write(ctx, func(tx authcore.Tx) error { return fn(lateTx{tx}) })
}

type lateTx struct{ authcore.Tx }

func (lateTx) LockUser(string) error { return authcore.Errorf(authcore.CodeNotFound, "no row") }

// Who is removed while something of his is changed reads like one who never was.
func TestUserRemovedMeanwhile(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	serial := h.register(t, authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP}).Device.Serial
	late := h.again(t, func(o *authcore.Options) { o.Store = lateStore{o.Store} })
	email, ctx, by := "a@example.com", t.Context(), authcore.Operator()
	for name, change := range map[string]func() error{
		"remove":  func() error { return second(late.Users.Remove(ctx, by, "alice")) },
		"disable": func() error { return second(late.Users.SetDisabled(ctx, by, "alice", true)) },
		"update":  func() error { return second(late.Users.Update(ctx, by, "alice", authcore.Changes{Email: &email})) },
		"assign":  func() error { return second(late.Devices.Assign(ctx, by, serial, "alice", false)) },
		"register": func() error {
			return second(late.Devices.Register(ctx, by, authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP}))
		},
	} {
		if err := change(); authcore.CodeOf(err) != authcore.CodeNotFound || authcore.ReasonOf(err) != authcore.ReasonNoUser {
			t.Errorf("%s: %v because %q", name, err, authcore.ReasonOf(err))
		}
	}
}
