package authcore_test

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func (h *house) backups(t testing.TB, login authcore.Login) []string {
	t.Helper()
	codes, err := h.Devices.NewBackupCodes(t.Context(), authcore.ActingUser(h.passes(t, login.Token)), authcore.AnyCodes)
	must(t, err)
	return codes
}

// DEV-08: a backup code works once, in any case, costs the other devices no
// try, and is at rest only as a hash.
func TestBackupCodes(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	me := authcore.ActingUser(h.passes(t, login.Token))
	codes := h.backups(t, login)
	if len(codes) != 5 || !regexp.MustCompile(`^[a-z2-7]{13}$`).MatchString(codes[0]) || codes[0] == codes[1] {
		t.Fatalf("codes %q", codes)
	}
	second, err := h.Logins.Second(t.Context(), m.verified, codes[0])
	must(t, err)
	if p := h.passes(t, second.Token); p.DeviceID == m.device.Device.ID || second.Device.Kind != authcore.KindBackup {
		t.Errorf("principal %+v", p)
	}
	_, err = h.Logins.Second(t.Context(), m.verified, strings.ToUpper(codes[1]))
	must(t, err)
	for _, code := range []string{codes[0], codes[1], strings.Repeat("a", 13)} {
		_, err = h.Logins.Second(t.Context(), m.verified, code)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	if a := h.attempts(t, m.device.Device.ID); a.Total != 0 {
		t.Errorf("the other device paid: %+v", a)
	}
	if set, err := h.Devices.BackupCodes(t.Context(), me); err != nil || set != (authcore.BackupSet{All: 5, Used: 2}) {
		t.Errorf("%+v, %v", set, err)
	}
	if _, err = h.Devices.NewBackupCodes(t.Context(), me, -1); authcore.CodeOf(err) != authcore.CodeConflict { // a form that is sent again
		t.Errorf("codes that he does not know of are replaced: %v", err)
	}
	again, err := h.Devices.NewBackupCodes(t.Context(), me, 0)
	must(t, err)
	if set, err := h.Devices.BackupCodes(t.Context(), me); err != nil || set != (authcore.BackupSet{All: 5, Number: 1}) {
		t.Errorf("%+v, %v", set, err)
	}
	_, err = h.Logins.Second(t.Context(), m.verified, codes[2])
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Second(t.Context(), m.verified, again[0])
	must(t, err)
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(h.file + suffix)
		must(t, err)
		for _, code := range again {
			if bytes.Contains(data, []byte(code)) {
				t.Error("a code stands in the database")
			}
		}
	}
}

// DEV-01: both factors, within ten minutes; and nobody for another.
func TestWhoMayMakeBackupCodes(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	me := h.passes(t, login.Token)
	for name, actor := range map[string]authcore.Actor{"nobody": {}, "the operator": authcore.Operator()} {
		if _, err := h.Devices.NewBackupCodes(t.Context(), actor, authcore.AnyCodes); authcore.CodeOf(err) != authcore.CodeForbidden {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := h.Devices.BackupCodes(t.Context(), actor); authcore.CodeOf(err) != authcore.CodeForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*authcore.Principal){
		"an old code":          func(p *authcore.Principal) { p.OTPTime = h.clock.Now().Add(-10*time.Minute - time.Second) },
		"an old password":      func(p *authcore.Principal) { p.AuthTime = h.clock.Now().Add(-10*time.Minute - time.Second) },
		"a code of the future": func(p *authcore.Principal) { p.OTPTime = h.clock.Now().Add(time.Minute) },
	} {
		p := &authcore.Principal{UserID: me.UserID, AuthTime: h.clock.Now(), OTPTime: h.clock.Now()}
		change(p)
		if _, err := h.Devices.NewBackupCodes(t.Context(), authcore.ActingUser(p), authcore.AnyCodes); authcore.CodeOf(err) != authcore.CodeStepUp {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := h.Logins.ReplaceApp(t.Context(), authcore.ActingUser(p), attempt("")); authcore.CodeOf(err) != authcore.CodeStepUp {
			t.Errorf("%s: %v", name, err)
		}
	}
	codes := h.backups(t, login)
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), devices[1].ID)
	must(t, err)
	_, err = h.Logins.Second(t.Context(), m.verified, codes[0])
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Devices.NewBackupCodes(t.Context(), authcore.ActingUser(me), authcore.AnyCodes)
	wantCode(t, err, authcore.CodeConflict) // the operator's block stands
}

// Law 2: of many parallel posts of a backup code one wins; ten wrong ones pause.
func TestBackupCodesAreCounted(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	codes := h.backups(t, h.login(t, m))
	var won atomic.Int64
	var posts sync.WaitGroup
	for range 8 {
		posts.Go(func() {
			if _, err := h.Logins.Second(t.Context(), m.verified, codes[0]); err == nil {
				won.Add(1)
			}
		})
	}
	posts.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
	for range 10 { // some of the race may count already
		if _, err := h.Logins.Second(t.Context(), m.verified, strings.Repeat("b", 13)); err == nil {
			t.Error("a wrong code opens")
		}
	}
	_, err := h.Logins.Second(t.Context(), m.verified, codes[1])
	wantCode(t, err, authcore.CodeThrottled)
}

// A restore may have brought used codes back: nobody unblocks them. Only what
// counts is resynchronised.
func TestBackupCodesAreNotUnblocked(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	h.backups(t, login)
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	backup := devices[1].ID
	_, err = h.Devices.Resynchronise(t.Context(), authcore.Operator(), backup, "123456", "123457")
	wantCode(t, err, authcore.CodeInvalid)
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), backup)
	must(t, err)
	_, err = h.Devices.Unblock(t.Context(), authcore.Operator(), backup)
	wantCode(t, err, authcore.CodeConflict)
	_, err = h.Devices.Deactivate(t.Context(), authcore.Operator(), backup)
	must(t, err)
	codes := h.backups(t, login)
	_, err = h.Logins.Second(t.Context(), m.verified, codes[0])
	must(t, err)
}

// A code that could not be looked at, as too many are hashing, costs no try: or a
// flood of logins would pause, and in the end use up, what it can't guess.
func TestBackupCodeThatIsNotLookedAtCostsNothing(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.Live.Hasher = authcore.NewHasher() })
	m := h.member(t, "alice")
	codes := h.backups(t, h.login(t, m))
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	empty := h.live.Hasher.Fill()
	for range 11 {
		_, err := h.Logins.Second(t.Context(), m.verified, codes[0])
		wantCode(t, err, authcore.CodeUnavailable)
	}
	if a := h.attempts(t, devices[1].ID); a.Total != 0 {
		t.Errorf("%d tries counted", a.Total)
	}
	empty()
	_, err = h.Logins.Second(t.Context(), m.verified, codes[0])
	must(t, err)
}

// Who makes backup codes has a share of the queue of his own: one user's flood
// shuts no other out.
func TestBackupCodesOfOneShutNobodyOut(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.Live.Hasher = authcore.NewHasher() })
	login := h.login(t, h.member(t, "alice"))
	bob := h.member(t, "bob")
	defer h.live.Hasher.FillShare(bob.user.ID)()
	defer h.live.Hasher.FillShare("?")() // of whoever has no address
	h.backups(t, login)
	_, err := h.Devices.NewBackupCodes(t.Context(), authcore.ActingUser(h.passes(t, h.login(t, bob).Token)), authcore.AnyCodes)
	wantCode(t, err, authcore.CodeUnavailable)
}

// Law 13: a store that freezes when a try is to be taken back holds the answer up
// for less than half a second beyond the caller's time.
func TestTakingBackIsBounded(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.Live.Hasher = authcore.NewHasher() })
	m := h.member(t, "alice")
	codes := h.backups(t, h.login(t, m))
	defer h.live.Hasher.Fill()()
	thaw := make(chan struct{})
	defer close(thaw)
	h.faults.Before = func(query string) {
		if strings.HasPrefix(query, "UPDATE attempts") {
			<-thaw
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	begun := time.Now()
	_, err := h.Logins.Second(ctx, m.verified, codes[0])
	wantCode(t, err, authcore.CodeUnavailable)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}
