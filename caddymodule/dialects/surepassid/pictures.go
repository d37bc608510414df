package surepassid

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"rsc.io/qr"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func showKey(x *exchange) (any, error) {
	ref := x.text("deviceId", "psn", "printedSerialNumber")
	if ref == "" {
		return nil, fail(9009, "send the deviceId of the device")
	}
	d, err := x.usersOwn(ref)
	if err != nil {
		return nil, err
	}
	if err = x.addressed(); err != nil {
		return nil, err
	}
	url, err := x.keyURL(d, x.text("accountName"))
	if err != nil {
		return nil, err
	}
	return struct {
		QRCodeURL string `json:"QRCodeURL"`
	}{url}, nil
}

// addressed says whether a picture can have an address.
func (x *exchange) addressed() error {
	if x.PublicURL == "" {
		return fail(general, "There is no address that a picture could have: the configuration needs public_url")
	}
	return nil
}

// keyURL is where the first reader gets the key of d. It is never in an answer itself.
func (x *exchange) keyURL(d authcore.Device, label string) (string, error) {
	token, _, err := x.Core.Devices.Show(x.Context(), x.actor, d.ID, label)
	if authcore.CodeOf(err) == authcore.CodeConflict && authcore.ReasonOf(err) == "" {
		return "", &failure{number: 9019, err: err}
	}
	if err != nil {
		return "", err
	}
	return x.PublicURL + x.Path + pictures + token, nil
}

// provisioned is what a soft token is told of itself.
type provisioned struct {
	PSN            string `json:"psn"`
	DeviceID       string `json:"deviceId"`
	DeviceType     int    `json:"deviceType"`
	OTPType        int    `json:"otpType"`
	OTPLength      int    `json:"otpLength"`
	WindowSize     int    `json:"windowSize"`
	TimeDrift      int    `json:"timeDrift"`
	SoftTokenAlias string `json:"softTokenAlias"`
	MobileUsage    int    `json:"mobileUsage"`
	QRCodeURL      string `json:"QRCodeURL,omitempty"`
}

// provision binds a device to the physical one that asks first, and tells it where to
// get the key, as long as nobody got it.
func provision(x *exchange) (any, error) {
	ref, physical := x.text("deviceId"), x.text("physicalDeviceId")
	if ref == "" || physical == "" {
		return nil, fail(9009, "send deviceId and physicalDeviceId")
	}
	d, err := x.usersOwn(ref)
	if err != nil {
		return nil, err
	}
	if d.Status != authcore.StatusActive && d.Status != authcore.StatusPending {
		return nil, fail(9028, "the device is disabled")
	}
	of, err := x.Core.Devices.Attributes(x.Context(), x.actor, d.ID, dialectName)
	if err != nil {
		return nil, err
	}
	if err := x.owner(d, of); err != nil {
		return nil, err
	}
	if err := x.addressed(); err != nil { // or it would belong to who can't get its key
		return nil, err
	}
	first, err := x.Core.Devices.Claim(x.Context(), x.actor, d.ID, dialectName, physicalAttribute, physical)
	switch {
	case authcore.CodeOf(err) == authcore.CodeConflict:
		return nil, &failure{number: 9004, err: err}
	case err != nil:
		return nil, err
	case !first:
		return nil, fail(9019, "the device was provisioned to another physical device")
	}
	p := provisionedAs(d, of)
	if p.QRCodeURL, err = x.keyURL(d, ""); authcore.CodeOf(err) == authcore.CodeConflict && authcore.ReasonOf(err) == "" { // somebody got it
		err = nil
	}
	return p, err
}

// owner wants the password of a device's owner, if it was registered so.
func (x *exchange) owner(d authcore.Device, of authcore.Attributes) error {
	if of[mobileAuthAttribute] != "1" {
		return nil
	}
	u, err := x.Core.Users.CheckPassword(x.Context(), x.actor, x.text("username"), x.text("pw"), x.Origin)
	if err != nil {
		return err
	}
	if u.ID != d.UserID {
		return noDevice()
	}
	return nil
}

func provisionedAs(d authcore.Device, of authcore.Attributes) provisioned {
	p := provisioned{
		PSN: d.Serial, DeviceID: d.ID, DeviceType: typeOf(of), OTPType: otpType(d), OTPLength: d.Digits, WindowSize: d.LookAhead,
		SoftTokenAlias: d.Name, MobileUsage: 1,
	}
	if d.Kind == authcore.KindTOTP {
		p.WindowSize, p.TimeDrift = d.Period, d.LookAhead
	}
	if usage, err := strconv.Atoi(of[mobileUsageAttribute]); err == nil {
		p.MobileUsage = usage
	}
	return p
}

// picture gives the QR code of a key to the first who reads it. Asking what there is
// (HEAD) takes nothing, nor does a browser that fetches before anybody asked it to:
// programs do, before people come.
func (s *SurePassID) picture(token string) func(http.ResponseWriter, *dialect.Call) error {
	return func(w http.ResponseWriter, c *dialect.Call) error {
		if ahead(c.Header) {
			return dialect.Refuse(http.StatusServiceUnavailable, "this is shown once, and not ahead of time")
		}
		if err := mayTake(c, token); err != nil {
			return err
		}
		w.Header().Set("Referrer-Policy", "no-referrer")
		if c.Method == http.MethodHead {
			dialect.Write(w, http.StatusOK, "image/png", nil)
			return nil
		}
		uri, err := c.Core.Devices.Take(c.Context(), token, c.Origin)
		if err != nil {
			return err
		}
		code, err := qr.Encode(uri, qr.M)
		if err != nil {
			return authcore.Wrap(authcore.CodeInternal, err, "the key makes no picture")
		}
		dialect.Write(w, http.StatusOK, "image/png", code.PNG()) // with four modules of white around it (ISO/IEC 18004)
		return nil
	}
}

// ahead says whether a browser, or what stands before it, fetches for later.
func ahead(h http.Header) bool {
	return slices.ContainsFunc([]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"}, func(name string) bool {
		return strings.Contains(strings.ToLower(h.Get(name)), "prefetch")
	})
}

// mayTake wants the password of the device's user, if it was registered so. It takes
// nothing: a wrong one leaves the picture to who knows it.
func mayTake(c *dialect.Call, token string) error {
	of, err := c.Core.Devices.Described(c.Context(), token, dialectName)
	if err != nil || of[mobileAuthAttribute] != "1" {
		return err
	}
	name, password, shown := c.BasicAuth()
	if !shown {
		return authcore.Errorf(authcore.CodeUnauthenticated, "a password is needed")
	}
	return c.Core.Devices.CheckReader(c.Context(), token, name, password, c.Origin)
}

// statuses are those of a picture: it is for people, to whom HTTP says what came of it.
var statuses = map[authcore.Code]int{
	authcore.CodeInvalid: http.StatusBadRequest, authcore.CodeUnauthenticated: http.StatusUnauthorized, authcore.CodeStepUp: http.StatusForbidden,
	authcore.CodeForbidden: http.StatusForbidden, authcore.CodeNotFound: http.StatusGone, authcore.CodeConflict: http.StatusConflict,
	authcore.CodeThrottled: http.StatusTooManyRequests, authcore.CodeUnavailable: http.StatusServiceUnavailable,
}

// failPicture answers a person, whose browser asked.
func failPicture(w http.ResponseWriter, _ *http.Request, err error) {
	row := table.Find(w, err) // the headers too
	status, text := statuses[authcore.CodeOf(err)], row.Text+"."
	switch {
	case row.Status != http.StatusOK: // of the transport
		status = row.Status
	case status == 0:
		status = http.StatusInternalServerError
	case status == http.StatusGone:
		text = "This picture was shown before, or it is too old. Ask for another."
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="The user of this token", charset="UTF-8"`)
		text = "Name and password of the token's user are needed."
	}
	dialect.Write(w, status, "text/plain; charset=utf-8", []byte(text+"\n"))
}
