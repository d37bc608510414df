package portal

import (
	"strings"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore"
)

const stars = "***"

// masked is where codes are sent to for the eyes of somebody who has shown the
// password alone: enough to know it by, too little to learn it.
func masked(kind authcore.DeviceKind, address string) string {
	if kind == authcore.KindEmail {
		local, domain, _ := strings.Cut(address, "@")
		dot := strings.LastIndexByte(domain, '.')
		if dot < 0 {
			return firstLetter(local) + stars + "@" + stars
		}
		return firstLetter(local) + stars + "@" + firstLetter(domain[:dot]) + stars + domain[dot:]
	}
	const end, hidden = 4, 3
	if len(address) < end+hidden {
		return stars
	}
	return address[:min(5, len(address)-end-hidden)] + stars + address[len(address)-end:]
}

func firstLetter(text string) string {
	_, size := utf8.DecodeRuneInString(text)
	return text[:size]
}
