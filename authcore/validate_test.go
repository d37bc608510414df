package authcore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// caller is an integrator of a dialect, in a tenant.
func (h *house) caller(t testing.TB, name, dialect, tenant string) authcore.Actor {
	t.Helper()
	_, key, err := h.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: name, Dialect: dialect, Tenant: tenant})
	must(t, err)
	actor, err := h.Integrators.Admit(t.Context(), authcore.Knock{Dialect: dialect, Name: name, Key: key})
	must(t, err)
	return actor
}

// validation is a house with an integrator who asks about codes.
type validation struct {
	*house
	by authcore.Actor
}

func newValidation(t testing.TB, change func(*authcore.Options)) *validation {
	t.Helper()
	h := newCore(t, change)
	return &validation{h, h.caller(t, "acme", "surepassid", "")}
}

func (v *validation) ask(t testing.TB, user, device, code string) (authcore.Device, error) {
	t.Helper()
	return v.Devices.Validate(t.Context(), v.by, authcore.Checked{
		User: user, Device: device, Code: code, From: authcore.Origin{Address: "192.0.2.7", RequestID: "r7"},
	})
}

// refused holds an error against its code and reason.
func refused(t testing.TB, err error, code authcore.Code, reason authcore.Reason) {
	t.Helper()
	if authcore.CodeOf(err) != code || authcore.ReasonOf(err) != reason {
		t.Errorf("error %v (%s, %s), want %s, %s", err, authcore.CodeOf(err), authcore.ReasonOf(err), code, reason)
	}
}

// events are the audit rows of an action, the newest first.
func (h *house) events(t testing.TB, action string) (found []authcore.Event) {
	t.Helper()
	h.read(t, func(tx authcore.Tx) error {
		events, err := tx.Events(1000)
		for _, e := range events {
			if e.Action == action {
				found = append(found, e)
			}
		}
		return err
	})
	return found
}

// A code is right once: for the user, for his serial, and for the serial alone.
func TestValidate(t *testing.T) {
	v := newValidation(t, nil)
	v.user(t, "alice")
	r := v.device(t, "alice", authcore.KindHOTP)
	for n, c := range []struct{ user, device string }{{"alice", ""}, {"alice", r.Device.Serial}, {"", r.Device.Serial}, {"", r.Device.ID}} {
		d, err := v.ask(t, c.user, c.device, authtest.HOTP(t, r.Secret, int64(n)))
		must(t, err)
		if d.ID != r.Device.ID || d.LastCounter != int64(n) || !d.LastUsedAt.Equal(v.clock.Now()) {
			t.Errorf("code %d gives %+v", n, d)
		}
		d, err = v.ask(t, c.user, c.device, authtest.HOTP(t, r.Secret, int64(n)))
		refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonReplayed)
		if d.ID != r.Device.ID {
			t.Errorf("the refusal of a replay names no device")
		}
	}
	if a := v.attempts(t, r.Device.ID); a.Total != 4 || a.Failures != 1 {
		t.Errorf("counted %+v, want the four replays, and no run but the last", a)
	}
	e := v.events(t, "device.validate")[1]
	want := authcore.Event{
		At: e.At, Node: "n1", Actor: "integrator:acme", Action: "device.validate", Outcome: "ok", Tenant: "default",
		UserID: r.Device.UserID, DeviceID: r.Device.ID, Factor: "hotp", Address: "192.0.2.7", RequestID: "r7",
	}
	if e != want {
		t.Errorf("the audit says %+v", e)
	}
	if got := v.reasons(t, "device.validate"); got["replayed"] != 4 || got[""] != 4 {
		t.Errorf("the audit says %v", got)
	}
}

// What a clock makes is known again while its window lasts, and an older code too.
func TestValidateTOTP(t *testing.T) {
	v := newValidation(t, nil)
	v.user(t, "alice")
	r := v.device(t, "alice", authcore.KindTOTP)
	code := authtest.TOTP(t, r.Secret, v.clock.Now())
	d, err := v.ask(t, "alice", "", authtest.TOTP(t, r.Secret, v.clock.Now().Add(30*time.Second)))
	must(t, err)
	if d.Drift != 1 {
		t.Errorf("drift %d, want 1: the device is one step ahead", d.Drift)
	}
	_, err = v.ask(t, "alice", "", code)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonReplayed)
	v.clock.Turn(time.Hour)
	_, err = v.ask(t, "alice", "", code)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	_, err = v.ask(t, "alice", "", authtest.TOTP(t, r.Secret, v.clock.Now()))
	must(t, err)
}

// A code that a login has used is none any more, and the other way round.
func TestValidateAndLoginShareTheCounter(t *testing.T) {
	v := newValidation(t, nil)
	m := v.member(t, "alice")
	code := m.code(t)
	v.login(t, &member{user: m.user, device: m.device, verified: m.verified})
	_, err := v.ask(t, "alice", "", code)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonReplayed)
	code = m.code(t)
	_, err = v.ask(t, "alice", "", code)
	must(t, err)
	_, err = v.Logins.Second(t.Context(), m.verified, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// Law 4: who has no key of an integrator learns nothing and counts nothing, and nor
// does an integrator of another tenant.
func TestValidateAsksForAnIntegrator(t *testing.T) {
	v := newValidation(t, nil)
	v.user(t, "alice")
	r := v.device(t, "alice", authcore.KindHOTP)
	code := authtest.HOTP(t, r.Secret, 0)
	himself := authcore.ActingUser(&authcore.Principal{UserID: r.Device.UserID, Tenant: "default", AuthTime: v.clock.Now(), OTPTime: v.clock.Now()})
	elsewhere := v.caller(t, "other", "surepassid", "hr")
	for _, c := range []struct {
		name   string
		by     authcore.Actor
		user   string
		device string
		code   authcore.Code
		reason authcore.Reason
	}{
		{"nobody", authcore.Actor{}, "alice", r.Device.Serial, authcore.CodeForbidden, ""},
		{"a user", himself, "alice", r.Device.Serial, authcore.CodeForbidden, ""},
		{"another tenant", elsewhere, "alice", "", authcore.CodeNotFound, authcore.ReasonNoUser},
		{"another tenant, by IDs", elsewhere, r.Device.UserID, r.Device.ID, authcore.CodeNotFound, authcore.ReasonNoUser},
		{"another tenant, by serial", elsewhere, "", r.Device.Serial, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"another tenant, by ID", elsewhere, "", r.Device.ID, authcore.CodeNotFound, authcore.ReasonNoDevice},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := v.Devices.Validate(t.Context(), c.by, authcore.Checked{User: c.user, Device: c.device, Code: code})
			refused(t, err, c.code, c.reason)
			if d.ID != "" {
				t.Errorf("it learns of %+v", d)
			}
			_, err = v.Devices.Validate(t.Context(), c.by, authcore.Checked{User: "nobody", Device: "none", Code: code})
			if authcore.CodeOf(err) != c.code {
				t.Errorf("what does not exist gives %v", err)
			}
		})
	}
	if a := v.attempts(t, r.Device.ID); a.Total != 0 {
		t.Errorf("counted %+v", a)
	}
	_, err := v.ask(t, "alice", "", code)
	must(t, err)
}

// What is looked up is refused by name, and costs no try.
func TestValidateRefusesByName(t *testing.T) {
	v := newValidation(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindHOTP, authcore.KindEmail} })
	hotp := func(user, serial string) authcore.Registered {
		return v.register(t, authcore.Operator(), authcore.Enrolment{User: user, Kind: authcore.KindHOTP, Serial: serial})
	}
	for _, name := range []string{"alice", "bob", "carol", "dave", "erin"} {
		v.user(t, name)
	}
	alice, bob := hotp("alice", "A1"), hotp("bob", "B1")
	dave := hotp("dave", "D1")
	_, err := v.Users.SetDisabled(t.Context(), authcore.Operator(), "dave", true)
	must(t, err)
	blocked := hotp("erin", "E1")
	_, err = v.Devices.Block(t.Context(), authcore.Operator(), "E1")
	must(t, err)
	gone := hotp("erin", "E2")
	_, err = v.Devices.Deactivate(t.Context(), authcore.Operator(), "E2")
	must(t, err)
	fob := v.register(t, authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP, Serial: "FOB", Awaits: authcore.AwaitsCodes})
	clock := authcore.Device{
		ID: "7b0c8f52-2f0f-4e0b-9d83-31c4ad1a1c55", Tenant: "default", Serial: "T1", Kind: authcore.KindTOTP,
		Status: authcore.StatusActive, Digits: 6, Period: 30, LastCounter: -1,
	}
	v.write(t, func(tx authcore.Tx) error { return tx.CreateDevice(clock) })
	mail := authcore.Device{
		ID: "7b0c8f52-2f0f-4e0b-9d83-31c4ad1a1c56", Tenant: "default", Serial: "M1", Kind: authcore.KindEmail,
		Status: authcore.StatusActive, Address: "a@example.com", LastCounter: -1,
	}
	v.write(t, func(tx authcore.Tx) error { return tx.CreateDevice(mail) })
	for _, c := range []struct {
		name, user, device string
		secret             []byte
		code               authcore.Code
		reason             authcore.Reason
	}{
		{"no such user", "nobody", "", alice.Secret, authcore.CodeNotFound, authcore.ReasonNoUser},
		{"nobody named", "", "", alice.Secret, authcore.CodeNotFound, authcore.ReasonNoUser},
		{"no device", "carol", "", alice.Secret, authcore.CodeNotFound, authcore.ReasonNone},
		{"no such device", "alice", "X1", alice.Secret, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"the device of another", "alice", "B1", bob.Secret, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"a device in stock for a user", "alice", "FOB", fob.Secret, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"a disabled user", "dave", "", dave.Secret, authcore.CodeForbidden, authcore.ReasonUserDisabled},
		{"a disabled user, by serial", "", "D1", dave.Secret, authcore.CodeForbidden, authcore.ReasonUserDisabled},
		{"blocked, the first that is not gone", "erin", "", blocked.Secret, authcore.CodeForbidden, authcore.ReasonInactive},
		{"deactivated", "erin", "E2", gone.Secret, authcore.CodeForbidden, authcore.ReasonInactive},
		{"pending", "", "FOB", fob.Secret, authcore.CodeForbidden, authcore.ReasonInactive},
		{"of a kind that does not count here", "", "T1", alice.Secret, authcore.CodeForbidden, authcore.ReasonInactive},
		{"of a kind that makes no codes", "", "M1", alice.Secret, authcore.CodeNotFound, authcore.ReasonNoDevice},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := v.reasons(t, "device.validate")[string(c.reason)]
			_, err := v.ask(t, c.user, c.device, authtest.HOTP(t, c.secret, 0))
			refused(t, err, c.code, c.reason)
			if after := v.reasons(t, "device.validate")[string(c.reason)]; after != before+1 {
				t.Errorf("%d rows of %s in the audit trail, want %d", after, c.reason, before+1)
			}
		})
	}
	for _, r := range []authcore.Registered{alice, bob, dave, blocked, gone, fob} {
		d, a, err := v.Devices.Get(t.Context(), authcore.Operator(), r.Device.ID)
		must(t, err)
		if d.LastCounter != -1 || a.Total != 0 {
			t.Errorf("device %s: counter %d, %+v", d.Serial, d.LastCounter, a)
		}
	}
}

// The first device is the first that became his, past what he began to enrol himself.
func TestValidateTakesTheFirst(t *testing.T) {
	v := newValidation(t, nil)
	v.user(t, "alice")
	_, err := v.Logins.SetApp(t.Context(), v.verified(t, "alice"))
	must(t, err)
	first, second := v.device(t, "alice", authcore.KindHOTP), v.device(t, "alice", authcore.KindHOTP)
	d, err := v.ask(t, "alice", "", authtest.HOTP(t, second.Secret, 0))
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	if d.ID != first.Device.ID {
		t.Errorf("the first is %+v", d)
	}
	if a := v.attempts(t, second.Device.ID); a.Total != 0 {
		t.Errorf("another device was tried: %+v", a)
	}
}

// A device in stock may be asked about by its serial.
func TestValidateInStock(t *testing.T) {
	v := newValidation(t, nil)
	r := v.register(t, authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP, Serial: "S1"})
	d, err := v.ask(t, "", "S1", authtest.HOTP(t, r.Secret, 0))
	must(t, err)
	if d.UserID != "" || d.LastCounter != 0 {
		t.Errorf("%+v", d)
	}
}

// OTP-02: what has not the shape of a code is no try.
func TestValidateMalformed(t *testing.T) {
	v := newValidation(t, nil)
	v.user(t, "alice")
	r := v.device(t, "alice", authcore.KindHOTP)
	code := authtest.HOTP(t, r.Secret, 0)
	for _, c := range []string{"", "12345", "1234567", " " + code, code + "\n", "12345a", "١٢٣٤٥٦", "+12345", code[:5] + "\x00"} {
		_, err := v.ask(t, "alice", "", c)
		refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonMalformedCode)
		if c != "" && strings.Contains(err.Error(), c) {
			t.Errorf("the refusal has the code in it: %v", err)
		}
	}
	if a := v.attempts(t, r.Device.ID); a.Total != 0 {
		t.Errorf("counted %+v", a)
	}
	_, err := v.ask(t, "alice", "", code)
	must(t, err)
}

// A PIN stands before each code, and its length is no answer that costs nothing.
func TestValidatePIN(t *testing.T) {
	v := newValidation(t, nil)
	v.user(t, "alice")
	r := v.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, PIN: "48151"})
	code := authtest.HOTP(t, r.Secret, 0)
	for _, c := range []struct {
		typed  string
		reason authcore.Reason
	}{
		{code, authcore.ReasonMalformedCode},
		{"481" + code, authcore.ReasonMalformedCode},
		{"481516234" + code, authcore.ReasonMalformedCode},
		{"4815" + code, authcore.ReasonWrongCode},
		{"48152" + code, authcore.ReasonWrongCode},
		{"481516" + code, authcore.ReasonWrongCode},
		{code + "48151", authcore.ReasonWrongCode},
	} {
		_, err := v.ask(t, "alice", "", c.typed)
		refused(t, err, authcore.CodeUnauthenticated, c.reason)
	}
	if a := v.attempts(t, r.Device.ID); a.Total != 4 {
		t.Errorf("counted %+v, want 4", a)
	}
	_, err := v.ask(t, "alice", "", "48151"+code)
	must(t, err)
	_, err = v.ask(t, "alice", "", "48152"+code)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode) // without the PIN nobody learns that it was used
	_, err = v.ask(t, "alice", "", "48151"+code)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode) // and with an old code nobody learns the PIN
}

// LCK-06, LCK-11: ten wrong codes in a row pause the device, whoever asks, and a
// hundred in all end it.
func TestValidateIsPausedAndCapped(t *testing.T) {
	v := newValidation(t, nil)
	m := v.member(t, "alice")
	other := v.caller(t, "other", "surepassid", "")
	wrong, device := m.wrong(t), m.device.Device
	for n := range 10 {
		by := []authcore.Actor{v.by, other}[n%2]
		_, err := v.Devices.Validate(t.Context(), by, authcore.Checked{User: "alice", Code: wrong})
		refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	}
	if pauses := v.events(t, "device.pause"); len(pauses) != 1 || pauses[0].DeviceID != device.ID || pauses[0].Actor != "integrator:other" || pauses[0].Outcome != "ok" || pauses[0].Reason != "" {
		t.Errorf("pauses in the audit trail: %+v", pauses)
	}
	v.clock.Turn(time.Minute)
	_, err := v.ask(t, "alice", "", authtest.HOTP(t, m.device.Secret, 0))
	refused(t, err, authcore.CodeThrottled, authcore.ReasonPaused)
	var e *authcore.Error
	if !errors.As(err, &e) || e.RetryAfter != 19*time.Minute {
		t.Errorf("retry after %v", e.RetryAfter)
	}
	if d, _, _ := v.Devices.Get(t.Context(), authcore.Operator(), device.ID); d.LastCounter != -1 {
		t.Error("a code was used up that was not looked at")
	}
	_, err = v.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, m.device.Secret, 0))
	wantCode(t, err, authcore.CodeThrottled)
	for a := v.attempts(t, device.ID); a.Total < 100; a = v.attempts(t, device.ID) {
		v.clock.Turn(20 * time.Minute)
		_, err := v.ask(t, "alice", "", wrong)
		refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	}
	v.clock.Turn(time.Hour)
	_, err = v.ask(t, "alice", "", authtest.HOTP(t, m.device.Secret, 0))
	refused(t, err, authcore.CodeThrottled, authcore.ReasonPaused)
	if !errors.As(err, &e) || e.RetryAfter != 0 || !strings.Contains(e.Message, "register it anew") {
		t.Errorf("at the cap: %+v", e)
	}
}
