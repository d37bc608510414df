package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// An operator takes a device out of stock and hands it on: its codes open the app for
// whom it is given to, and what they opened ends when it is taken away.
func TestOperatorAssigns(t *testing.T) {
	d := open(t, "", "")
	bob := d.another("bob")
	device := bob.addHOTP()
	_, token := bob.login(device.code(0))
	if status, _ := bob.get("/", "Authorization", token); status != http.StatusOK {
		t.Fatalf("bob's token gives %d", status)
	}
	to := admin.Assign{Device: device.Serial, User: d.name}
	if status, text := d.adminRaw("device/assign", to); status != http.StatusConflict || !strings.Contains(text, "another") {
		t.Errorf("without force: %d %s", status, text)
	}
	var got admin.Device
	d.call("device/unassign", admin.DeviceRef{Device: device.Serial}, &got)
	if status, _ := bob.get("/", "Authorization", token); got.User != "" || status != http.StatusUnauthorized {
		t.Errorf("in stock: %+v, and bob's token gives %d", got, status)
	}
	d.call("device/assign", to, &got)
	if status, _ := d.login(device.code(1)); status != http.StatusCreated || got.User == "" {
		t.Errorf("what he was given: %d, %+v", status, got)
	}
	to.User, to.Force = "bob", true
	d.call("device/assign", to, &got)
	if status, _ := bob.login(device.code(2)); status != http.StatusCreated {
		t.Errorf("what was taken for him: %d", status)
	}
}
