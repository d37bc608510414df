package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage"
)

// What is numbered beyond the first batch is retired too, whatever table has the
// highest number.
func TestRetireGoesToTheEnd(t *testing.T) {
	for _, table := range []string{"sessions", "devices", "invites"} {
		t.Run(table, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			if err := open(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			db := raw(t, path)
			if _, err := db.Exec(`INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)`, table, 3*storage.RetireBatch); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s, now := open(t, path), time.Now()
			write(t, s, func(tx authcore.Tx) error { return farRows(tx, now) })
			for from, calls := int64(0), 0; from != 0 || calls == 0; calls++ {
				write(t, s, func(tx authcore.Tx) error {
					r, err := tx.Retire(from, now)
					from = r.Next
					return err
				})
				if calls > 3 {
					t.Fatal("it does not end")
				}
			}
			gone(t, s, now)
		})
	}
}

func farRows(tx authcore.Tx, now time.Time) error {
	for _, step := range []func() error{
		func() error { return tx.CreateUser(authcore.User{ID: "1", Tenant: "default", Name: "alice"}) },
		func() error {
			return tx.CreateDevice(authcore.Device{ID: "d", UserID: "1", Tenant: "default", Kind: authcore.KindHOTP, Status: authcore.StatusActive})
		},
		func() error {
			return tx.CreateSession(authcore.Session{ID: "s", UserID: "1", DeviceID: "d", ExpiresAt: now.Add(time.Hour)})
		},
		func() error { return tx.PutInvite(authcore.Invite{UserID: "1", ExpiresAt: now.Add(time.Hour)}) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func gone(t *testing.T, s authcore.Store, now time.Time) {
	t.Helper()
	err := s.Read(t.Context(), func(tx authcore.Tx) error {
		if d, err := tx.DeviceByID("d"); err != nil || d.Status != authcore.StatusBlocked {
			t.Errorf("the device is %s, %v", d.Status, err)
		}
		if open, err := tx.Sessions("1", now); err != nil || len(open) > 0 {
			t.Errorf("sessions %v, %v", open, err)
		}
		if i, err := tx.Invite("1"); authcore.CodeOf(err) != authcore.CodeNotFound || err == nil {
			t.Errorf("invitation %v, %v", i, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, s authcore.Store, fn func(authcore.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}
