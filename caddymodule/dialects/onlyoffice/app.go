package onlyoffice

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/url"
	"strings"

	"github.com/pquerna/otp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
)

// appSetup is what a person needs to set up an authenticator app.
type appSetup struct {
	Account string `json:"account"`
	Key     string `json:"manualEntryKey"`
	QR      string `json:"qrCodeSetupImageUrl"`
}

// setUpApp answers GET settings/tfaapp/setup, to who has a ticket for it.
func setUpApp(x *exchange) (any, error) {
	v, _, err := x.confirmed(tfaActivation)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, errNoToken
	}
	registered, err := x.Core.Logins.SetApp(x.Context(), v)
	if err != nil {
		return nil, err
	}
	return setup(registered)
}

func setup(r authcore.Registered) (appSetup, error) {
	u, err := url.Parse(r.URI)
	if err != nil {
		return appSetup{}, errURI
	}
	// The one colon that is not percent-encoded is the one between the two.
	_, account, _ := strings.Cut(u.EscapedPath(), ":")
	account, err = url.PathUnescape(account)
	qr, ok := qrCode(r.URI)
	if err != nil || !ok {
		return appSetup{}, errURI
	}
	return appSetup{account, oath.FormatSecret(r.Secret), qr}, nil
}

// errURI has no cause: what the libraries say of a URI has the secret in it.
var errURI = authcore.Errorf(authcore.CodeInternal, "the URI of the device is too long for a QR code, or is none")

// qrSize is the width of the picture in pixels.
const qrSize = 300

// qrCode draws a URI as a data URL (RFC 2397).
func qrCode(uri string) (dataURL string, ok bool) {
	key, err := otp.NewKeyFromURL(uri)
	if err != nil {
		return "", false
	}
	picture, err := key.Image(qrSize, qrSize)
	if err != nil {
		return "", false
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return "", false
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), true
}

// validate answers POST settings/tfaapp/validate: a code of the app, of one that
// this code connects among them, for the cookie of a login.
func validate(x *exchange) (any, error) {
	v, fields, err := x.verified(tfaActivation, tfaAuth)
	if err != nil {
		return nil, err
	}
	login, err := x.Core.Logins.Second(x.Context(), v, fields.Get("code"))
	if err != nil {
		return nil, err
	}
	x.loggedIn(login, fields)
	return login.Activated, nil
}

// newApp answers PUT settings/tfaappnewapp: a link to enrol another app in place
// of one's own. The old one counts until the new one does.
func newApp(x *exchange) (any, error) {
	p, err := x.signedIn()
	if err != nil {
		return nil, err
	}
	fields, err := x.fields()
	if err != nil {
		return nil, err
	}
	if id := fields.Get("id"); id != "" && !strings.EqualFold(id, p.UserID) {
		return nil, authcore.Errorf(authcore.CodeForbidden, "only an operator unlinks the app of somebody else")
	}
	ticket, err := x.Core.Logins.ReplaceApp(x.Context(), authcore.ActingUser(p), x.attempt())
	if err != nil {
		return nil, err
	}
	return x.confirmURL(tfaActivation, ticket, p.Name), nil
}
