package onlyoffice

import (
	"strings"

	"github.com/doorward/doorward/authcore"
)

// noise shows so much of an address that its owner knows it.
func noise(d authcore.DeviceKind, address string) string {
	if d == authcore.KindEmail {
		return emailNoise(address)
	}
	return phoneNoise(address)
}

// phoneNoise shows four digits at either end, as a portal does, if that hides at
// least three; of shorter numbers, which a portal shows whole, it shows two.
func phoneNoise(number string) string {
	digits := onlyDigits(number)
	shown := 4
	if len(digits) < 11 {
		shown = 2
	}
	if len(digits) <= 2*shown {
		return "+" + strings.Repeat("*", len(digits))
	}
	return "+" + digits[:shown] + strings.Repeat("*", len(digits)-2*shown) + digits[len(digits)-shown:]
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// emailNoise turns alice@example.com into a***@e***.com.
func emailNoise(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	noise := first(local) + "***@" + first(domain) + "***"
	if i := strings.LastIndexByte(domain, '.'); i >= 0 {
		noise += domain[i:]
	}
	return noise
}

func first(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
