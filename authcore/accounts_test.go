package authcore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

func (h *house) account(t testing.TB, name string) authcore.Account {
	t.Helper()
	a, err := h.Accounts.Add(t.Context(), authcore.Operator(), authcore.NewAccount{Name: name})
	must(t, err)
	return a
}

func TestAccountIsAdded(t *testing.T) {
	h := newCore(t, nil)
	const key = "05894BAD-C94E-4A61-B2A8-57EDAE868A0F"
	small := h.account(t, "padaria")
	want := authcore.Account{
		ID: strings.ToLower(key), Tenant: "hr", Name: "Acme_1.b-c@x", Status: authcore.AccountActive, Hub: true, CreatedAt: h.clock.Now(),
	}
	added, err := h.Accounts.Add(t.Context(), authcore.OperatorIn("hr"), authcore.NewAccount{Name: want.Name, ID: key, Hub: true})
	must(t, err)
	if diff := cmp.Diff(want, added); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	if small.Tenant != authcore.DefaultTenant || small.Hub || uuid.Validate(small.ID) != nil || small.Status != authcore.AccountActive {
		t.Errorf("the defaults are %+v", small)
	}
	other, err := h.Accounts.Add(t.Context(), authcore.Operator(), authcore.NewAccount{Tenant: "hr", Name: "padaria"}) // of another tenant
	must(t, err)
	for tenant, names := range map[string][]string{"": {"padaria"}, "hr": {want.Name, other.Name}, "none": nil} {
		list, err := h.Accounts.List(t.Context(), authcore.OperatorIn(tenant))
		must(t, err)
		var got []string
		for _, a := range list {
			got = append(got, a.Name)
		}
		if diff := cmp.Diff(names, got); diff != "" {
			t.Errorf("tenant %q has (-want +got):\n%s", tenant, diff)
		}
	}
	if rows := h.reasons(t, "account.add"); rows["padaria"] != 2 || rows[want.Name] != 1 {
		t.Errorf("the audit trail has %v", rows)
	}
}

func TestAccountsThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	first := h.account(t, "padaria")
	for _, c := range []struct {
		n    authcore.NewAccount
		code authcore.Code
		says string
	}{
		{authcore.NewAccount{Name: "padaria"}, authcore.CodeConflict, "the name padaria"},
		{authcore.NewAccount{Name: "other", ID: strings.ToUpper(first.ID)}, authcore.CodeConflict, first.ID},
		{authcore.NewAccount{}, authcore.CodeInvalid, "1 to 64 letters"},
		{authcore.NewAccount{Name: strings.Repeat("a", 65)}, authcore.CodeInvalid, "1 to 64 letters"},
		{authcore.NewAccount{Name: "a b"}, authcore.CodeInvalid, `"a b"`},
		{authcore.NewAccount{Name: "a\x00b"}, authcore.CodeInvalid, `"a\x00b"`},
		{authcore.NewAccount{Name: uuid.NewString()}, authcore.CodeInvalid, "may not look like an ID"},
		{authcore.NewAccount{Name: "other", ID: "1"}, authcore.CodeInvalid, `"1"`},
		{authcore.NewAccount{Name: "other", ID: "{" + uuid.NewString() + "}"}, authcore.CodeInvalid, "is a UUID"},
		{authcore.NewAccount{Name: "other", Tenant: "H R"}, authcore.CodeInvalid, `"H R"`},
	} {
		_, err := h.Accounts.Add(t.Context(), authcore.Operator(), c.n)
		if authcore.CodeOf(err) != c.code || !strings.Contains(authcore.MessageOf(err), c.says) {
			t.Errorf("%+v: %v, want %s and %q", c.n, err, c.code, c.says)
		}
	}
}

// Operators alone look after accounts: who approves devices must not make approvers.
func TestAccountsAreForOperators(t *testing.T) {
	h := newCore(t, nil)
	a, u := h.account(t, "padaria"), h.user(t, "alice")
	who, err := h.Accounts.AddApprover(t.Context(), authcore.Operator(), authcore.Approver{Account: a.ID, UserID: "alice", Document: "98765432100"})
	must(t, err)
	for what, actor := range map[string]authcore.Actor{
		"nobody": {}, "an approver": h.fresh(u), "an integrator": h.integrator(t, "acme", authcore.DefaultTenant),
	} {
		for name, do := range map[string]func(context.Context) error{
			"add": func(ctx context.Context) error {
				_, err := h.Accounts.Add(ctx, actor, authcore.NewAccount{Name: "x"})
				return err
			},
			"list":    func(ctx context.Context) error { _, err := h.Accounts.List(ctx, actor); return err },
			"block":   func(ctx context.Context) error { _, err := h.Accounts.Block(ctx, actor, a.ID); return err },
			"unblock": func(ctx context.Context) error { _, err := h.Accounts.Unblock(ctx, actor, a.ID); return err },
			"close":   func(ctx context.Context) error { _, err := h.Accounts.Close(ctx, actor, a.ID); return err },
			"approver add": func(ctx context.Context) error {
				_, err := h.Accounts.AddApprover(ctx, actor, authcore.Approver{Account: a.ID, UserID: "alice", Document: "98765432100"})
				return err
			},
			"approver list": func(ctx context.Context) error { _, err := h.Accounts.Approvers(ctx, actor, a.ID); return err },
			"approver remove": func(ctx context.Context) error {
				_, err := h.Accounts.RemoveApprover(ctx, actor, a.ID, u.ID)
				return err
			},
		} {
			if err := do(t.Context()); authcore.CodeOf(err) != authcore.CodeForbidden {
				t.Errorf("%s by %s: %v", name, what, err)
			}
		}
	}
	list, err := h.Accounts.Approvers(t.Context(), authcore.Operator(), strings.ToUpper(a.ID))
	must(t, err)
	if diff := cmp.Diff([]authcore.Approver{who}, list); diff != "" {
		t.Errorf("the approvers (-want +got):\n%s", diff)
	}
}

// An account is blocked and unblocked, and closed for good; nobody's status changes with it,
// but what is bound to its devices ends, and no unblocking brings that back.
func TestStatusOfAnAccount(t *testing.T) {
	h := newCore(t, nil)
	a, other := h.account(t, "padaria"), h.account(t, "other")
	u := h.user(t, "alice")
	code := h.device(t, "alice", authcore.KindTOTP).Device
	for n, account := range []authcore.Account{a, other} {
		_, err := h.Accounts.AddApprover(t.Context(), authcore.Operator(), authcore.Approver{
			Account: account.ID, UserID: u.ID, Document: "9876543210" + string(rune('0'+n)),
		})
		must(t, err)
	}
	here, there, own := h.ownBrowser(t, u, authcore.StatusActive, a.ID), h.ownBrowser(t, u, authcore.StatusActive, other.ID), h.ownBrowser(t, u, authcore.StatusActive, "")
	waits, blocked := h.ownBrowser(t, u, authcore.StatusPending, a.ID), h.ownBrowser(t, u, authcore.StatusBlocked, a.ID)
	bound := map[string]authcore.Device{"here": here, "there": there, "own": own}
	for name, d := range bound {
		h.actingOn(t, u, d, 0, 0)
		bound[name] = d
	}
	open := func() (devices []string) {
		h.read(t, func(tx authcore.Tx) error {
			sessions, err := tx.Sessions(u.ID, h.clock.Now())
			for _, s := range sessions {
				for name, d := range bound {
					if d.ID == s.ClientDevice {
						devices = append(devices, name)
					}
				}
			}
			return err
		})
		return devices
	}
	sorted := cmp.Transformer("sort", func(in []string) map[string]int {
		out := map[string]int{}
		for _, s := range in {
			out[s]++
		}
		return out
	})
	move := func(what string, do func(context.Context, authcore.Actor, string) (authcore.Account, error), ref string, want authcore.AccountStatus) {
		t.Helper()
		got, err := do(t.Context(), authcore.Operator(), ref)
		must(t, err)
		if got.Status != want || got.ID != a.ID {
			t.Errorf("%s: %+v", what, got)
		}
	}
	move("block", h.Accounts.Block, "padaria", authcore.AccountBlocked)
	if diff := cmp.Diff([]string{"own", "there"}, open(), sorted); diff != "" {
		t.Errorf("open after block (-want +got):\n%s", diff)
	}
	if got := h.owned(t, here.ID).Epoch; got != here.Epoch+1 {
		t.Errorf("the epoch of its device is %d, want %d", got, here.Epoch+1)
	}
	move("unblock", h.Accounts.Unblock, a.ID, authcore.AccountActive)
	if diff := cmp.Diff([]string{"own", "there"}, open(), sorted); diff != "" {
		t.Errorf("open after unblock (-want +got):\n%s", diff)
	}
	h.actingOn(t, u, here, 0, 0)
	move("close", h.Accounts.Close, strings.ToUpper(a.ID), authcore.AccountClosed)
	if diff := cmp.Diff([]string{"own", "there"}, open(), sorted); diff != "" {
		t.Errorf("open after close (-want +got):\n%s", diff)
	}
	for _, d := range []authcore.Device{here, there, own, waits, blocked, code} {
		if got := h.owned(t, d.ID); got.Status != d.Status {
			t.Errorf("a device that was %s is %s", d.Status, got.Status)
		}
	}
	for _, d := range []authcore.Device{there, own, waits, blocked, code} {
		if got := h.owned(t, d.ID); got.Epoch != d.Epoch {
			t.Errorf("the epoch of a device that is %s was raised", d.Status)
		}
	}
	for _, action := range []string{"account.block", "account.unblock", "account.close"} {
		if rows := h.reasons(t, action); len(rows) != 1 || rows["padaria"] != 1 {
			t.Errorf("%s leaves %v", action, rows)
		}
	}
}

func TestMovesOfAnAccountThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	h.account(t, "padaria")
	s, operator := h.Accounts, authcore.Operator()
	_, err := s.Unblock(t.Context(), operator, "padaria")
	wantCode(t, err, authcore.CodeConflict)
	_, err = s.Block(t.Context(), operator, "padaria")
	must(t, err)
	_, err = s.Block(t.Context(), operator, "padaria")
	wantCode(t, err, authcore.CodeConflict)
	if !strings.Contains(authcore.MessageOf(err), "account padaria is blocked already") {
		t.Errorf("%v", err)
	}
	_, err = s.Close(t.Context(), operator, "padaria")
	must(t, err)
	for what, move := range map[string]func(context.Context, authcore.Actor, string) (authcore.Account, error){"block": s.Block, "unblock": s.Unblock, "close": s.Close} {
		_, err := move(t.Context(), operator, "padaria")
		if authcore.CodeOf(err) != authcore.CodeConflict || !strings.Contains(authcore.MessageOf(err), "account padaria is closed") {
			t.Errorf("%s: %v", what, err)
		}
		for _, ref := range []string{"", "PADARIA", "a\x00b", uuid.NewString()} {
			_, err := move(t.Context(), operator, ref)
			wantCode(t, err, authcore.CodeNotFound)
			if authcore.ReasonOf(err) != authcore.ReasonNoAccount {
				t.Errorf("%s of %q: %v", what, ref, err)
			}
		}
		_, err = move(t.Context(), authcore.OperatorIn("hr"), "padaria")
		wantCode(t, err, authcore.CodeNotFound)
	}
}

// An account is closed with all that this ends, or not at all.
func TestMoveOfAnAccountIsWhole(t *testing.T) {
	h := newCore(t, nil)
	a, u := h.account(t, "padaria"), h.user(t, "alice")
	_, err := h.Accounts.AddApprover(t.Context(), authcore.Operator(), authcore.Approver{Account: a.ID, UserID: u.ID, Document: "98765432100"})
	must(t, err)
	d := h.ownBrowser(t, u, authcore.StatusActive, a.ID)
	failed := 0
	for n := 1; ; n++ {
		h.faults.FailNext(n, nil)
		got, err := h.Accounts.Close(t.Context(), authcore.Operator(), a.ID)
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err)
			break
		}
		failed++
		wantCode(t, err, authcore.CodeUnavailable)
		list, err := h.Accounts.List(t.Context(), authcore.Operator())
		must(t, err)
		if got != (authcore.Account{}) || list[0].Status != authcore.AccountActive || h.owned(t, d.ID).Epoch != d.Epoch {
			t.Errorf("call %d failed, and it is %+v", n, list[0])
		}
	}
	if failed < 5 {
		t.Errorf("only %d calls failed", failed)
	}
}
