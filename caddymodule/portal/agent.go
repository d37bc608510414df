package portal

import "strings"

// sign is what a User-Agent has in it, and what people call what writes it.
type sign struct{ text, name string }

// The signs of browsers and systems. The first that is found counts: most
// browsers also write the signs of others, which stand below.
var (
	browsers = []sign{
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"EdgiOS/", "Edge"},
		{"OPR/", "Opera"},
		{"YaBrowser/", "Yandex Browser"},
		{"Vivaldi/", "Vivaldi"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"MicroMessenger/", "WeChat"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = []sign{
		{"Android", "Android"},
		{"HarmonyOS", "HarmonyOS"},
		{"iPhone", "iOS"},
		{"iPad", "iPadOS"},
		{"Windows", "Windows"},
		{"CrOS", "ChromeOS"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
	}
)

// agentOf names the browser and the system of a User-Agent, in words of ours
// only; empty where none is known.
func agentOf(agent string) (browser, system string) {
	return first(browsers, agent), first(systems, agent)
}

func first(signs []sign, agent string) string {
	for _, s := range signs {
		if strings.Contains(agent, s.text) {
			return s.name
		}
	}
	return ""
}
