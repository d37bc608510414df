package integration

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/doorward/doorward/caddymodule/admin"
)

// words are what each dialect that has any says of a device; empty: that there is none, just
// as of one that nobody ever had.
var words = map[string]func(d *specimen) string{"surepassid": inSurePassID, "qitech": inQITech, "elcoin": inElcoin}

// reads fails the test unless all of them say what the tables do of a device in the state.
func (d *specimen) reads(state string) {
	d.m.t.Helper()
	for dialect, word := range words {
		want := ""
		if does(d.kind, dialect, "m") {
			want = wordOf(dialect, state)
		}
		if got := word(d); got != want {
			d.m.t.Errorf("%s says %q of a device of the kind %s that is %s, want %q", dialect, got, d.kind, state, want)
		}
	}
	d.countedAtONLYOFFICE(state)
	if of := d.m.shown(d.id); of.Status != state {
		d.m.t.Errorf("the device of the kind %s is %s, want %s", d.kind, of.Status, state)
	}
}

// countedAtONLYOFFICE: the only dialect that shows backup codes has no word for their state,
// but how many there are.
func (d *specimen) countedAtONLYOFFICE(state string) {
	d.m.t.Helper()
	if d.codes == nil {
		return
	}
	want := 0
	if does(d.kind, "onlyoffice", "m") && state != "deactivated" {
		want = len(d.codes)
	}
	// A cookie alone makes no codes where there are none.
	_, text := d.user.get("/api/2.0/settings/tfaappcodes", "Cookie", "asc_auth_key="+d.beside.token)
	if got := strings.Count(text, `"code":"***"`); got != want || !strings.Contains(text, `"response":[`) {
		d.m.t.Errorf("onlyoffice shows %d backup codes that are %s, want %d: %s", got, state, want, text)
	}
}

func inSurePassID(d *specimen) string {
	code, text := d.m.toSurePassID("find_device", map[string]any{"psn": d.id}, nil)
	var user struct{ Devices []map[string]any }
	d.m.toSurePassID("find_user", map[string]any{"username": d.user.name}, &user)
	listed := ""
	for _, one := range user.Devices {
		if one["tokenID"] == d.id {
			listed = statusIn(encoded(d.m.t, one))
		}
	}
	if code != 0 {
		_, none := d.m.toSurePassID("find_device", map[string]any{"psn": newKey()}, nil)
		if text != none || listed != "" {
			d.m.t.Errorf("surepassid says %s of a device that is not there, and %s of this one, listed as %q", none, text, listed)
		}
		return ""
	}
	word := statusIn(text)
	if retired := d.m.shown(d.id).Status == "deactivated"; retired != (listed == "") || !retired && listed != word {
		d.m.t.Errorf("find_device says %s, find_user %q", word, listed)
	}
	return word
}

// statusIn is a member and its value, as the page writes it.
func statusIn(text string) string {
	var d struct{ DeviceStatus json.Number }
	if json.Unmarshal([]byte(text), &d) != nil || d.DeviceStatus == "" {
		return text
	}
	return "deviceStatus " + d.DeviceStatus.String()
}

func inQITech(d *specimen) string {
	key := d.id
	if d.kind == "client" {
		key = d.app.key
	}
	status, text := d.m.toQITech(http.MethodGet, "/"+key, "")
	if status == http.StatusNotFound {
		if _, none := d.m.toQITech(http.MethodGet, "/"+newKey(), ""); text != none || !strings.Contains(text, "OBD000100") {
			d.m.t.Errorf("qitech says %s of a device that is not there, and %s of this one", none, text)
		}
		return ""
	}
	var shown struct{ Status string }
	mustRead(d.m.t, text, &shown)
	return shown.Status
}

type elcoinRecord struct {
	Status string `json:"device_status"`
	Type   string `json:"device_type"`
}

func inElcoin(d *specimen) string {
	var one elcoinRecord
	refused, text := d.m.toElcoin("getDb/"+d.id, nil, &one)
	var list []elcoinRecord
	if refused, _ := d.m.toElcoin("getData/oAuthDeviceSearchRequest", map[string]any{"uid": d.id}, &list); refused != "" {
		d.m.t.Fatal(refused)
	}
	if refused != "" {
		if _, none := d.m.toElcoin("getDb/"+newKey(), nil, nil); text != none || refused != "[RECORD-NOT-FOUND]" || len(list) != 0 {
			d.m.t.Errorf("elcoin says %s of a device that is not there, and %s of this one, listed as %v", none, text, list)
		}
		return ""
	}
	if len(list) != 1 || list[0] != one || one.Type != d.kind {
		d.m.t.Errorf("getDb says %v, getData %v", one, list)
	}
	return one.Status
}

// moves brings the device to a state by a dialect that manages it and has a call for that,
// else by the operator. A dialect that does not manage it can't.
func (d *specimen) moves(by, state string) {
	d.m.t.Helper()
	moved := false
	switch by {
	case "surepassid":
		operation := map[string]string{"blocked": "disable_device", "active": "enable_device"}[state]
		if operation == "" {
			break
		}
		code, text := d.m.toSurePassID(operation, map[string]any{"psn": d.id}, nil)
		if moved = code == 0; !moved && code != 9021 {
			d.m.t.Errorf("%s: %s", operation, text)
		}
	case "qitech":
		if state != "deactivated" {
			break
		}
		key := d.id
		if d.kind == "client" {
			key = d.app.key
		}
		status, text := d.m.toQITech(http.MethodDelete, "/"+key+"/disable", "")
		if moved = status == http.StatusOK; moved != strings.Contains(text, `"device_status":"`+answerOf("qitech", state)+`"`) || !moved && status != http.StatusNotFound {
			d.m.t.Errorf("disable: %d %s", status, text)
		}
	case "elcoin":
		refused, _ := d.m.toElcoin("putDb", map[string]any{"uid": d.id, "device_status": wordOf("elcoin", state)}, nil)
		if moved = refused == ""; !moved && refused != "[RECORD-NOT-FOUND]" {
			d.m.t.Errorf("putDb: %s", refused)
		}
	}
	if moved {
		if !does(d.kind, by, "m") {
			d.m.t.Errorf("%s makes a device of the kind %s %s", by, d.kind, state)
		}
		return
	}
	verb := map[string]string{"blocked": "block", "active": "unblock", "deactivated": "deactivate"}[state]
	d.m.call("device/"+verb, admin.DeviceRef{Device: d.id}, new(admin.Device))
}
