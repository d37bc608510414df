package faults

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-22: a backup is restored after codes were used and sessions revoked. After
// `store restored` nothing of that works again, and new logins do.
func TestRestoreSQLite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "doorward.db")
	restored(t, "sqlite "+path,
		func() { copyFile(t, path, path+".backup") },
		func() { copyFile(t, path+".backup", path) })
}

func TestRestorePostgres(t *testing.T) {
	c := postgrestest.Start(t)
	c.Exec(t, "postgres", "CREATE DATABASE live")
	restored(t, "postgres "+c.DSN("live"),
		func() { c.Exec(t, "postgres", "CREATE DATABASE backup TEMPLATE live") },
		func() {
			c.Exec(t, "postgres", "DROP DATABASE live")
			c.Exec(t, "postgres", "CREATE DATABASE live TEMPLATE backup")
		})
}

func restored(t *testing.T, store string, backup, restore func()) {
	x := begin(t, "FI-22")
	w := newWorld(t, store)
	n := w.start()
	p := n.enrol("alice", 1)
	totp := n.addTOTP(p)
	before := n.mustLogin(p)
	n.stop()
	backup()
	n.again()
	code, used := totp(), p.devices[0].code()
	for _, c := range []string{code, used} {
		if status, _ := n.login(p, c); status != http.StatusCreated {
			t.Fatalf("a fresh code gives %d", status)
		}
	}
	n.mustCall("user/disable", admin.UserRef{User: p.name}, nil) // it ends the session from before the backup
	n.mustCall("user/enable", admin.UserRef{User: p.name}, nil)
	n.stop()
	restore()
	n.again()
	var r admin.Retired
	n.mustCall("store/restored", admin.Nothing{}, &r)
	x.note("retired", fmt.Sprintf("%+v", r))
	if status, _ := n.get("/", before); status != http.StatusUnauthorized {
		x.violate("a revoked session gives %d", status)
	}
	for what, c := range map[string]string{"TOTP": code, "HOTP": used} {
		if status, _ := n.login(p, c); status != http.StatusUnauthorized {
			x.violate("a %s code that was used gives %d", what, status)
		}
	}
	serial := p.devices[0].Serial
	n.mustCall("device/unblock", admin.DeviceRef{Device: serial}, nil)
	n.mustCall("device/resync", admin.Resync{Device: serial, First: p.devices[0].code(), Second: p.devices[0].code()}, nil)
	if status, _ := n.login(p, p.devices[0].code()); status != http.StatusCreated {
		x.violate("after the resync a login gives %d", status)
	}
	x.ack()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
