package authcore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// person is a user as change makes him, who knows the password.
func (h *house) person(t testing.TB, name string, change func(*authcore.User)) authcore.User {
	t.Helper()
	hash, err := hashed()
	must(t, err)
	u := authcore.User{ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Name: name, Password: hash, CreatedAt: h.clock.Now()}
	change(&u)
	h.write(t, func(tx authcore.Tx) error { return tx.CreateUser(u) })
	return u
}

func mail(u *authcore.User) { u.Email = u.Name + "@example.com" }

// news waits until all that is on its way has arrived, and gives the texts from
// the n-th on.
func (h *house) news(t testing.TB, outbox *authtest.Outbox, n int) (texts []string) {
	t.Helper()
	h.live.Settle()
	for _, m := range outbox.Told(t, 0)[n:] {
		texts = append(texts, m.To+" "+m.Text)
	}
	return texts
}

// DEV-10: the actions that a user is told of, and no others: each goes through the
// one way by which whatever is audited is committed.
func TestWhichActionsAreTold(t *testing.T) {
	h, outbox := phones(t, nil)
	u := h.person(t, "alice", mail)
	n := 0
	for _, c := range []struct{ action, factor, want string }{ // empty: not told
		{"device.add", "totp", "device added: authenticator app ("},
		{"device.activate", "phone", "device added: phone ("},
		{"device.deactivate", "hotp", "device removed: code generator ("},
		{"device.block", "email", "device blocked: e-mail ("},
		{"device.unblock", "totp", "device unblocked: authenticator app ("},
		{"device.assign", "hotp", "device added: code generator ("},
		{"device.unassign", "hotp", "device removed: code generator ("},
		{"device.remove", "phone", "device removed: phone ("},
		{"device.notices", "email", "notices like this one go to another place now ("},
		{"device.change", "phone", ""},
		{"device.pause", "totp", "too many wrong codes, device paused: authenticator app ("},
		{"device.backup_codes", "backup", "new backup codes were made ("},
		{"user.password", "", "your password was changed ("},
		{"user.invite", "", "a link to add a device was made for you ("},
		{"login.code", "backup", "a backup code was used to sign in ("},
		{"client.approve", "client", "device let in: app or browser ("},
		{"device.block", "client", "device blocked: app or browser ("},
		{"user.strict_devices", "", "new browsers must now be approved from a registered device ("},
		{"user.any_devices", "", "new browsers need no registered device any more ("},
		{"login.code", "totp", ""},
		{"login.password", "pwd", ""},
		{"device.enrol", "totp", ""},
		{"device.rename", "totp", ""},
		{"device.resync", "totp", ""},
		{"device.show_key", "totp", ""},
		{"device.key_shown", "totp", ""},
		{"device.claim", "totp", ""},
		{"session.open", "", ""},
		{"client.ask", "client", ""},
		{"client.token", "client", ""},
		{"client.refuse", "client", ""},
		{"client.bind", "client", ""},
		{"user.add", "", ""},
		{"user.remove", "", ""},
		{"user.disable", "", ""},
		{"session.revoke", "", ""},
		{"notice.send", "", ""},
	} {
		h.clock.Turn(2 * time.Hour) // so that no bound is reached
		e := authcore.Event{Action: c.action, Factor: c.factor, Outcome: authcore.OutcomeRefused, Reason: "x", UserID: u.ID}
		must(t, h.Record(t.Context(), e))
		e.Outcome, e.Reason, e.UserID = authcore.OutcomeOK, "", ""
		must(t, h.Record(t.Context(), e)) // a device in stock
		if got := h.news(t, outbox, n); len(got) != 0 {
			t.Errorf("%s %s: what is refused, or nobody's, is told: %q", c.action, c.factor, got)
		}
		e.UserID = u.ID
		must(t, h.Record(t.Context(), e))
		got := h.news(t, outbox, n)
		n += len(got)
		if c.want == "" && len(got) != 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], "alice@example.com Doorward: "+c.want)) {
			t.Errorf("%s %s is told as %q, want %q", c.action, c.factor, got, c.want)
		}
	}
	for _, m := range outbox.Told(t, n) {
		if m.Code != "" || !m.ExpiresAt.IsZero() || m.ID == "" || m.Language != "en" || m.Subject != "Security notice from Doorward" {
			t.Errorf("%+v", m)
		}
	}
}

// What the services do arrives, with the device's name, in the user's language.
func TestChangesAreTold(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", func(u *authcore.User) { mail(u); u.Language = "ru-RU" })
	m := &member{device: h.device(t, "alice", authcore.KindHOTP), verified: h.verified(t, "alice")}
	d := m.device.Device
	h.write(t, func(tx authcore.Tx) error { return tx.RenameDevice(d.ID, "брелок") })
	login := h.login(t, m)
	codes := h.backups(t, login)
	_, err := h.Logins.Second(t.Context(), m.verified, codes[0])
	must(t, err)
	me := authcore.ActingUser(h.passes(t, login.Token))
	for _, change := range []func() error{
		func() error { _, err := h.Users.Invite(t.Context(), authcore.Operator(), "alice"); return err },
		func() error { return h.Users.ChangePassword(t.Context(), me, attempt("alice"), "one more "+password) },
		func() error { _, err := h.Devices.Block(t.Context(), authcore.Operator(), d.ID); return err },
		func() error { _, err := h.Devices.Unblock(t.Context(), authcore.Operator(), d.ID); return err },
		func() error { _, err := h.Devices.Deactivate(t.Context(), authcore.Operator(), d.ID); return err },
		func() error {
			_, err := h.Users.SetPassword(t.Context(), authcore.Operator(), "alice", "another "+password)
			return err
		},
	} {
		h.live.Settle() // in this order
		must(t, change())
	}
	got := h.news(t, outbox, 0)
	want := []string{
		"добавлено устройство: генератор кодов", "созданы новые резервные коды", "выполнен вход по резервному коду",
		"создана ссылка для добавления устройства", "ваш пароль изменён",
		"заблокировано устройство: генератор кодов «брелок»", "разблокировано устройство: генератор кодов «брелок»",
		"удалено устройство: генератор кодов «брелок»", "ваш пароль изменён",
	}
	slices.Sort(got[:3]) // each on its way by itself
	slices.Sort(want[:3])
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) || !strings.Contains(got[i], "(2026-03-01 12:00 UTC)") {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	if n := len(h.reasons(t, "notice.send")); n != 0 {
		t.Errorf("what was told has %d rows", n)
	}
}

// One first device is one message, and to the number that was just named goes
// none.
func TestFirstDeviceIsToldOnce(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", mail)
	h.person(t, "bob", func(*authcore.User) {})
	for _, name := range []string{"alice", "bob"} {
		v := h.verified(t, name)
		_, err := h.Logins.SetPhone(t.Context(), v, "+7900123456"+fmt.Sprint(len(name)))
		must(t, err)
		login, err := h.Logins.Second(t.Context(), v, outbox.Last(t).Code)
		must(t, err)
		if !login.Activated {
			t.Error("it does not count")
		}
	}
	if got := h.news(t, outbox, 0); len(got) != 1 || !strings.HasPrefix(got[0], "alice@example.com Doorward: device added: phone (") {
		t.Errorf("told %q", got)
	}
}

// Who is told: at his own address, else at a device that a channel reaches, the
// changed one last, and a new one never.
func TestWhoIsTold(t *testing.T) {
	const email, phone = authcore.KindEmail, authcore.KindPhone
	all := []authcore.DeviceKind{email, phone}
	type device struct {
		kind    authcore.DeviceKind
		status  authcore.DeviceStatus
		address string
	}
	active, blocked, gone, pending := authcore.StatusActive, authcore.StatusBlocked, authcore.StatusDeactivated, authcore.StatusPending
	for i, c := range []struct {
		channels     []authcore.DeviceKind
		email, phone string
		devices      []device // the change is one of the first
		action, want string
	}{
		{all, "a@example.com", "+79000000001", []device{{phone, active, "+79000000002"}}, "device.block", "a@example.com"},
		{all, "", "+79000000001", []device{{email, active, "d@example.com"}}, "device.block", "+79000000001"},
		{all[1:], "a@example.com", "+79000000001", nil, "user.password", "+79000000001"},
		{all[:1], "a@example.com", "+79000000001", nil, "user.password", "a@example.com"},
		{all[:1], "", "+79000000001", nil, "user.password", ""},
		{nil, "a@example.com", "+79000000001", nil, "user.password", ""},
		{all, "", "", nil, "user.password", ""},

		{all, "", "", []device{{phone, active, "+79000000001"}, {email, active, "d@example.com"}}, "user.password", "+79000000001"},
		{all[:1], "", "", []device{{phone, active, "+79000000001"}, {email, active, "d@example.com"}}, "user.password", "d@example.com"},
		{all, "", "", []device{{authcore.KindTOTP, active, ""}, {email, blocked, "b@example.com"}, {email, active, "d@example.com"}}, "user.password", "d@example.com"},
		{all, "", "", []device{{email, blocked, "b@example.com"}, {email, blocked, "d@example.com"}}, "user.password", "b@example.com"},
		{all, "", "", []device{{email, pending, "p@example.com"}, {email, gone, "g@example.com"}}, "user.password", ""},

		{all, "", "", []device{{email, active, "d@example.com"}}, "device.add", ""},
		{all, "", "", []device{{email, active, "d@example.com"}}, "device.activate", ""},
		{all, "", "", []device{{email, active, "d@example.com"}, {phone, active, "+79000000001"}}, "device.activate", "+79000000001"},
		{all, "", "", []device{{email, active, "d@example.com"}, {phone, pending, "+79000000001"}, {phone, gone, "+79000000002"}}, "device.add", ""},
		{all, "", "", []device{{email, gone, "d@example.com"}, {phone, active, "+79000000001"}}, "device.deactivate", "+79000000001"},
		{all, "", "", []device{{email, gone, "d@example.com"}, {phone, blocked, "+79000000001"}}, "device.deactivate", "+79000000001"},
		{all, "", "", []device{{email, gone, "d@example.com"}, {email, gone, "g@example.com"}}, "device.deactivate", "d@example.com"},
		{all, "", "", []device{{email, blocked, "d@example.com"}}, "device.block", "d@example.com"},
		{all, "", "", []device{{email, active, "d@example.com"}, {email, active, "e@example.com"}}, "device.unblock", "e@example.com"},
	} {
		t.Run(fmt.Sprint(i, c.action), func(t *testing.T) {
			outbox := new(authtest.Outbox)
			h := newCore(t, func(o *authcore.Options) {
				o.Channels = map[authcore.DeviceKind]authcore.Channel{}
				for _, kind := range c.channels {
					o.Channels[kind] = outbox
				}
			})
			u := h.person(t, "alice", func(u *authcore.User) { u.Email, u.Phone = c.email, c.phone })
			e := authcore.Event{Action: c.action, Outcome: authcore.OutcomeOK, UserID: u.ID}
			for i, d := range c.devices {
				row := authcore.Device{
					ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: fmt.Sprint("s", i), Kind: d.kind, Status: d.status,
					Address: d.address, LastCounter: -1, CreatedAt: h.clock.Now(),
				}
				h.write(t, func(tx authcore.Tx) error { return tx.CreateDevice(row) })
				if i == 0 && strings.HasPrefix(c.action, "device.") {
					e.DeviceID, e.Factor = row.ID, string(d.kind)
				}
			}
			must(t, h.Record(t.Context(), e))
			h.live.Settle()
			var to []string
			for _, m := range outbox.Told(t, 0) {
				to = append(to, m.To)
			}
			if strings.Join(to, " ") != c.want || len(h.reasons(t, "notice.send")) != 0 {
				t.Errorf("told %q, want %q, %v", to, c.want, h.reasons(t, "notice.send"))
			}
		})
	}
}

// A channel that fails, panics or hangs undoes and delays nothing, and leaves a
// row. What is logged has no address.
func TestFailedTellingUndoesNothing(t *testing.T) {
	for name, fail := range map[string]func() error{
		"not sent":   func() error { return authcore.Unavailable(errors.New("away")) },
		"maybe sent": func() error { return errors.New("away") },
		"panics":     func() error { panic("alice@example.com") },
	} {
		t.Run(name, func(t *testing.T) {
			var logged bytes.Buffer
			h, outbox := phones(t, func(o *authcore.Options) { o.Log = slog.New(slog.NewJSONHandler(&logged, nil)) })
			h.person(t, "alice", mail)
			begun, changed := make(chan struct{}, 1), make(chan struct{})
			outbox.FailTelling = func(ctx context.Context, _ authcore.Message) error {
				if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > authcore.ChannelTime {
					t.Error("a delivery without an end")
				}
				begun <- struct{}{}
				select {
				case <-changed:
				case <-ctx.Done():
					t.Error("the change waits for its message")
				}
				h.write(t, func(authcore.Tx) error { return nil }) // no transaction waits for it
				return fail()
			}
			ctx, leave := context.WithCancel(t.Context())
			d, err := h.Devices.Register(ctx, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
			must(t, err)
			leave() // whoever asked may have gone
			<-begun // and the message is on its way still
			if got, _, err := h.Devices.Get(t.Context(), authcore.Operator(), d.Device.ID); err != nil || got.Status != authcore.StatusActive {
				t.Errorf("%+v, %v", got, err)
			}
			close(changed)
			h.live.Settle()
			if got := h.reasons(t, "notice.send"); got["undelivered"] != 1 || len(got) != 1 {
				t.Errorf("the audit has %v", got)
			}
			if _, _, err := h.Devices.Get(t.Context(), authcore.Operator(), d.Device.ID); err != nil {
				t.Error(err)
			}
			if text := logged.String(); !strings.Contains(text, "a change could not be told") || strings.Contains(text, "alice@") {
				t.Errorf("the log has %s", text)
			}
		})
	}
}

// Only what was committed is told.
func TestWhatIsUndoneIsNotTold(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", mail)
	failed := 0
	for n := 1; ; n++ {
		h.faults.FailNext(n, nil)
		_, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
		h.faults.Reset()
		if err == nil {
			break
		}
		failed++
		if got := h.news(t, outbox, 0); len(got) != 0 {
			t.Fatalf("call %d fails, and is told: %q", n, got)
		}
	}
	if failed < 6 {
		t.Errorf("only %d calls failed", failed)
	}
}

// A user who is gone when the message is made is told nothing, and is no failure.
func TestRemovedUserIsNotTold(t *testing.T) {
	h, outbox := phones(t, nil)
	must(t, h.Record(t.Context(), authcore.Event{Action: "user.password", Outcome: authcore.OutcomeOK, UserID: uuid.NewString()}))
	if got := h.news(t, outbox, 0); len(got) != 0 || len(h.reasons(t, "notice.send")) != 0 {
		t.Errorf("told %q, %v", got, h.reasons(t, "notice.send"))
	}
}

// Channels that hang hold up so many messages, and no change.
func TestTellingIsBounded(t *testing.T) {
	var most, now atomic.Int64
	release := make(chan struct{})
	h, outbox := phones(t, nil)
	begun := make(chan struct{}, 1000)
	outbox.FailTelling = func(context.Context, authcore.Message) error {
		most.Store(max(most.Load(), now.Add(1)))
		begun <- struct{}{}
		<-release
		now.Add(-1)
		return nil
	}
	for i := range authcore.Deliveries + 5 {
		name := fmt.Sprint("user", i)
		h.person(t, name, mail)
		h.device(t, name, authcore.KindHOTP)
	}
	for range authcore.Deliveries {
		<-begun
	}
	close(release)
	if got := h.news(t, outbox, 0); len(got) != authcore.Deliveries || most.Load() != authcore.Deliveries {
		t.Errorf("%d were told, %d at once", len(got), most.Load())
	}
	h.device(t, "user0", authcore.KindHOTP)
	if got := h.news(t, outbox, authcore.Deliveries); len(got) != 1 {
		t.Errorf("afterwards told %q", got)
	}
}

// LCK-11: who makes changes without end is told ten an hour, and codes that are
// sent hide no change.
func TestNoticesToOneUserAreBounded(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "bob", mail)
	_, v := h.phone(t, "alice", "+79001234567")
	u, err := h.Users.Get(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	for range 10 {
		_, err := h.Logins.Send(t.Context(), v)
		must(t, err)
	}
	_, err = h.Logins.Send(t.Context(), v)
	wantCode(t, err, authcore.CodeThrottled)
	change := authcore.Event{Action: "user.password", Outcome: authcore.OutcomeOK, UserID: u.ID}
	for range 13 {
		must(t, h.Record(t.Context(), change))
		h.live.Settle()
	}
	if got, rows := h.news(t, outbox, 0), h.reasons(t, "notice.send"); len(got) != 10 || rows["throttled"] != 3 || len(rows) != 1 {
		t.Errorf("%d were told, %v", len(got), rows)
	}
	h.device(t, "bob", authcore.KindHOTP)
	h.clock.Turn(time.Hour + time.Second)
	must(t, h.Record(t.Context(), change))
	if got := h.news(t, outbox, 10); len(got) != 2 {
		t.Errorf("another user, and the next hour: %q", got)
	}
}

// The wrong code that pauses a device is told, the ones before and after are not.
func TestPauseIsTold(t *testing.T) {
	h, outbox := phones(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device.Cap = 12
	})
	h.person(t, "alice", mail)
	m := &member{device: h.device(t, "alice", authcore.KindHOTP), verified: h.verified(t, "alice")}
	wrong := func(times int, want string) {
		t.Helper()
		h.live.Settle()
		n := len(outbox.Told(t, 0))
		for range times {
			if _, err := h.Logins.Second(t.Context(), m.verified, m.wrong(t)); err == nil {
				t.Fatal("a wrong code logs in")
			}
		}
		got := h.news(t, outbox, n)
		if (want == "") != (len(got) == 0) || len(got) > 1 || !strings.HasPrefix(strings.Join(got, ""), want) {
			t.Errorf("after %d more wrong codes told %q, want %q", times, got, want)
		}
	}
	const paused = "alice@example.com Doorward: too many wrong codes, device paused: code generator ("
	wrong(9, "")
	wrong(1, paused)
	wrong(5, "")
	h.clock.Turn(21 * time.Minute)
	wrong(1, "")
	wrong(1, paused) // the cap
	wrong(3, "")
	if got := h.reasons(t, "device.pause"); got[""] != 2 || len(got) != 1 {
		t.Errorf("the audit has %v", got)
	}
}
