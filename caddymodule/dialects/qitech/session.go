package qitech

import (
	"net/http"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// These are ours: how the app of a user, who has a token of ours, gets one that is bound to
// its device.

var errUsersAlone = authcore.Errorf(authcore.CodeForbidden, "only a user may do this, with a token of ours")

// challenge gives a text to sign with the key that was registered with the device.
func challenge(x *exchange) (int, any, error) {
	if x.user == nil {
		return 0, nil, errUsersAlone
	}
	body, err := decode(x.Body)
	if err != nil {
		return 0, nil, err
	}
	key, err := body.text("device_key")
	if err != nil {
		return 0, nil, err
	}
	if !uuid4.MatchString(key) {
		return 0, nil, noUUID4
	}
	ref := authcore.DeviceRef{Account: x.account, Key: key, From: x.Origin}
	text, until, err := x.Core.Logins.BindChallenge(x.Context(), x.actor, ref)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, struct {
		Challenge string `json:"challenge"`
		ExpiresAt string `json:"expires_at"`
	}{text, inUTC(until)}, nil
}

// bind makes a session on a device in place of the one that the user asks through: by the
// session_id of the device's request, as the vendor's transactions do it, or by a signature.
func bind(x *exchange) (int, any, error) {
	if x.user == nil {
		return 0, nil, errUsersAlone
	}
	b, err := x.readBinding()
	if err != nil {
		return 0, nil, err
	}
	// Before the session ends that it asks through: an answer that fails later loses both.
	devices, err := x.Core.Approvals.List(x.Context(), x.actor, x.account, x.Origin)
	if err != nil {
		return 0, nil, err
	}
	login, err := x.Core.Logins.Bind(x.Context(), x.actor, authcore.Attempt{
		Audience: x.Audience, ClientID: dialectName, From: x.Origin, Agent: x.UserAgent(),
	}, b)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, struct {
		Token     string `json:"token"`
		ExpiresAt string `json:"expires_at"`
		Key       string `json:"device_key"`
	}{login.Token, inUTC(login.ExpiresAt), keyOf(devices, login.Session.ClientDevice)}, nil
}

func keyOf(devices []authcore.ClientDevice, id string) string {
	for _, d := range devices {
		if d.ID == id {
			return d.Key
		}
	}
	return ""
}

func (x *exchange) readBinding() (b authcore.Binding, err error) {
	b.Account = strings.ToLower(x.account)
	body, err := decode(x.Body)
	if err != nil {
		return b, err
	}
	tfa, err := tfaInfo(body)
	if err != nil {
		return b, err
	}
	if b.Document, err = document(tfa); err != nil {
		return b, err
	}
	switch way, err := tfa.text("contact_type"); {
	case err != nil:
		return b, err
	case way != "device":
		return b, invalid("'contact_type' is device")
	}
	bySession, bySignature := tfa.has("session_id"), tfa.has("device_key") && tfa.has("challenge") && tfa.has("signature")
	if bySession == bySignature || bySession && (tfa.has("device_key") || tfa.has("challenge") || tfa.has("signature")) {
		return b, invalid("send 'session_id', or 'device_key', 'challenge' and 'signature'")
	}
	if bySession {
		if b.Session, err = tfa.text("session_id"); err == nil && !uuid4.MatchString(b.Session) {
			err = noUUID4
		}
		return b, err
	}
	return x.readSignature(tfa, b)
}

func (x *exchange) readSignature(tfa object, b authcore.Binding) (_ authcore.Binding, err error) {
	if b.Key, err = tfa.text("device_key"); err != nil {
		return b, err
	}
	if !uuid4.MatchString(b.Key) {
		return b, noUUID4
	}
	if b.Challenge, err = tfa.text("challenge"); err != nil {
		return b, err
	}
	b.Signature, err = optionalBytes(tfa, "signature")
	return b, err
}
