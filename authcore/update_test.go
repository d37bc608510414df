package authcore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

func set[T any](v T) *T { return &v }

// A user is changed in one transaction; what differs ends his sessions, and what stays
// as it was, and attributes, end none.
func TestUpdate(t *testing.T) {
	h := newCore(t, nil)
	for i, c := range []struct {
		name    string
		change  authcore.Changes
		actions []string
		ends    bool
		check   func(u authcore.User) bool
	}{
		{"e-mail", authcore.Changes{Email: set("New@Example.com")}, []string{"user.update"}, true, func(u authcore.User) bool { return u.Email == "new@example.com" && u.Phone != "" }},
		{"no phone", authcore.Changes{Phone: set("")}, []string{"user.update"}, true, func(u authcore.User) bool { return u.Phone == "" && u.Email != "" }},
		{"the same", authcore.Changes{Email: set("Same@example.com"), Disabled: set(false)}, nil, false, func(u authcore.User) bool { return u.Email == "same@example.com" }},
		{"password", authcore.Changes{Password: set("one more " + password)}, []string{"user.password"}, true, func(u authcore.User) bool { return u.Email != "" }},
		{"disabled", authcore.Changes{Disabled: set(true)}, []string{"user.disable"}, true, func(u authcore.User) bool { return u.Disabled }},
		{"attributes", authcore.Changes{Dialect: dialect, Attributes: authcore.Attributes{"first_name": "Al"}}, []string{"user.attributes"}, false, func(u authcore.User) bool { return !u.Disabled }},
		{
			"all",
			authcore.Changes{Email: set(""), Phone: set("+79001112233"), Password: set("one more " + password), Disabled: set(true), Dialect: dialect, Attributes: authcore.Attributes{"x": "y"}},
			[]string{"user.attributes", "user.disable", "user.password", "user.update"},
			true, func(u authcore.User) bool { return u.Email == "" && u.Phone == "+79001112233" && u.Disabled },
		},
		{"nothing", authcore.Changes{}, nil, false, func(u authcore.User) bool { return u.Phone != "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := "u-" + strings.ReplaceAll(c.name, " ", "")
			u := h.person(t, name, func(u *authcore.User) {
				u.Email, u.Phone = name+"@example.com", fmt.Sprintf("+7900000000%d", i)
				if c.name == "the same" {
					u.Email = "same@example.com"
				}
			})
			m := &member{user: u, device: h.device(t, name, authcore.KindHOTP), verified: h.verified(t, name)}
			login := h.login(t, m)
			got, err := h.Users.Update(t.Context(), erp(), name, c.change)
			must(t, err)
			now, err := h.Users.Get(t.Context(), authcore.Operator(), u.ID)
			must(t, err)
			if !c.check(now) || got.Email != now.Email || got.Phone != now.Phone || got.Disabled != now.Disabled || got.Epoch != now.Epoch || got.Password != now.Password {
				t.Errorf("%+v, and stored %+v", got, now)
			}
			if (now.Password != u.Password) != (c.change.Password != nil) {
				t.Error("the password is another one, or is not")
			}
			if c.ends {
				h.refuses(t, login.Token)
			} else {
				h.passes(t, login.Token)
			}
			h.read(t, func(tx authcore.Tx) error {
				a, err := tx.Attributes(authcore.Subject{Kind: authcore.SubjectUser, ID: u.ID}, dialect)
				if len(a) != len(c.change.Attributes) {
					t.Errorf("remembered: %v", a)
				}
				return err
			})
			var actions []string
			h.read(t, func(tx authcore.Tx) error {
				events, err := tx.Events(10)
				for _, e := range events {
					if e.UserID == u.ID && e.Actor == "integrator:erp" {
						actions = append(actions, e.Action)
					}
				}
				return err
			})
			if slices.Sort(actions); !slices.Equal(actions, c.actions) {
				t.Errorf("audited %v, want %v", actions, c.actions)
			}
		})
	}
}

// The words that he logs in with follow his e-mail and phone.
func TestUpdatedNamesLogIn(t *testing.T) {
	h := newCore(t, nil)
	h.person(t, "alice", mail)
	_, err := h.Users.Update(t.Context(), erp(), "alice@example.com", authcore.Changes{Email: set("a@example.com"), Phone: set("+7 900 111-22-33")})
	must(t, err)
	for _, name := range []string{"alice", "a@example.com", "+79001112233"} {
		_, err := h.Logins.Primary(t.Context(), attempt(name))
		must(t, err)
	}
	_, err = h.Logins.Primary(t.Context(), attempt("alice@example.com"))
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// What will not do changes nothing at all.
func TestUpdatesThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	u := h.person(t, "alice", mail)
	h.person(t, "bob", func(u *authcore.User) { mail(u); u.Phone = "+79001112233" })
	h.person(t, "carol", func(u *authcore.User) { mail(u); u.Tenant = "acme" })
	for what, c := range map[string]struct {
		change authcore.Changes
		code   authcore.Code
		reason authcore.Reason
	}{
		"another's e-mail":     {authcore.Changes{Email: set("Bob@example.com")}, authcore.CodeConflict, authcore.ReasonUserTaken},
		"another's phone":      {authcore.Changes{Phone: set("+7 900 111 22 33"), Disabled: set(true)}, authcore.CodeConflict, authcore.ReasonUserTaken},
		"no e-mail":            {authcore.Changes{Email: set("bob"), Disabled: set(true)}, authcore.CodeInvalid, ""},
		"no phone":             {authcore.Changes{Phone: set("12"), Disabled: set(true)}, authcore.CodeInvalid, ""},
		"a short password":     {authcore.Changes{Password: set("short"), Disabled: set(true)}, authcore.CodeInvalid, ""},
		"an empty password":    {authcore.Changes{Password: set(""), Disabled: set(true)}, authcore.CodeInvalid, ""},
		"of another dialect":   {authcore.Changes{Dialect: "other", Attributes: authcore.Attributes{"x": "y"}, Disabled: set(true)}, authcore.CodeForbidden, ""},
		"his new e-mail as it": {authcore.Changes{Email: set("qwertyuiopas@example.com"), Password: set("qwertyuiopas@example.com")}, authcore.CodeInvalid, ""},
	} {
		got, err := h.Users.Update(t.Context(), erp(), "alice", c.change)
		wantReason(t, err, c.code, c.reason)
		now, err := h.Users.Get(t.Context(), erp(), u.ID)
		must(t, err)
		if now.Email != u.Email || now.Phone != "" || now.Disabled || now.Password != u.Password || now.Epoch != u.Epoch || got.ID != "" {
			t.Errorf("%s: %+v", what, now)
		}
	}
	_, err := h.Users.Update(t.Context(), erp(), "alice", authcore.Changes{Email: set("carol@example.com")}) // who is of another tenant
	must(t, err)
}

// HND-02: users of another tenant read like users who do not exist, and no user
// changes himself that way.
func TestWhoHandlesUsers(t *testing.T) {
	h := newCore(t, nil)
	u := h.person(t, "alice", mail)
	acme := authcore.ActingIntegrator(dialect, "acme")
	for name, do := range map[string]func(authcore.Actor, string) error{
		"update": func(a authcore.Actor, ref string) error {
			_, err := h.Users.Update(t.Context(), a, ref, authcore.Changes{Disabled: set(true)})
			return err
		},
		"remove alone": func(a authcore.Actor, ref string) error {
			_, err := h.Users.RemoveAlone(t.Context(), a, ref)
			return err
		},
		"remove": func(a authcore.Actor, ref string) error { _, err := h.Users.Remove(t.Context(), a, ref); return err },
		"disable": func(a authcore.Actor, ref string) error {
			_, err := h.Users.SetDisabled(t.Context(), a, ref, true)
			return err
		},
		"password": func(a authcore.Actor, ref string) error {
			_, err := h.Users.SetPassword(t.Context(), a, ref, "one more "+password)
			return err
		},
	} {
		for _, ref := range []string{u.ID, "alice", "alice@example.com", uuid.NewString()} {
			err := do(acme, ref)
			if wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoUser); fmt.Sprint(err) != "no such user" {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantCode(t, do(h.fresh(u), u.ID), authcore.CodeForbidden)
		wantCode(t, do(authcore.Actor{}, u.ID), authcore.CodeForbidden)
	}
	for _, actor := range []authcore.Actor{h.fresh(u), {}} {
		found, err := h.Users.Find(t.Context(), actor, "", 10, dialect)
		if wantCode(t, err, authcore.CodeForbidden); found != nil {
			t.Error("found")
		}
		_, err = h.Users.CheckPassword(t.Context(), actor, "alice", password, authcore.Origin{})
		wantCode(t, err, authcore.CodeForbidden)
	}
	found, err := h.Users.Find(t.Context(), acme, "ali", 10, dialect)
	if must(t, err); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
	_, err = h.Users.CheckPassword(t.Context(), acme, "alice", password, authcore.Origin{Address: "192.0.2.1"})
	wantReason(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongSecret)
}

func TestFind(t *testing.T) {
	h := newCore(t, nil)
	for _, name := range []string{"bob", "alice", "alina"} {
		h.person(t, name, mail)
	}
	names := func(words string, limit int) (list []string) {
		found, err := h.Users.Find(t.Context(), erp(), words, limit, dialect)
		must(t, err)
		for _, u := range found {
			list = append(list, u.Name)
		}
		return list
	}
	for _, c := range []struct {
		words string
		limit int
		want  []string
	}{
		{"ALI", 10, []string{"alice", "alina"}},
		{"ali", 1, []string{"alice"}},
		{"@example", 1000, []string{"alice", "alina", "bob"}},
		{"", 10, []string{"alice", "alina", "bob"}},
		{"%", 10, nil},
		{"a\x00", 10, nil},
		{"\xff", 10, nil},
	} {
		if got := names(c.words, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%q gives %v, want %v", c.words, got, c.want)
		}
	}
	for _, limit := range []int{-1, 0, 1001} {
		_, err := h.Users.Find(t.Context(), erp(), "", limit, dialect)
		wantCode(t, err, authcore.CodeInvalid)
	}
	_, err := h.Users.Find(t.Context(), erp(), "", 1, "other")
	wantCode(t, err, authcore.CodeForbidden) // what another dialect remembers
	_, err = h.Users.Update(t.Context(), erp(), "alina", authcore.Changes{Dialect: dialect, Attributes: authcore.Attributes{"first": "Alina"}})
	must(t, err)
	found, err := h.Users.Find(t.Context(), erp(), "ali", 10, dialect)
	if must(t, err); len(found) != 2 || len(found[0].Attributes) != 0 || found[1].Attributes["first"] != "Alina" {
		t.Errorf("remembered of %+v", found)
	}
}

// HND-01: who is removed alone leaves in stock what makes codes by itself, and his
// tokens open nothing; the rest goes with him.
func TestRemoveAlone(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	other := h.again(t, nil)
	other.passes(t, login.Token)
	blocked := h.put(t, m.user, authcore.KindTOTP, authcore.StatusBlocked)
	var gone []string
	for _, d := range []struct {
		kind   authcore.DeviceKind
		status authcore.DeviceStatus
	}{
		{authcore.KindTOTP, authcore.StatusPending},
		{authcore.KindHOTP, authcore.StatusDeactivated},
		{authcore.KindPhone, authcore.StatusActive},
		{authcore.KindBackup, authcore.StatusActive},
	} {
		gone = append(gone, h.put(t, m.user, d.kind, d.status))
	}
	u, err := h.Users.RemoveAlone(t.Context(), erp(), "alice")
	must(t, err)
	if u.ID != m.user.ID {
		t.Errorf("removed %+v", u)
	}
	h.refuses(t, login.Token)
	other.refresh(t)
	other.refuses(t, login.Token)
	h.again(t, nil).refuses(t, login.Token)
	_, err = h.Users.Get(t.Context(), erp(), u.ID)
	wantCode(t, err, authcore.CodeNotFound)
	for _, id := range []string{m.device.Device.ID, blocked} {
		if d := h.owned(t, id); d.UserID != "" || d.Epoch == 0 {
			t.Errorf("in stock: %+v", d)
		}
	}
	for _, id := range gone {
		_, _, err := h.Devices.Get(t.Context(), erp(), id)
		wantCode(t, err, authcore.CodeNotFound)
	}
	if out, removed := h.events(t, "device.unassign"), h.events(t, "user.remove"); len(out) != 2 || out[0].UserID != u.ID || len(removed) != 1 {
		t.Errorf("audited %+v and %+v", out, removed)
	}
	bob := h.user(t, "bob")
	_, err = h.Devices.Assign(t.Context(), erp(), m.device.Device.ID, bob.ID, false)
	must(t, err)
	h.refuses(t, login.Token)
	_, err = h.Logins.Second(t.Context(), h.verified(t, "bob"), m.code(t))
	must(t, err)
	_, err = h.Users.Remove(t.Context(), erp(), "bob")
	must(t, err)
	_, _, err = h.Devices.Get(t.Context(), erp(), m.device.Device.ID) // with all that is his
	wantCode(t, err, authcore.CodeNotFound)
}

// A password that an integrator shows for a user is counted like that of a login, by
// his name in the audit trail, and says of nobody whether he exists.
func TestCheckPassword(t *testing.T) {
	h := newCore(t, nil)
	alice := h.person(t, "alice", mail)
	bob := h.user(t, "bob")
	_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), bob.ID, true)
	must(t, err)
	nopass, err := h.Users.Add(t.Context(), erp(), authcore.NewUser{Name: "carol"})
	must(t, err)
	from := authcore.Origin{Address: "192.0.2.7", RequestID: "r7"}
	u, err := h.Users.CheckPassword(t.Context(), erp(), "Alice@Example.com", password, from)
	if must(t, err); u.ID != alice.ID {
		t.Errorf("%+v", u)
	}
	refused := ""
	for _, c := range [][2]string{{"alice", "wrong"}, {"alice", ""}, {"nobody", password}, {bob.Name, password}, {nopass.Name, ""}, {nopass.Name, password}} {
		u, err := h.Users.CheckPassword(t.Context(), erp(), c[0], c[1], from)
		wantReason(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongSecret)
		if refused == "" {
			refused = fmt.Sprint(err)
		}
		if fmt.Sprint(err) != refused || u.ID != "" {
			t.Errorf("%s: %v, %+v", c[0], err, u)
		}
	}
	for range 10 {
		_, err = h.Users.CheckPassword(t.Context(), erp(), "alice", "wrong", from)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	_, err = h.Users.CheckPassword(t.Context(), erp(), "alice", password, from)
	wantReason(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongSecret)
	rows := h.events(t, "login.password")
	if rows[0].Reason != "throttled" || rows[0].Actor != "integrator:erp" || rows[0].Address != from.Address || rows[0].RequestID != "r7" {
		t.Errorf("audited %+v", rows[0])
	}
	h.clock.Turn(time.Hour)
	_, err = h.Users.CheckPassword(t.Context(), erp(), "alice", password, from)
	must(t, err)
	sessions, err := h.Sessions.List(t.Context(), authcore.Operator(), "")
	if must(t, err); len(sessions) != 0 {
		t.Errorf("%d sessions", len(sessions))
	}
}

// An integrator may add a user who has no password, or who is disabled; an operator
// adds nobody without one.
func TestUsersOfIntegrators(t *testing.T) {
	h := newCore(t, nil)
	acme := authcore.ActingIntegrator(dialect, "acme")
	u, err := h.Users.Add(t.Context(), acme, authcore.NewUser{Name: "alice", Email: "a@example.com", Disabled: true, Dialect: dialect, Attributes: authcore.Attributes{"first_name": "Al"}})
	must(t, err)
	if u.Tenant != "acme" || !u.Disabled || u.Password != "" {
		t.Errorf("%+v", u)
	}
	now, err := h.Users.Get(t.Context(), acme, "alice")
	if must(t, err); !now.Disabled || now.Password != "" {
		t.Errorf("stored: %+v", now)
	}
	a, err := h.Users.Attributes(t.Context(), acme, "alice", dialect)
	if must(t, err); a["first_name"] != "Al" {
		t.Errorf("remembered: %v", a)
	}
	_, err = h.Users.Add(t.Context(), acme, authcore.NewUser{Name: "bob", Email: "A@example.com"})
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonUserTaken)
	_, err = h.Users.Add(t.Context(), erp(), authcore.NewUser{Name: "alice", Email: "a@example.com", Password: password}) // of another tenant
	must(t, err)
	_, err = h.Users.Add(t.Context(), acme, authcore.NewUser{Name: "bob", Password: "short"})
	wantCode(t, err, authcore.CodeInvalid)
	_, err = h.Users.Add(t.Context(), acme, authcore.NewUser{Name: "bob", Dialect: "other", Attributes: authcore.Attributes{"x": "y"}})
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "bob"})
	wantCode(t, err, authcore.CodeInvalid)
	_, err = h.Users.Get(t.Context(), authcore.Operator(), "bob")
	wantCode(t, err, authcore.CodeNotFound)
}
