package integration

import (
	"net/http"
	"strings"
)

// entering is a login by a device, or an integrator's question, as far as the code.
type entering struct {
	door   string
	number string // shown where it is asked for
	// finish brings a code; without one, what the device has said. A login gives a token.
	finish         func(code string) (token string, done bool)
	code, question string // of the device, which it may finish by
}

// takenAt says whether the door takes anything of the device.
func (d *specimen) takenAt(door string) bool {
	return strings.Trim(cellOf(kindsOfDevice, d.kind, door), "m ") != ""
}

// begins goes as far as the code, and has the device show it.
func (d *specimen) begins(door string) entering {
	d.m.t.Helper()
	if !d.takenAt(door) {
		return entering{door: door}
	}
	sent := d.sent()
	a := attempts[door](d)
	a.door = door
	switch {
	case !d.isSent():
		a.code = d.code()
	case d.sent() > sent || d.unused != "": // one that is alive is not sent again
		a.code = d.code()
		if d.signs != nil {
			a.question, _ = d.asked()
		}
	}
	return a
}

// attempts begin one at each door.
var attempts = map[string]func(d *specimen) entering{
	"onlyoffice": atONLYOFFICE, "surepassid": atSurePassID, "qitech": atQITech, "elcoin": atElcoin, "sign-in page": atSignIn,
}

func atONLYOFFICE(d *specimen) entering {
	if status, text := d.m.sends("/api/2.0/authentication", map[string]any{"userName": d.user.name, "password": d.user.password}); status != http.StatusCreated {
		d.m.t.Fatalf("onlyoffice: the password of %s: %d %s", d.user.name, status, text)
	}
	return entering{finish: func(code string) (string, bool) {
		_, token := d.user.login(code) // without a code, or with a wrong one, there is none
		return token, token != ""
	}}
}

func atSurePassID(d *specimen) entering {
	if d.signs == nil {
		return entering{finish: func(code string) (string, bool) {
			got, _ := d.m.toSurePassID("validate_oath_otp", map[string]any{"username": d.user.name, "psn": d.id, "otp": code}, nil)
			return "", got == 0
		}}
	}
	var asked struct{ AuthnUserReqID, Number string }
	d.m.toSurePassID("send_push_message", map[string]any{"username": d.user.name, "psn": d.id, "deliveryMethod": "pushapp"}, &asked)
	return entering{number: asked.Number, finish: func(string) (string, bool) {
		var answer struct{ Response string }
		got, _ := d.m.toSurePassID("receive_push_response", map[string]any{"username": d.user.name, "authnUserReqId": asked.AuthnUserReqID}, &answer)
		return "", got == 0 && answer.Response == "User accepted"
	}}
}

// atQITech binds a session to the device, which stands in for its code there.
func atQITech(d *specimen) entering {
	return entering{finish: func(string) (string, bool) {
		d.user.renew(d.beside)
		status, text := d.user.post("/account/"+d.m.account+"/device_session",
			`{"tfa_info":{"approver_document_number":"`+d.key+`","contact_type":"device",`+d.app.tfa()+`}}`, "Authorization", "Bearer "+d.beside.token)
		var bound struct{ Token string }
		mustRead(d.m.t, text, &bound)
		return bound.Token, status == http.StatusCreated
	}}
}

func atElcoin(d *specimen) entering {
	type step struct {
		Type  string `json:"challenge_type"`
		Token string `json:"mfa_token"`
		Code  string
	}
	var login step
	d.m.oauth("login", map[string]any{"client_id": d.m.abs.Name, "username": d.user.name, "password": d.user.password, "scope": "CUSTOMER:FULL"}, &login)
	if does(d.kind, "elcoin", "m") && strings.HasPrefix(login.Type, "oob:"+d.kind+":") {
		challenge := step{Type: login.Type}
		d.m.oauth("challenge", map[string]any{"challenge_type": login.Type, "mfa_token": login.Token}, &challenge)
		login = challenge
	}
	return entering{number: login.Code, finish: func(code string) (string, bool) {
		fields := map[string]any{"grant_type": "mfa_oob", "mfa_token": login.Token}
		if code != "" {
			fields["code"] = code
		}
		var got struct {
			Token string `json:"access_token"`
		}
		d.m.oauth("token", fields, &got)
		return got.Token, got.Token != ""
	}}
}

func atSignIn(d *specimen) entering {
	b := d.user.browser()
	page := d.user.showPassword(b, "/x") // 403 when no device of his counts
	number := ""
	if found := numberShown.FindStringSubmatch(page.body); found != nil {
		number = found[1]
	}
	return entering{number: number, finish: func(code string) (string, bool) {
		if code == "" {
			b.open(page.path)
		} else if page.status == http.StatusOK {
			b.open("/.doorward/code?to=/x").submit("/.doorward/code", "code", code)
		}
		token := b.cookie("doorward")
		return token, token != ""
	}}
}
