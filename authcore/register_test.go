package authcore_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// in is a user of a tenant who knows the password.
func (h *house) in(t testing.TB, tenant, name string) authcore.User {
	t.Helper()
	return h.person(t, name, func(u *authcore.User) { u.Tenant = tenant })
}

func (h *house) register(t testing.TB, actor authcore.Actor, e authcore.Enrolment) authcore.Registered {
	t.Helper()
	r, err := h.Devices.Register(t.Context(), actor, e)
	must(t, err)
	return r
}

// wantReason is wantCode with a reason.
func wantReason(t testing.TB, err error, code authcore.Code, reason authcore.Reason) {
	t.Helper()
	wantCode(t, err, code)
	if got := authcore.ReasonOf(err); got != reason {
		t.Errorf("%v has the reason %q, want %q", err, got, reason)
	}
}

func ahead(n int) *int { return &n }

// An integrator registers devices of its tenant, in stock or of a user, and of no
// other; what is remembered of them stands beside.
func TestRegisterInATenant(t *testing.T) {
	h := newCore(t, nil)
	acme, other := h.integrator(t, "acme-app", "acme"), h.integrator(t, "other-app", "other")
	u := h.in(t, "acme", "alice")
	stock := h.register(t, acme, authcore.Enrolment{
		Kind: authcore.KindHOTP, Serial: "S-1", Name: " e\u0301tui ", Dialect: "fake", Attributes: authcore.Attributes{"device_type": "13"},
	})
	if d := stock.Device; d.Tenant != "acme" || d.UserID != "" || d.Status != authcore.StatusActive || d.Name != "\u00e9tui" {
		t.Errorf("in stock there is %+v", d)
	}
	if uri, err := url.Parse(stock.URI); err != nil || uri.Path != "/Doorward:S-1" {
		t.Errorf("the app would show %s", stock.URI)
	}
	if d := h.register(t, acme, authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP}).Device; d.Tenant != "acme" || d.UserID != u.ID {
		t.Errorf("alice gets %+v", d)
	}
	h.read(t, func(tx authcore.Tx) error {
		got, err := tx.Attributes(authcore.Subject{Kind: authcore.SubjectDevice, ID: stock.Device.ID}, "fake")
		if diff := cmp.Diff(authcore.Attributes{"device_type": "13"}, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
	_, err := h.Devices.Register(t.Context(), acme, authcore.Enrolment{Kind: authcore.KindHOTP, Serial: "S-1"})
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonSerialTaken)
	h.register(t, other, authcore.Enrolment{Kind: authcore.KindHOTP, Serial: "S-1"})
	for _, name := range []string{"alice", u.ID, "nobody"} {
		_, err = h.Devices.Register(t.Context(), other, authcore.Enrolment{User: name, Kind: authcore.KindHOTP})
		wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoUser)
	}
	_, _, err = h.Devices.Get(t.Context(), other, stock.Device.ID)
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
}

// A device in stock is nobody's: its code opens nothing, and is no try at it.
func TestStockOpensNothing(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	stock := h.register(t, authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP})
	_, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, stock.Secret, 0))
	wantCode(t, err, authcore.CodeUnauthenticated)
	if a := h.attempts(t, stock.Device.ID); a.Total != 0 {
		t.Errorf("%d tries counted against a device in stock", a.Total)
	}
	if d, _, err := h.Devices.Get(t.Context(), authcore.Operator(), stock.Device.ID); err != nil || d.LastCounter != -1 {
		t.Errorf("its counter is %d, %v", d.LastCounter, err)
	}
	if got := h.reasons(t, "login.code"); got["wrong_code"] != 1 {
		t.Errorf("the audit has %v", got)
	}
}

// OTP-03, OTP-07: what a device looks ahead has bounds, and is what it looks ahead.
func TestLookAhead(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	for _, c := range []struct {
		kind authcore.DeviceKind
		n    *int
		want int // -1: refused
	}{
		{authcore.KindHOTP, nil, 5},
		{authcore.KindHOTP, ahead(0), 0},
		{authcore.KindHOTP, ahead(50), 50},
		{authcore.KindHOTP, ahead(51), -1},
		{authcore.KindHOTP, ahead(-1), -1},
		{authcore.KindTOTP, nil, 1},
		{authcore.KindTOTP, ahead(0), 0},
		{authcore.KindTOTP, ahead(2), 2},
		{authcore.KindTOTP, ahead(3), -1},
		{authcore.KindTOTP, ahead(-1), -1},
	} {
		r, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{Kind: c.kind, LookAhead: c.n})
		if c.want < 0 {
			wantReason(t, err, authcore.CodeInvalid, authcore.ReasonDrift)
		} else if err != nil || r.Device.LookAhead != c.want {
			t.Errorf("%s looks ahead %d, want %d, %v", c.kind, r.Device.LookAhead, c.want, err)
		}
	}
	hotp := h.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, LookAhead: ahead(0)})
	totp := h.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP, LookAhead: ahead(2)})
	v := h.verified(t, "alice")
	try := func(code string) error { _, err := h.Logins.Second(t.Context(), v, code); return err }
	at := func(steps int) string {
		return authtest.TOTP(t, totp.Secret, h.clock.Now().Add(time.Duration(steps)*30*time.Second))
	}
	wantCode(t, try(authtest.HOTP(t, hotp.Secret, 1)), authcore.CodeUnauthenticated)
	must(t, try(authtest.HOTP(t, hotp.Secret, 0)))
	wantCode(t, try(at(-3)), authcore.CodeUnauthenticated)
	must(t, try(at(-2)))
}

// What a device can't be registered with, by its reason; none of it is stored.
func TestRegisterRefuses(t *testing.T) {
	const totp, hotp, phone, email = authcore.KindTOTP, authcore.KindHOTP, authcore.KindPhone, authcore.KindEmail
	h, _ := phones(t, func(o *authcore.Options) { delete(o.Channels, email) })
	h.person(t, "alice", mail)
	for name, c := range map[string]struct {
		e      authcore.Enrolment
		code   authcore.Code
		reason authcore.Reason
	}{
		"a serial with a space":         {authcore.Enrolment{Kind: totp, Serial: "a b"}, authcore.CodeInvalid, authcore.ReasonSerial},
		"of nobody":                     {authcore.Enrolment{Kind: totp, User: "nobody"}, authcore.CodeNotFound, authcore.ReasonNoUser},
		"a name that turns writing":     {authcore.Enrolment{Kind: totp, Name: "\u202ex"}, authcore.CodeInvalid, ""},
		"a name of a phone":             {authcore.Enrolment{User: "alice", Kind: phone, Address: "+79001234567", Name: "\u202ex"}, authcore.CodeInvalid, ""},
		"awaits something":              {authcore.Enrolment{Kind: totp, Awaits: "x"}, authcore.CodeInvalid, ""},
		"a phone in stock":              {authcore.Enrolment{Kind: phone, Address: "+79001234567"}, authcore.CodeInvalid, ""},
		"a phone that awaits codes":     {authcore.Enrolment{User: "alice", Kind: phone, Address: "+79001234567", Awaits: authcore.AwaitsCodes}, authcore.CodeInvalid, ""},
		"a phone with a PIN":            {authcore.Enrolment{User: "alice", Kind: phone, Address: "+79001234567", PIN: "1234"}, authcore.CodeInvalid, ""},
		"a phone that looks ahead":      {authcore.Enrolment{User: "alice", Kind: phone, Address: "+79001234567", LookAhead: ahead(1)}, authcore.CodeInvalid, ""},
		"welcome by letter":             {authcore.Enrolment{User: "alice", Kind: hotp, Welcome: hotp}, authcore.CodeInvalid, ""},
		"welcome without a channel":     {authcore.Enrolment{User: "alice", Kind: hotp, Welcome: email}, authcore.CodeUnavailable, authcore.ReasonUndelivered},
		"welcome without an address":    {authcore.Enrolment{User: "alice", Kind: hotp, Welcome: phone}, authcore.CodeConflict, authcore.ReasonNoAddress},
		"welcome of nobody":             {authcore.Enrolment{Kind: hotp, Welcome: phone}, authcore.CodeConflict, authcore.ReasonNoAddress},
		"welcome of nobody there is":    {authcore.Enrolment{User: "nobody", Kind: hotp, Welcome: phone}, authcore.CodeNotFound, authcore.ReasonNoUser},
		"looks too far, and its serial": {authcore.Enrolment{Kind: hotp, LookAhead: ahead(51), Serial: "a b"}, authcore.CodeInvalid, authcore.ReasonDrift},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Devices.Register(t.Context(), authcore.Operator(), c.e)
			wantReason(t, err, c.code, c.reason)
		})
	}
	if list, err := h.Devices.List(t.Context(), authcore.Operator(), ""); err != nil || len(list) != 0 {
		t.Errorf("%d devices exist, %v", len(list), err)
	}
}

// OTP-17: what awaits codes fills a place, however often somebody begins to enrol.
func TestAwaitingDevicesFillThePlaces(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	for range 5 {
		h.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Awaits: authcore.AwaitsCodes})
	}
	_, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
	wantReason(t, err, authcore.CodeConflict, "")
	_, err = h.Logins.SetApp(t.Context(), h.verified(t, "alice"))
	wantCode(t, err, authcore.CodeConflict)
	h.register(t, authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP}) // in stock there is room
}

// DEV-10: a user is welcomed by the way that was asked for, in place of the usual
// notice, and once.
func TestWelcome(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", func(u *authcore.User) { mail(u); u.Phone = "+79001234567" })
	h.person(t, "bob", func(u *authcore.User) { mail(u); u.Language = "ru" })
	told := 0
	for _, c := range []struct {
		e             authcore.Enrolment
		to, subject   string // empty: nobody is told
		text, textEnd string
	}{
		{
			authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Serial: "S-1", Welcome: authcore.KindPhone},
			"+79001234567", "A device was registered for you at Doorward", `registered for you: code generator "S-1" (`, "runs the site.",
		},
		{
			authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP, Serial: "S-2", Name: "Fob", Welcome: authcore.KindEmail},
			"alice@example.com", "A device was registered for you at Doorward", `registered for you: authenticator app "Fob" (`, "runs the site.",
		},
		{
			authcore.Enrolment{User: "bob", Kind: authcore.KindHOTP, Serial: "S-3", Welcome: authcore.KindEmail, Awaits: authcore.AwaitsCodes},
			"bob@example.com", "Для вас добавлено устройство: Doorward", "генератор кодов «S-3» (", "администратору сайта.",
		},
		{authcore.Enrolment{User: "bob", Kind: authcore.KindHOTP, Awaits: authcore.AwaitsCodes}, "", "", "", ""}, // it does not count yet
		{
			authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP},
			"alice@example.com", "Security notice from Doorward", "device added: code generator (", "runs the site.",
		},
		{authcore.Enrolment{Kind: authcore.KindHOTP}, "", "", "", ""},
	} {
		h.register(t, authcore.Operator(), c.e)
		h.live.Settle()
		got := outbox.Told(t, told)[told:]
		told += len(got)
		if c.to == "" {
			if len(got) != 0 {
				t.Errorf("told %+v", got)
			}
			continue
		}
		if len(got) != 1 || got[0].To != c.to || got[0].Subject != c.subject || !strings.Contains(got[0].Text, c.text) || !strings.HasSuffix(got[0].Text, c.textEnd) {
			t.Errorf("told %+v, want %s to %s", got, c.text, c.to)
		}
	}
	if got := h.reasons(t, "device.enrol"); got[""] != 2 {
		t.Errorf("the audit has %v", got)
	}
}

// DEV-10: a welcome that fails undoes nothing.
func TestFailedWelcomeUndoesNothing(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", mail)
	outbox.FailTelling = func(context.Context, authcore.Message) error { return errors.New("away") }
	r := h.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Welcome: authcore.KindEmail})
	h.live.Settle()
	if got := h.reasons(t, "notice.send"); got["undelivered"] != 1 {
		t.Errorf("the audit has %v", got)
	}
	if _, err := h.Logins.Second(t.Context(), h.verified(t, "alice"), authtest.HOTP(t, r.Secret, 0)); err != nil {
		t.Error(err)
	}
}

// CRY-02: neither the device nor the event has the PIN.
func TestPINIsSealed(t *testing.T) {
	h := newCore(t, nil)
	d := h.register(t, authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP, PIN: "4711"}).Device
	if len(d.PIN) == 0 || bytes.Contains(d.PIN, []byte("4711")) {
		t.Errorf("the PIN is kept as %q", d.PIN)
	}
	for _, pin := range []string{"471", "471147114", "47a1", " 4711", "4711\n", "-471", "４７１１", "٤٧١١"} {
		_, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP, PIN: pin})
		wantCode(t, err, authcore.CodeInvalid)
		if strings.Contains(authcore.MessageOf(err), pin) {
			t.Errorf("%q is shown: %v", pin, err)
		}
	}
}
