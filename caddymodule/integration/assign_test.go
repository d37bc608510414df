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

// A serial that was retired is taken until the device is removed, and what was removed
// is out at once.
func TestOperatorRemoves(t *testing.T) {
	d := open(t, "", "")
	bob := d.another("bob")
	device := bob.addHOTP()
	_, token := bob.login(device.code(0))
	if status, _ := bob.get("/", "Authorization", token); status != http.StatusOK {
		t.Fatalf("bob's token gives %d", status)
	}
	again := admin.AddDevice{User: "bob", Kind: "hotp", Serial: device.Serial}
	retired := bob.addHOTP()
	d.call("device/deactivate", admin.DeviceRef{Device: retired.Serial}, &admin.Device{})
	taken := again
	taken.Serial = retired.Serial
	for _, in := range []admin.AddDevice{again, taken} {
		if status, text := d.adminRaw("device/add", in); status != http.StatusConflict || !strings.Contains(text, "taken") {
			t.Errorf("a serial that is there is taken anew: %d %s", status, text)
		}
	}
	status, text := d.adminRaw("device/unassign", admin.DeviceRef{Device: retired.Serial})
	if status != http.StatusConflict || !strings.Contains(text, "it can't be unassigned") {
		t.Errorf("what was retired is unassigned: %d %s", status, text)
	}
	for _, serial := range []string{device.Serial, retired.Serial} {
		d.call("device/remove", admin.DeviceRef{Device: serial}, &admin.Device{})
		if status, _ := d.adminRaw("device/show", admin.DeviceRef{Device: serial}); status != http.StatusNotFound {
			t.Errorf("what was removed gives %d", status)
		}
	}
	if status, _ := bob.get("/", "Authorization", token); status != http.StatusUnauthorized {
		t.Errorf("the token of what was removed gives %d", status)
	}
	d.call("device/add", again, &admin.DeviceWithSecret{})
	d.call("device/add", taken, &admin.DeviceWithSecret{})
}
