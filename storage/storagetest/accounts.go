package storagetest

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

func sampleAccount(id string) authcore.Account {
	return authcore.Account{ID: id, Tenant: authcore.DefaultTenant, Name: "name-" + id, Status: authcore.AccountActive, CreatedAt: start}
}

func sampleApprover(account, user string) authcore.Approver {
	return authcore.Approver{
		Account: account, UserID: user, Document: "0000000000" + user, Phone: "+1777" + user, Email: user + "@bank.example",
		Face: "face-" + user, CreatedAt: start,
	}
}

// conflict wants each of the calls to clash with what is there.
func conflict(t *testing.T, s authcore.Store, calls map[string]func(authcore.Tx) error) {
	t.Helper()
	for what, call := range calls {
		if err := s.Write(t.Context(), call); authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("%s: got %v, want conflict", what, err)
		}
	}
}

// accounts have one name each in a tenant, and a status that moves from listed ones.
func accounts(t *testing.T, open Open) {
	s := open(t, Opts{})
	last, first, foreign := sampleAccount("a"), sampleAccount("z"), sampleAccount("f")
	last.Name, last.Hub = "zoé", true
	foreign.Tenant, foreign.Name = "other", "zoé"
	for _, a := range []authcore.Account{last, first, foreign} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateAccount(a) })
	}
	for _, want := range []authcore.Account{last, first, foreign} {
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.AccountByID(want.ID)
			same(t, "AccountByID "+want.ID, got, want)
			try(t, err)
			got, err = tx.AccountByName(want.Tenant, want.Name)
			same(t, "AccountByName "+want.Name, got, want)
			return err
		})
	}
	read(t, s, func(tx authcore.Tx) error {
		for tenant, want := range map[string][]authcore.Account{"default": {first, last}, "other": {foreign}, "": {}} {
			got, err := tx.Accounts(tenant)
			try(t, err)
			same(t, "Accounts of "+tenant, got, want)
		}
		for _, id := range []string{"A", "", "none"} {
			_, err := tx.AccountByID(id)
			wantCode(t, err, authcore.CodeNotFound)
			_, err = tx.AccountByName("other", id)
			wantCode(t, err, authcore.CodeNotFound)
		}
		_, err := tx.AccountByName("other", first.Name)
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
	taken, named := sampleAccount("z"), sampleAccount("new")
	taken.Tenant, taken.Name, named.Name = "third", "x", "zoé"
	conflict(t, s, map[string]func(authcore.Tx) error{
		"the ID of another":   func(tx authcore.Tx) error { return tx.CreateAccount(taken) },
		"the name of another": func(tx authcore.Tx) error { return tx.CreateAccount(named) },
	})
	accountStates(t, s)
}

func accountStates(t *testing.T, s authcore.Store) {
	t.Helper()
	move := func(id string, to authcore.AccountStatus, from ...authcore.AccountStatus) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.MoveAccount(id, to, from...) }
	}
	won(t, s, false, "move from no state", move("a", authcore.AccountClosed))
	won(t, s, false, "move from other states", move("a", authcore.AccountActive, authcore.AccountBlocked, authcore.AccountClosed))
	won(t, s, true, "move from its state", move("a", authcore.AccountBlocked, authcore.AccountActive))
	won(t, s, false, "move again", move("a", authcore.AccountBlocked, authcore.AccountActive))
	won(t, s, false, "move of none", move("none", authcore.AccountBlocked, authcore.AccountActive))
	won(t, s, true, "close", move("a", authcore.AccountClosed, authcore.AccountActive, authcore.AccountBlocked))
	read(t, s, func(tx authcore.Tx) error {
		for id, want := range map[string]authcore.AccountStatus{"a": authcore.AccountClosed, "z": authcore.AccountActive} {
			got, err := tx.AccountByID(id)
			try(t, err)
			same(t, "status of "+id, got.Status, want)
		}
		return nil
	})
}

// approvers: a user is one on an account once, under a document of his own there.
func approvers(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2", "3")
	second, first, elsewhere := sampleApprover("a", "2"), sampleApprover("a", "1"), sampleApprover("b", "2")
	elsewhere.Document, elsewhere.Phone, elsewhere.Email, elsewhere.Face = first.Document, "", "", ""
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateAccount(sampleAccount("a")))
		return tx.CreateAccount(sampleAccount("b"))
	})
	for _, a := range []authcore.Approver{second, first, elsewhere} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateApprover(a) })
	}
	listed := func(account string, want ...authcore.Approver) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Approvers(account)
			same(t, "Approvers of "+account, got, want)
			return err
		})
	}
	listed("a", second, first)
	listed("b", elsewhere)
	listed("none")
	read(t, s, func(tx authcore.Tx) error {
		for _, want := range []authcore.Approver{second, first, elsewhere} {
			got, err := tx.ApproverByDocument(want.Account, want.Document)
			try(t, err)
			same(t, "by document", got, want)
			got, err = tx.ApproverByUser(want.Account, want.UserID)
			try(t, err)
			same(t, "by user", got, want)
		}
		for _, who := range []string{second.Document, "1", "3", ""} {
			_, err := tx.ApproverByDocument("b", who)
			wantCode(t, err, authcore.CodeNotFound)
			if who != second.Document {
				_, err = tx.ApproverByUser("b", who)
				wantCode(t, err, authcore.CodeNotFound)
			}
		}
		return nil
	})
	again, hisDocument := sampleApprover("a", "1"), sampleApprover("a", "3")
	again.Document, hisDocument.Document = "33333333333", first.Document
	add := func(a authcore.Approver) func(authcore.Tx) error {
		return func(tx authcore.Tx) error { return tx.CreateApprover(a) }
	}
	conflict(t, s, map[string]func(authcore.Tx) error{
		"a user twice": add(again), "the document of another": add(hisDocument),
		"no such account": add(sampleApprover("none", "3")), "no such user": add(sampleApprover("a", "nobody")),
	})
	remove := func(account, user string) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.RemoveApprover(account, user) }
	}
	won(t, s, false, "removing who is none", remove("b", "1"))
	won(t, s, true, "removing one", remove("a", "2"))
	won(t, s, false, "removing him again", remove("a", "2"))
	listed("a", first)
	listed("b", elsewhere)
	write(t, s, add(hisDocumentFree(second)))
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("1") })
	listed("a", hisDocumentFree(second))
}

// hisDocumentFree is another user with the document of who was removed.
func hisDocumentFree(gone authcore.Approver) authcore.Approver {
	a := sampleApprover(gone.Account, "3")
	a.Document = gone.Document
	return a
}
