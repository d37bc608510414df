package integration

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// keysOf are the keys of a JSON object, or of the last one in an array.
func keysOf(t *testing.T, text string) string {
	t.Helper()
	var one map[string]any
	if json.Unmarshal([]byte(text), &one) != nil {
		var many []map[string]any
		if err := json.Unmarshal([]byte(text), &many); err != nil || len(many) == 0 {
			t.Fatalf("neither an object nor an array with objects: %s", text)
		}
		one = many[len(many)-1] // the device that was used: times that never were are left out
	}
	return strings.Join(slices.Sorted(maps.Keys(one)), " ")
}

// DEV-05, DEV-07, PWD-04: every answer has stable keys, and after the one that
// made it none tells a secret again, in any spelling.
func TestAnswersHaveTheirShapeAndNoSecret(t *testing.T) {
	const (
		user     = "created_at email groups id language name phone status tenant"
		device   = "address algorithm created_at digits id kind last_used_at name period serial status tenant user"
		session  = "address agent audience client_id device expires_at id otp_at user"
		account  = "created_at hub id name status tenant"
		approver = "account created_at document email face phone user"
		given    = "correct horse battery staple"
	)
	d := open(t, "", "")
	o := d.openSession()
	status, text := d.adminRaw("user/add", admin.AddUser{Name: "carol", Email: "carol@example.com", Password: given})
	if status != http.StatusOK || keysOf(t, text) != user || strings.Contains(text, given) {
		t.Errorf("user/add with a password answers %d %s", status, text)
	}
	secrets := append(spellings(t, o.device.Secret), spellings(t, d.secret)...)
	secrets = append(secrets, d.password, given, o.token, "argon2", "sealed")
	ref, who := admin.DeviceRef{Device: o.device.Serial}, admin.UserRef{User: d.name}
	for _, c := range []struct {
		operation string
		in        any
		keys      string
	}{
		{"user/list", admin.Nothing{}, user},
		{"user/show", who, strings.Replace(user, "language", "identities language", 1)},
		{"device/list", admin.ListOf{}, device + " user_name"},
		{"device/list", admin.ListOf{User: d.name}, device + " user_name"},
		{"device/show", ref, "address algorithm created_at digits id kind last_used_at name next_counter period serial status tenant user wrong_codes wrong_codes_total"},
		{"session/list", admin.ListOf{}, strings.Replace(session, "user", "serial user user_name", 1)},
		{"session/list", admin.ListOf{User: d.name}, strings.Replace(session, "user", "serial user user_name", 1)},
		{"integrator/add", admin.AddIntegrator{Name: "acme", Dialect: "concierge"}, "allow created_at dialect id key name operations proof rate tenant"},
		{"integrator/list", admin.Nothing{}, "allow created_at dialect id name operations proof rate tenant"},
		{"integrator/remove", admin.IntegratorRef{Name: "acme"}, "allow created_at dialect id name operations proof rate tenant"},
		{"account/add", admin.AddAccount{Name: "padaria"}, account},
		{"account/list", admin.InTenant{}, account},
		{"approver/add", admin.AddApprover{Account: "padaria", User: d.name, Document: "43885804816"}, strings.Replace(approver, "user", "remark user", 1)},
		{"approver/list", admin.AccountRef{Account: "padaria"}, approver + " user_name"},
		{"approver/remove", admin.ApproverRef{Account: "padaria", User: d.name}, approver},
		{"account/block", admin.AccountRef{Account: "padaria"}, account},
		{"account/unblock", admin.AccountRef{Account: "padaria"}, account},
		{"account/close", admin.AccountRef{Account: "padaria"}, account},
		{"key/rotate", admin.Nothing{}, "algorithm id signs_from"},
		{"seal/rotate", admin.Nothing{}, "changed"},
		{"session/revoke", admin.SessionRef{Session: o.session}, session},
		{"device/resync", admin.Resync{Device: o.device.Serial, First: o.device.code(1), Second: o.device.code(2)}, device},
		{"device/unassign", ref, device},
		{"device/assign", admin.Assign{Device: o.device.Serial, User: d.name}, device},
		{"device/block", ref, device},
		{"device/unblock", ref, device},
		{"device/deactivate", ref, device},
		{"device/remove", ref, device},
		{"user/disable", who, user},
		{"user/enable", who, user},
		{"user/password", admin.SetPassword{User: d.name, Password: given}, user},
		{"user/remove", who, user},
	} {
		status, text := d.adminRaw(c.operation, c.in)
		if status != http.StatusOK || keysOf(t, text) != c.keys {
			t.Errorf("%s answers %d %s\nwant the keys %s", c.operation, status, text, c.keys)
		}
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells the secret %q: %s", c.operation, secret, text)
			}
		}
	}
}

// What is empty is an array too.
func TestEmptyListsAreArrays(t *testing.T) {
	d := open(t, "", "")
	d.another("bob")
	if status, text := d.adminRaw("integrator/list", admin.Nothing{}); status != http.StatusOK || strings.TrimSpace(text) != "[]" {
		t.Errorf("integrator/list answers %d %s, want []", status, text)
	}
	if status, text := d.adminRaw("account/list", admin.Nothing{}); status != http.StatusOK || strings.TrimSpace(text) != "[]" {
		t.Errorf("account/list answers %d %s, want []", status, text)
	}
	d.call("account/add", admin.AddAccount{Name: "padaria"}, new(admin.Account))
	if status, text := d.adminRaw("approver/list", admin.AccountRef{Account: "padaria"}); status != http.StatusOK || strings.TrimSpace(text) != "[]" {
		t.Errorf("approver/list answers %d %s, want []", status, text)
	}
	for _, operation := range []string{"device/list", "session/list"} {
		if status, text := d.adminRaw(operation, admin.ListOf{User: "bob"}); status != http.StatusOK || strings.TrimSpace(text) != "[]" {
			t.Errorf("%s answers %d %s, want []", operation, status, text)
		}
	}
}

// A user is named by name, e-mail or ID, a device by serial or ID; what does
// not exist is 404.
func TestNamesOfThings(t *testing.T) {
	d := open(t, "", "")
	bob := d.another("bob")
	var u admin.User
	d.call("user/show", admin.UserRef{User: "bob"}, &u)
	device := bob.addHOTP()
	for _, name := range []string{u.ID, "BOB", "bob@example.com", "Bob@Example.COM"} {
		var found admin.User
		if d.call("user/show", admin.UserRef{User: name}, &found); found.ID != u.ID {
			t.Errorf("%q names %+v", name, found)
		}
	}
	for _, name := range []string{device.Serial, device.ID} {
		if found := d.shown(name); found.ID != device.ID || found.User != u.ID {
			t.Errorf("%q names %+v", name, found)
		}
	}
	const nobody = "6a1fbb65-8e1f-4a52-a0bb-0f4d16b4b6c8"
	for _, name := range []string{"nobody", "nobody@example.com", nobody} {
		for operation, in := range map[string]any{
			"user/show": admin.UserRef{User: name}, "user/disable": admin.UserRef{User: name}, "user/remove": admin.UserRef{User: name},
			"user/password": admin.SetPassword{User: name}, "device/list": admin.ListOf{User: name}, "session/list": admin.ListOf{User: name},
			"device/add": admin.AddDevice{User: name, Kind: "totp"}, "device/show": admin.DeviceRef{Device: name},
			"device/block": admin.DeviceRef{Device: name}, "device/remove": admin.DeviceRef{Device: name}, "device/resync": admin.Resync{Device: name, First: "000000", Second: "000001"},
			"session/revoke": admin.SessionRef{Session: name},
		} {
			if status, text := d.adminRaw(operation, in); status != http.StatusNotFound {
				t.Errorf("%s of %q: %d %s, want 404", operation, name, status, text)
			}
		}
	}
	if status, _ := d.adminRaw("user/frobnicate", admin.Nothing{}); status != http.StatusNotFound {
		t.Errorf("an operation that does not exist gives %d, want 404", status)
	}
}
