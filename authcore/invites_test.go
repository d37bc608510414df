package authcore_test

import (
	"bytes"
	"crypto/sha256"
	"log/slog"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func (h *house) invite(t testing.TB, user string) authcore.Invitation {
	t.Helper()
	i, err := h.Users.Invite(t.Context(), authcore.Operator(), user)
	must(t, err)
	return i
}

// invited says whether the token is the one that the store would take.
func (h *house) invited(t testing.TB, i authcore.Invitation) (ok bool) {
	t.Helper()
	digest := sha256.Sum256([]byte(i.Token))
	h.read(t, func(tx authcore.Tx) error {
		kept, err := tx.Invite(i.User.ID)
		ok = bytes.Equal(kept.Digest, digest[:]) && kept.UsedAt.IsZero() && kept.ExpiresAt.After(h.clock.Now())
		return err
	})
	return ok
}

// DEV-01: a token of 130 bits, for a day, of which neither the files nor the log
// have more than a hash; the next one takes its place.
func TestInvite(t *testing.T) {
	var log bytes.Buffer
	h := newCore(t, func(o *authcore.Options) {
		o.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	u := h.user(t, "alice")
	first := h.invite(t, "alice")
	if !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(first.Token) || first.User.ID != u.ID || !h.invited(t, first) ||
		!first.ExpiresAt.Equal(h.clock.Now().Add(24*time.Hour)) {
		t.Fatalf("invitation %+v", first)
	}
	second := h.invite(t, u.ID)
	if second.Token == first.Token || h.invited(t, first) || !h.invited(t, second) {
		t.Error("the first invitation still counts, or the second does not")
	}
	if n := h.reasons(t, "user.invite")[""]; n != 2 {
		t.Errorf("%d invitations in the audit", n)
	}
	h.clock.Turn(24 * time.Hour)
	if h.invited(t, second) {
		t.Error("an invitation outlives its day")
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(h.file + suffix)
		must(t, err)
		if bytes.Contains(data, []byte(second.Token)) {
			t.Error("a token stands in the database")
		}
	}
	if bytes.Contains(log.Bytes(), []byte(second.Token)) {
		t.Error("a token stands in the log")
	}
	digest := sha256.Sum256([]byte(second.Token))
	if data, err := os.ReadFile(h.file + "-wal"); err != nil || !bytes.Contains(data, digest[:]) {
		t.Errorf("nor does the hash: this test looks in the wrong place (%v)", err)
	}
}

// Whoever may not log in is not invited; nor does a restored backup bring an
// invitation back that was used after it.
func TestInvitationsThatDoNotCount(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	_, err := h.Users.Invite(t.Context(), authcore.Operator(), "nobody")
	wantCode(t, err, authcore.CodeNotFound)
	i := h.invite(t, "alice")
	_, err = h.Restored(t.Context(), authcore.Operator())
	must(t, err)
	h.read(t, func(tx authcore.Tx) error {
		_, err := tx.Invite(i.User.ID)
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
	_, err = h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
	must(t, err)
	_, err = h.Users.Invite(t.Context(), authcore.Operator(), "alice")
	wantCode(t, err, authcore.CodeConflict)
}
