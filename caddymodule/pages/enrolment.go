package pages

import "strings"

// Enrolment is the Data of "enrol", "enrol_address" and "enrol_code".
type Enrolment struct {
	Action  string   // the first of the pages, below the prefix
	Kinds   []string // that can be enrolled: totp, phone, email
	Kind    string   // the one that is being enrolled
	Address string   // of it, as it was typed or may be shown
	Wait    int      // minutes until it makes sense to try again; 0: none
}

// App is the Data of "enrol_app": an authenticator app's key, for once.
type App struct {
	Enrolment
	QR   QR       // of the whole URI; none when that is too long for one
	Key  []string // Base32, in groups of four
	Link string   // what follows otpauth://totp/
}

// NewApp draws a key, in Base32, and the URI of ours that holds it too.
func NewApp(action, uri, key string) App {
	a := App{Enrolment: Enrolment{Action: action, Kind: "totp"}, Link: strings.TrimPrefix(uri, "otpauth://totp/"), QR: drawQR(uri)}
	for key != "" {
		group := min(4, len(key))
		a.Key, key = append(a.Key, key[:group]), key[group:]
	}
	return a
}
