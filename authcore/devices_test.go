package authcore_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/oath"
)

// moves is the machine of DEV-03 as the design writes it.
var moves = map[string]map[authcore.DeviceStatus]authcore.DeviceStatus{
	"block":      {"active": "blocked"},
	"unblock":    {"blocked": "active"},
	"deactivate": {"active": "deactivated", "blocked": "deactivated", "pending": "deactivated"},
}

// DEV-03: only listed transitions, whatever is tried in whatever order; each
// one that happens raises the epoch, and no other does.
func TestStatusMachine(t *testing.T) {
	h := newCore(t, nil)
	do := map[string]func(id string) (authcore.Device, error){
		"block": func(id string) (authcore.Device, error) {
			return h.Devices.Block(t.Context(), authcore.Operator(), id)
		},
		"unblock": func(id string) (authcore.Device, error) {
			return h.Devices.Unblock(t.Context(), authcore.Operator(), id)
		},
		"deactivate": func(id string) (authcore.Device, error) {
			return h.Devices.Deactivate(t.Context(), authcore.Operator(), id)
		},
	}
	rapid.Check(t, func(r *rapid.T) {
		status := rapid.SampledFrom([]authcore.DeviceStatus{"pending", "active", "blocked", "deactivated", "rejected"}).Draw(r, "start")
		d := authcore.Device{ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Serial: uuid.NewString()[:18], Kind: authcore.KindHOTP, Status: status}
		h.write(t, func(tx authcore.Tx) error { return tx.CreateDevice(d) })
		epoch := int64(0)
		for _, move := range rapid.SliceOfN(rapid.SampledFrom([]string{"block", "unblock", "deactivate"}), 1, 6).Draw(r, "moves") {
			to, allowed := moves[move][status]
			moved, err := do[move](d.ID)
			if allowed {
				status, epoch = to, epoch+1
				if err != nil || moved.Status != to || moved.Epoch != epoch {
					r.Fatalf("%s of a device that is allowed gave %v, %v", move, moved, err)
				}
			} else if authcore.CodeOf(err) != authcore.CodeConflict || err == nil {
				r.Fatalf("%s of a device that is %s: error %v, want a conflict", move, status, err)
			}
			stored, _, err := h.Devices.Get(t.Context(), authcore.Operator(), d.ID)
			if err != nil || stored.Status != status || stored.Epoch != epoch {
				r.Fatalf("after %s the device is %s with epoch %d (%v), want %s with %d", move, stored.Status, stored.Epoch, err, status, epoch)
			}
		}
	})
}

// OTP-10, OTP-11, DEV-09, PATH: what a device may be registered with.
func TestEnrolmentsThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	for _, c := range []struct {
		name   string
		change func(e *authcore.Enrolment)
	}{
		{"no kind", func(e *authcore.Enrolment) { e.Kind = "" }},
		{"another kind", func(e *authcore.Enrolment) { e.Kind = "email" }},
		{"a secret of 15 bytes", func(e *authcore.Enrolment) { e.Secret = make([]byte, 15) }},
		{"an empty secret", func(e *authcore.Enrolment) { e.Secret = []byte{} }},
		{"seven digits", func(e *authcore.Enrolment) { e.Digits = 7 }},
		{"negative digits", func(e *authcore.Enrolment) { e.Digits = -6 }},
		{"a period of 14 s", func(e *authcore.Enrolment) { e.Period = 14 }},
		{"a period of 121 s", func(e *authcore.Enrolment) { e.Period = 121 }},
		{"a negative period", func(e *authcore.Enrolment) { e.Period = -30 }},
		{"MD5", func(e *authcore.Enrolment) { e.Algorithm = "MD5" }},
		{"sha1 in lower case", func(e *authcore.Enrolment) { e.Algorithm = "sha1" }},
		{"HOTP with a period", func(e *authcore.Enrolment) { e.Kind, e.Period = authcore.KindHOTP, 30 }},
		{"a serial with a slash", func(e *authcore.Enrolment) { e.Serial = "../x" }},
		{"a serial with a line end", func(e *authcore.Enrolment) { e.Serial = "x\n" }},
		{"a serial of 65 letters", func(e *authcore.Enrolment) { e.Serial = strings.Repeat("x", 65) }},
		{"a serial like an id", func(e *authcore.Enrolment) { e.Serial = uuid.NewString() }},
		{"a serial like an id in other letters", func(e *authcore.Enrolment) {
			e.Serial = strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", ""))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP}
			c.change(&e)
			_, err := h.Devices.Register(t.Context(), authcore.Operator(), e)
			wantCode(t, err, authcore.CodeInvalid)
		})
	}
	list, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	if must(t, err); len(list) != 0 {
		t.Errorf("%d devices exist", len(list))
	}
}

// OTP-17, DEV-09: five devices at most, and a serial once.
func TestFiveDevicesAndUniqueSerials(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	h.user(t, "bob")
	register := func(user, serial string) (authcore.Registered, error) {
		return h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: user, Kind: authcore.KindHOTP, Serial: serial})
	}
	first, err := register("alice", "S-1")
	must(t, err)
	_, err = register("bob", "S-1")
	wantCode(t, err, authcore.CodeConflict)
	for _, serial := range []string{"S-2", "S-3", "S-4", "S-5"} {
		_, err := register("alice", serial)
		must(t, err)
	}
	_, err = register("alice", "S-6")
	wantCode(t, err, authcore.CodeConflict)
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), "S-1")
	must(t, err)
	_, err = register("alice", "S-6") // a blocked one counts: it can be unblocked
	wantCode(t, err, authcore.CodeConflict)
	_, err = h.Devices.Deactivate(t.Context(), authcore.Operator(), first.Device.ID)
	must(t, err)
	_, err = register("alice", "S-6")
	must(t, err)
	_, err = register("nobody", "S-7")
	wantCode(t, err, authcore.CodeNotFound)
}

// OTP-08: two consecutive codes bring a device back, and are used up; a wrong
// pair counts as a wrong code.
func TestResynchronise(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	id := m.device.Device.ID
	code := func(n int64) string { return authtest.HOTP(t, m.device.Secret, n) }
	resync := func(first, second string) error {
		_, err := h.Devices.Resynchronise(t.Context(), authcore.Operator(), id, first, second)
		return err
	}
	wantCode(t, resync(code(20), code(22)), authcore.CodeInvalid)
	wantCode(t, resync(code(20), ""), authcore.CodeInvalid)
	wantCode(t, resync(code(2000), code(2001)), authcore.CodeInvalid)
	if a := h.attempts(t, id); a.Total != 3 {
		t.Errorf("%d wrong pairs counted, want 3", a.Total)
	}
	must(t, resync(code(20), code(21)))
	wantCode(t, resync(code(20), code(21)), authcore.CodeInvalid)
	_, err := h.Logins.Second(t.Context(), m.verified, code(21))
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Second(t.Context(), m.verified, code(22))
	must(t, err)
	t.Run("not when it is paused", func(t *testing.T) {
		for range 10 {
			wantCode(t, resync("000000", "000000"), authcore.CodeInvalid)
		}
		wantCode(t, resync(code(40), code(41)), authcore.CodeConflict)
		h.clock.Turn(20 * time.Minute)
	})
	t.Run("not when it is blocked", func(t *testing.T) {
		_, err := h.Devices.Block(t.Context(), authcore.Operator(), id)
		must(t, err)
		wantCode(t, resync(code(40), code(41)), authcore.CodeConflict)
		_, err = h.Devices.Unblock(t.Context(), authcore.Operator(), id)
		must(t, err)
		must(t, resync(code(40), code(41)))
	})
	t.Run("TOTP: the drift is remembered", func(t *testing.T) {
		d := h.device(t, "alice", authcore.KindTOTP)
		ahead := func(steps int) string {
			return authtest.TOTP(t, d.Secret, h.clock.Now().Add(time.Duration(steps)*30*time.Second))
		}
		_, err := h.Logins.Second(t.Context(), m.verified, ahead(9))
		wantCode(t, err, authcore.CodeUnauthenticated)
		moved, err := h.Devices.Resynchronise(t.Context(), authcore.Operator(), d.Device.ID, ahead(7), ahead(8))
		must(t, err)
		if moved.Drift != 8 {
			t.Errorf("drift %d, want 8", moved.Drift)
		}
		_, err = h.Logins.Second(t.Context(), m.verified, ahead(9))
		must(t, err)
		h.clock.Turn(10 * time.Minute)
		_, err = h.Logins.Second(t.Context(), m.verified, ahead(8))
		must(t, err)
	})
}

// DEV-05, DEV-06, DEV-07: the secret is shown once, in a URI that apps read.
func TestRegisteredSecretIsShownOnce(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	d := h.device(t, "alice", authcore.KindTOTP)
	u, err := url.Parse(d.URI)
	must(t, err)
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || q.Get("secret") != oath.FormatSecret(d.Secret) || q.Get("issuer") != "Doorward" || len(d.Secret) != 20 {
		t.Errorf("the URI is %s", d.URI)
	}
	got, _, err := h.Devices.Get(t.Context(), authcore.Operator(), d.Device.ID)
	must(t, err)
	list, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	for _, device := range append(list, got) {
		if bytes.Contains(device.Sealed, d.Secret) {
			t.Error("a device is listed with its secret")
		}
	}
}
