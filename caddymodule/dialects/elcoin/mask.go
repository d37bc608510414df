package elcoin

import (
	"net/url"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// masked is what is shown of a device's number to who need not know it: of an e-mail address
// as in the vendor's sample, b*1@gmail.com, of a phone its country and its end, of a URL
// where it is.
func masked(kind authcore.DeviceKind, number string) string {
	if number == "" {
		return ""
	}
	switch kind {
	case authcore.KindEmail:
		if at := strings.LastIndexByte(number, '@'); at > 0 {
			return ends(number[:at]) + number[at:]
		}
	case authcore.KindPhone:
		if n := len(number); n >= 8 { // +44*62
			return number[:3] + "*" + number[n-2:]
		}
	case authcore.KindHTTP:
		if u, err := url.Parse(number); err == nil && u.Host != "" {
			return u.Scheme + "://" + u.Host + "/*"
		}
	case authcore.KindStomp:
		slash := strings.LastIndexByte(number, '/') + 1
		return number[:slash] + ends(number[slash:])
	}
	return ends(number)
}

// ends are the first character of a text and the last, if there is another between them. Of
// two there is the first alone, and of one nothing.
func ends(text string) string {
	runes := []rune(text)
	switch n := len(runes); {
	case n > 2:
		return string(runes[0]) + "*" + string(runes[n-1])
	case n == 2:
		return string(runes[0]) + "*"
	}
	return "*"
}
