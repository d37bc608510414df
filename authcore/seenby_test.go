package authcore_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// CLI-12: who has a password and a code, and no device, learns nothing that would bind his
// session to one, or be good for a verifier again. The one who asked for it does.
func TestUserIsToldNothingThatBinds(t *testing.T) {
	b := newBank(t, nil)
	r := b.wants(uuid.NewString())
	r.Face, r.PublicKey = "a picture of alice", publicKey(t)
	_, err := b.Approvals.Ask(t.Context(), b.by, r)
	must(t, err)
	tells := func(actor authcore.Actor) (told []bool) {
		t.Helper()
		one, err := b.Approvals.Show(t.Context(), actor, b.ref(r.Key))
		must(t, err)
		all, err := b.Approvals.List(t.Context(), actor, b.account.ID, authcore.Origin{})
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		for _, d := range append(all, one) {
			told = append(told, d.Session != "", d.Face != "" || d.Approval.Face != "", len(d.SessionDigest)+len(d.Approval.SessionDigest) > 0)
		}
		return told
	}
	for _, state := range []string{"waiting", "counting"} {
		for _, told := range tells(b.fresh(b.alice)) {
			if told {
				t.Errorf("%s: a user is told what binds", state)
			}
		}
		for _, told := range tells(b.by) {
			if !told {
				t.Errorf("%s: who asked is not told", state)
			}
		}
		if state == "waiting" {
			_, err := b.validate(t, r.Key, b.outbox.Last(t).Code)
			must(t, err)
		}
	}
}
