package authcore_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/authcore"
)

// partner is an integrator with its key, and a call of it that is let in.
type partner struct {
	authcore.Integrator
	knock authcore.Knock
}

func (h *house) partner(t testing.TB, i authcore.Integrator) partner {
	t.Helper()
	if i.Dialect == "" {
		i.Dialect = "fake"
	}
	added, key, err := h.Integrators.Add(t.Context(), authcore.Operator(), i)
	must(t, err)
	return partner{added, authcore.Knock{
		Dialect: i.Dialect, Name: i.Name, Key: key, Operation: "read",
		From: authcore.Origin{Address: "192.0.2.1", RequestID: "r1"},
	}}
}

// integrator is the actor that an integrator of a tenant is.
func (h *house) integrator(t testing.TB, name, tenant string) authcore.Actor {
	t.Helper()
	actor, err := h.Integrators.Admit(t.Context(), h.partner(t, authcore.Integrator{Name: name, Tenant: tenant}).knock)
	must(t, err)
	return actor
}

func prefixes(t testing.TB, texts ...string) (list []netip.Prefix) {
	t.Helper()
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		must(t, err)
		list = append(list, p)
	}
	return list
}

func TestIntegratorIsAdded(t *testing.T) {
	h := newCore(t, nil)
	small := h.partner(t, authcore.Integrator{Name: "acme", Dialect: "fake"})
	if small.Tenant != authcore.DefaultTenant || small.Rate != authcore.DefaultRate || small.CreatedAt != h.clock.Now() {
		t.Errorf("the defaults are %+v", small.Integrator)
	}
	full := h.partner(t, authcore.Integrator{
		Name: "a.b_c-d@example.com", Dialect: "fake", Tenant: "hr_2-a", Rate: 3, Operations: []string{"write", "read", "write"},
		Allow: prefixes(t, "2001:db8::/32", "192.0.2.0/24", "::ffff:192.0.2.0/120", "192.0.2.0/24"),
	})
	if diff := cmp.Diff([]string{"read", "write"}, full.Operations); diff != "" {
		t.Errorf("operations: %s", diff)
	}
	if want := prefixes(t, "192.0.2.0/24", "2001:db8::/32"); !equalPrefixes(full.Allow, want) {
		t.Errorf("allows %v, want %v", full.Allow, want)
	}
	if len(small.knock.Key) < 26 || small.knock.Key == full.knock.Key {
		t.Errorf("the keys are %q and %q", small.knock.Key, full.knock.Key)
	}
	list, err := h.Integrators.List(t.Context(), authcore.Operator())
	must(t, err)
	if len(list) != 2 || list[0].Name != full.Name || list[1].ID != small.ID || !equalPrefixes(list[0].Allow, full.Allow) {
		t.Errorf("the list is %+v", list)
	}
	h.read(t, func(tx authcore.Tx) error {
		kept, err := tx.IntegratorByName("acme")
		if len(kept.Digest) != 32 || strings.Contains(string(kept.Digest), small.knock.Key) {
			t.Errorf("kept is %q", kept.Digest)
		}
		return err
	})
	removed, err := h.Integrators.Remove(t.Context(), authcore.Operator(), "acme")
	must(t, err)
	for _, i := range append(list, small.Integrator, full.Integrator, removed) {
		if i.Digest != nil {
			t.Errorf("the digest of %s is given", i.Name)
		}
	}
	for _, action := range []string{"integrator.add", "integrator.remove"} {
		if h.reasons(t, action)["acme"] != 1 {
			t.Errorf("%s leaves the rows %v", action, h.reasons(t, action))
		}
	}
	h.partner(t, authcore.Integrator{Name: "acme"}) // the name is free again
}

func equalPrefixes(a, b []netip.Prefix) bool {
	return cmp.Equal(a, b, cmp.Comparer(func(x, y netip.Prefix) bool { return x == y }))
}

func TestIntegratorsThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	h.partner(t, authcore.Integrator{Name: "acme"})
	named := func(name string) authcore.Integrator { return authcore.Integrator{Name: name, Dialect: "fake"} }
	with := func(change func(*authcore.Integrator)) authcore.Integrator {
		i := named("other")
		change(&i)
		return i
	}
	for _, c := range []struct {
		what string
		i    authcore.Integrator
		code authcore.Code
		says string
	}{
		{"no name", named(""), authcore.CodeInvalid, `1 to 64 letters`},
		{"a long name", named(strings.Repeat("a", 65)), authcore.CodeInvalid, `1 to 64 letters`},
		{"a space", named("a b"), authcore.CodeInvalid, `"a b"`},
		{"a line", named("a\nb"), authcore.CodeInvalid, `"a\nb"`},
		{"an end of line", named("ab\n"), authcore.CodeInvalid, `"ab\n"`},
		{"a letter that looks like one", named("аcme"), authcore.CodeInvalid, "letters"},
		{"a taken name", named("acme"), authcore.CodeConflict, "there is an integrator acme already"},
		{"no dialect", authcore.Integrator{Name: "other"}, authcore.CodeInvalid, "none is named"},
		{"a tenant in capitals", with(func(i *authcore.Integrator) { i.Tenant = "HR" }), authcore.CodeInvalid, `"HR"`},
		{"a long tenant", with(func(i *authcore.Integrator) { i.Tenant = strings.Repeat("a", 65) }), authcore.CodeInvalid, "1 to 64 small letters"},
		{"a negative rate", with(func(i *authcore.Integrator) { i.Rate = -1 }), authcore.CodeInvalid, "not -1"},
		{"too high a rate", with(func(i *authcore.Integrator) { i.Rate = authcore.MaxRate + 1 }), authcore.CodeInvalid, "1 to 600000 calls a minute"},
		{"an empty operation", with(func(i *authcore.Integrator) { i.Operations = []string{""} }), authcore.CodeInvalid, "without a name"},
		{"no network", with(func(i *authcore.Integrator) { i.Allow = make([]netip.Prefix, 1) }), authcore.CodeInvalid, "192.0.2.0/24"},
		{"an address in a network", with(func(i *authcore.Integrator) { i.Allow = prefixes(t, "10.1.2.3/8") }), authcore.CodeInvalid, "write 10.0.0.0/8, or 10.1.2.3/32"},
		{"half of what is mapped", with(func(i *authcore.Integrator) { i.Allow = prefixes(t, "::ffff:0:0/90") }), authcore.CodeInvalid, "192.0.2.0/24"},
	} {
		_, key, err := h.Integrators.Add(t.Context(), authcore.Operator(), c.i)
		wantCode(t, err, c.code)
		if key != "" || !strings.Contains(authcore.MessageOf(err), c.says) {
			t.Errorf("%s: key %q, %v; want %q", c.what, key, err, c.says)
		}
	}
	for _, name := range []string{"nobody", "", "a\x00b", "ACME"} {
		_, err := h.Integrators.Remove(t.Context(), authcore.Operator(), name)
		wantCode(t, err, authcore.CodeNotFound)
	}
}

// Whatever the way, one statement that reads and one that writes, and one answer.
func (h *house) spendKnock(t *testing.T, k authcore.Knock) spent {
	t.Helper()
	h.faults.Reset()
	actor, err := h.Integrators.Admit(t.Context(), k)
	var e *authcore.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want one of ours", err)
	}
	if actor != (authcore.Actor{}) {
		t.Errorf("a refusal came with the actor %s", actor)
	}
	return spent{e.Code, e.Message + "|" + string(e.Reason), e.RetryAfter, h.faults.Count(), h.faults.Begins(), 0}
}

// Law 12: name, key, dialect and address are wrong in the same way, and the audit
// trail knows how.
func TestKnocksThatAreRefusedAreAlike(t *testing.T) {
	h := newCore(t, nil)
	acme := h.partner(t, authcore.Integrator{Name: "acme", Allow: prefixes(t, "192.0.2.0/24", "2001:db8:1::/48"), Operations: []string{"read"}})
	other := h.partner(t, authcore.Integrator{Name: "other"})
	with := func(change func(*authcore.Knock)) authcore.Knock {
		k := acme.knock
		change(&k)
		return k
	}
	from := func(address string) authcore.Knock {
		return with(func(k *authcore.Knock) { k.From.Address = address })
	}
	_, err := h.Integrators.Admit(t.Context(), acme.knock)
	must(t, err)
	want := h.spendKnock(t, with(func(k *authcore.Knock) { k.Key = "WRONG" }))
	if want.code != authcore.CodeUnauthenticated || !strings.HasSuffix(want.message, "|"+string(authcore.ReasonIntegrator)) || want.statements != 2 {
		t.Fatalf("a wrong key spent %+v: want one statement that reads and one that writes", want)
	}
	reasons := map[string]int{"wrong_key": 1}
	for _, c := range []struct {
		what, reason string
		knock        authcore.Knock
	}{
		{"no key", "wrong_key", with(func(k *authcore.Knock) { k.Key = "" })},
		{"a key and more", "wrong_key", with(func(k *authcore.Knock) { k.Key += "A" })},
		{"a key in small letters", "wrong_key", with(func(k *authcore.Knock) { k.Key = strings.ToLower(k.Key) })},
		{"another's key", "wrong_key", with(func(k *authcore.Knock) { k.Key = other.knock.Key })},
		{"a mebibyte", "wrong_key", with(func(k *authcore.Knock) { k.Key = strings.Repeat("A", 1<<20) })},
		{"an unknown name", "unknown_name", with(func(k *authcore.Knock) { k.Name = "nobody" })},
		{"no name and no key", "unknown_name", with(func(k *authcore.Knock) { k.Name, k.Key = "", "" })},
		{"the name in capitals", "unknown_name", with(func(k *authcore.Knock) { k.Name = "ACME" })},
		{"a name that can't be one", "unknown_name", with(func(k *authcore.Knock) { k.Name = "ac\x00me\xff" })},
		{"a long name", "unknown_name", with(func(k *authcore.Knock) { k.Name = strings.Repeat("a", 1<<20) })},
		{"another dialect", "other_dialect", with(func(k *authcore.Knock) { k.Dialect = "onlyoffice" })},
		{"no dialect", "other_dialect", with(func(k *authcore.Knock) { k.Dialect = "" })},
		{"an operation that is not allowed", "wrong_key", with(func(k *authcore.Knock) { k.Key, k.Operation = "WRONG", "write" })},
		{"another address", "address", from("192.0.3.1")},
		{"an address of IPv6", "address", from("2001:db8:2::1")},
		{"a mapped address", "address", from("::ffff:192.0.3.1")},
		{"no address", "address", from("")},
		{"a path of a socket", "address", from("@")},
		{"an address with a port", "address", from("192.0.2.1:443")},
	} {
		t.Run(c.what, func(t *testing.T) {
			h.clock.Turn(time.Minute) // so that each leaves a row
			if got := h.spendKnock(t, c.knock); got != want {
				t.Errorf("spent %+v, want %+v as for a wrong key", got, want)
			}
			reasons[c.reason]++
			if diff := cmp.Diff(reasons, h.reasons(t, "integrator.refused")); diff != "" {
				t.Errorf("the audit trail has other reasons (-want +got):\n%s", diff)
			}
		})
	}
	h.read(t, func(tx authcore.Tx) error {
		events, err := tx.Events(1)
		if e := events[0]; e.Actor != "anonymous" || e.Outcome != authcore.OutcomeRefused || e.Address != "192.0.2.1:443" || e.RequestID != "r1" {
			t.Errorf("the row is %+v", e)
		}
		return err
	})
	for _, address := range []string{"192.0.2.255", "::ffff:192.0.2.7", "2001:db8:1:ffff::1", "2001:db8:1::2%eth0"} {
		if _, err := h.Integrators.Admit(t.Context(), from(address)); err != nil {
			t.Errorf("from %s: %v", address, err)
		}
	}
}

// What is admitted is one read, and no row: the services write theirs.
func TestAdmitted(t *testing.T) {
	h := newCore(t, nil)
	acme := h.partner(t, authcore.Integrator{Name: "acme", Tenant: "hr", Operations: []string{"read"}})
	h.faults.Reset()
	actor, err := h.Integrators.Admit(t.Context(), acme.knock)
	must(t, err)
	if actor.String() != "integrator:acme" || h.faults.Count() != 1 {
		t.Errorf("%s is admitted with %d statements", actor, h.faults.Count())
	}
	u, err := h.Users.Add(t.Context(), actor, authcore.NewUser{Name: "alice", Password: password})
	must(t, err)
	if u.Tenant != "hr" {
		t.Errorf("an integrator of hr makes users of %s", u.Tenant)
	}
	h.read(t, func(tx authcore.Tx) error {
		events, err := tx.Events(1)
		if e := events[0]; e.Action != "user.add" || e.Actor != "integrator:acme" || e.Tenant != "hr" {
			t.Errorf("the row is %+v", e)
		}
		return err
	})
	other := acme.knock
	other.Operation = "write"
	_, err = h.Integrators.Admit(t.Context(), other)
	wantCode(t, err, authcore.CodeForbidden)
	if authcore.ReasonOf(err) != authcore.ReasonOperation || h.reasons(t, "integrator.refused")["operation"] != 1 {
		t.Errorf("error %v because %s; rows %v", err, authcore.ReasonOf(err), h.reasons(t, "integrator.refused"))
	}
	// An integrator for whom none is named may ask for any.
	other = h.partner(t, authcore.Integrator{Name: "all"}).knock
	other.Operation = "write"
	_, err = h.Integrators.Admit(t.Context(), other)
	must(t, err)
}

// Who is removed is refused at once, also by a node that has just let him in.
func TestRemovedIntegratorIsRefusedOnEveryNode(t *testing.T) {
	h := newCore(t, nil)
	acme, second := h.partner(t, authcore.Integrator{Name: "acme"}), h.again(t, nil)
	_, err := second.Integrators.Admit(t.Context(), acme.knock)
	must(t, err)
	_, err = h.Integrators.Remove(t.Context(), authcore.Operator(), "acme")
	must(t, err)
	for _, node := range []*house{h, second} {
		_, err := node.Integrators.Admit(t.Context(), acme.knock)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	again := h.partner(t, authcore.Integrator{Name: "acme"})
	_, err = second.Integrators.Admit(t.Context(), acme.knock) // the old key of a new one
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = second.Integrators.Admit(t.Context(), again.knock)
	must(t, err)
}

// Law 1: nobody is admitted by a store that does not answer, or can't note it.
func TestAdmitFailsClosed(t *testing.T) {
	h := newCore(t, nil)
	acme := h.partner(t, authcore.Integrator{Name: "acme"})
	wrong := acme.knock
	wrong.Key = "WRONG"
	for what, k := range map[string]authcore.Knock{"a right key": acme.knock, "a wrong key": wrong} {
		failed := 0
		for n := 1; ; n++ {
			h.faults.FailNext(n, nil)
			actor, err := h.Integrators.Admit(t.Context(), k)
			pending := h.faults.Pending()
			h.faults.Reset()
			if pending {
				break
			}
			failed++
			wantCode(t, err, authcore.CodeUnavailable)
			if actor != (authcore.Actor{}) {
				t.Errorf("%s: admitted although call %d failed", what, n)
			}
		}
		if failed < 2 {
			t.Errorf("%s: only %d calls failed", what, failed)
		}
	}
}
