package portal

import (
	"net/url"
	"regexp"
	"strings"
)

// maxPath bounds a path to go to, in bytes: percent-encoded, it must fit into a
// form beside the other fields.
const maxPath = 2048

// printable is a path that could stand in a header as it is: no browser strips
// anything of it, as it does with tabs, or reads a slash for a backslash.
var printable = regexp.MustCompile(`^/[!-\[\]-~]*$`)

// localPath gives the path of this site that text is, with its query; what is
// none, or what some reader could take for another host, is / (WEB-04).
func localPath(text string) string {
	if len(text) > maxPath || !printable.MatchString(text) {
		return "/"
	}
	u, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(u.Path, "/") || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/" // "//" alone has no host, and no path
	}
	reading := u.EscapedPath()
	for range 3 { // as sent, decoded, and decoded twice
		if leavesHost(reading) {
			return "/"
		}
		if reading, err = url.PathUnescape(reading); err != nil {
			break
		}
	}
	return u.String()
}

// leavesHost says whether a path begins with two slashes for a reader who takes
// backslashes for slashes and dots for directories, or holds what no path does.
func leavesHost(path string) bool {
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return true
	}
	if path = strings.ReplaceAll(path, `\`, "/"); strings.HasPrefix(path, "//") {
		return true
	}
	var kept []string
	for _, segment := range strings.Split(path, "/")[1:] {
		switch segment {
		case ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
		}
	}
	return len(kept) > 1 && kept[0] == ""
}
