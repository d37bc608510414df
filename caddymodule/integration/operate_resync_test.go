package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// resync posts two codes and gives the status.
func (d *door) resync(device, first, second string) int {
	d.t.Helper()
	status, _ := d.adminRaw("device/resync", admin.Resync{Device: device, First: first, Second: second})
	return status
}

// OTP-08: two consecutive codes bring a counter back that ran far away; one
// code, or two that do not follow each other, do not.
func TestResyncOfHOTP(t *testing.T) {
	d := open(t, "", "")
	device := d.addHOTP()
	if status, _ := d.login(device.code(200)); status != http.StatusUnauthorized {
		t.Fatalf("a code 200 ahead gives %d, want 401", status)
	}
	for _, wrong := range [][2]string{
		{device.code(200), device.code(200)},
		{device.code(200), device.code(202)},
		{device.code(201), device.code(200)},
		{device.code(200), ""},
	} {
		if status := d.resync(device.Serial, wrong[0], wrong[1]); status != http.StatusBadRequest {
			t.Errorf("codes %v give %d, want 400", wrong, status)
		}
	}
	if got := d.shown(device.Serial).WrongCodes; got != 5 {
		t.Errorf("%d wrong codes are counted, want the login and four wrong pairs", got)
	}
	if status := d.resync(device.Serial, device.code(200), device.code(201)); status != http.StatusOK {
		t.Fatalf("two consecutive codes give %d", status)
	}
	if status, _ := d.login(device.code(201)); status != http.StatusUnauthorized {
		t.Errorf("a code that was used up gives %d, want 401", status)
	}
	if status, token := d.login(device.code(202)); status != http.StatusCreated || token == "" {
		t.Errorf("the next code gives %d, want 201", status)
	}
	if status := d.resync(device.Serial, device.code(200), device.code(201)); status != http.StatusBadRequest {
		t.Errorf("used codes give %d, want 400", status)
	}
}

// totpAt is what a device shows whose clock is ahead.
func totpAt(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	return oathtool(t, "--totp", "--base32", "--now", at.UTC().Format("2006-01-02 15:04:05 UTC"), secret)
}

// A clock that is hours ahead is followed after a resynchronisation.
func TestResyncOfTOTP(t *testing.T) {
	d := open(t, "", "")
	far := time.Now().Add(2 * time.Hour)
	if status, _ := d.login(totpAt(t, d.secret, far)); status != http.StatusUnauthorized {
		t.Fatalf("a code two hours ahead gives %d, want 401", status)
	}
	if status := d.resync(d.serial, totpAt(t, d.secret, far), totpAt(t, d.secret, far.Add(30*time.Second))); status != http.StatusOK {
		t.Fatalf("two consecutive codes give %d", status)
	}
	if status, token := d.login(totpAt(t, d.secret, far.Add(time.Minute))); status != http.StatusCreated || token == "" {
		t.Errorf("the next code gives %d, want 201", status)
	}
}

// LCK-01: resynchronising is no way around the limit of wrong codes.
func TestResyncIsPausedToo(t *testing.T) {
	d := open(t, "", "")
	device := d.addHOTP()
	for n := range 10 {
		if status := d.resync(device.Serial, fmt.Sprintf("%06d", n), fmt.Sprintf("%06d", n)); status != http.StatusBadRequest {
			t.Fatalf("wrong pair %d gives %d, want 400", n, status)
		}
	}
	status, text := d.adminRaw("device/resync", admin.Resync{Device: device.Serial, First: device.code(1), Second: device.code(2)})
	if status != http.StatusConflict || !strings.Contains(text, "paused") {
		t.Errorf("the right pair gives %d %s, want 409 and why", status, text)
	}
	if a := d.shown(device.Serial); a.WrongCodes != 10 || a.PausedUntil.Before(time.Now()) {
		t.Errorf("device show tells %+v", a)
	}
}

// device show tells how far a clock is ahead, and which code of a counter comes next.
func TestLatenessIsShown(t *testing.T) {
	d := open(t, "", "")
	device := d.addHOTP()
	if got := d.shown(device.Serial); got.NextCounter == nil || *got.NextCounter != 0 || got.Drift != nil {
		t.Errorf("a new counter is shown as %+v", got.Lateness)
	}
	if status := d.resync(device.Serial, device.code(200), device.code(201)); status != http.StatusOK {
		t.Fatalf("two consecutive codes give %d", status)
	}
	if got := d.shown(device.Serial); got.NextCounter == nil || *got.NextCounter != 202 {
		t.Errorf("a counter that ran away is shown as %+v", got.Lateness)
	}
	late := time.Now().Add(-2 * time.Hour)
	if status := d.resync(d.serial, totpAt(t, d.secret, late), totpAt(t, d.secret, late.Add(30*time.Second))); status != http.StatusOK {
		t.Fatalf("two consecutive codes give %d", status)
	}
	got := d.shown(d.serial)
	if got.Drift == nil || *got.Drift < -240 || *got.Drift > -239 || got.DriftSeconds == nil || *got.DriftSeconds != *got.Drift*30 || got.NextCounter != nil {
		t.Errorf("a clock that is two hours late is shown as %+v", got.Lateness)
	}
}

// A device of nobody would be in stock: an operator who forgets the name is told.
func TestDeviceAddNamesAUser(t *testing.T) {
	d := open(t, "", "")
	if status, text := d.adminRaw("device/add", admin.AddDevice{Kind: "totp"}); status != http.StatusNotFound || !strings.Contains(text, "no such user") {
		t.Errorf("a device of nobody gives %d %s", status, text)
	}
}
