package pages

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Settings are what an operator can change of the pages.
type Settings struct {
	// Where Doorward's own routes are: a path that begins and ends with "/".
	// Default: /.doorward/.
	Prefix string `json:"prefix,omitempty"`

	// What stands at the top of each page, 64 characters at most. Default:
	// Doorward.
	Name string `json:"name,omitempty"`

	// A file with a picture: svg, png, jpg or webp, 256 KiB at most. Default:
	// none.
	Logo string `json:"logo,omitempty"`

	// The colour of buttons, 3 or 6 hexadecimal digits, with or without a "#".
	// Default: 2457c5.
	Accent string `json:"accent,omitempty"`

	// A folder with templates of your own, which stand in for ours of the same
	// name. Default: none.
	Templates string `json:"templates,omitempty"`
}

// The defaults of Settings.
const (
	defaultPrefix = "/.doorward/"
	defaultName   = "Doorward"
	defaultAccent = "2457c5"
)

const maxName = 64 // characters

func (s Settings) withDefaults() Settings {
	for _, of := range []struct {
		value     *string
		byDefault string
	}{{&s.Prefix, defaultPrefix}, {&s.Name, defaultName}, {&s.Accent, defaultAccent}} {
		if *of.value == "" {
			*of.value = of.byDefault
		}
	}
	return s
}

// The characters of a segment are RFC 3986's unreserved ones, which every reader
// of a path takes for the same.
var prefixForm = regexp.MustCompile(`^/([A-Za-z0-9._~-]+/)+$`)

// Check judges the words, without reading a file. What is empty has a default.
func (s Settings) Check() error {
	if s.Prefix != "" && (!prefixForm.MatchString(s.Prefix) || hasDots(s.Prefix)) {
		return fmt.Errorf("prefix '%s' is not a path like %s: it begins and ends with /, and has letters, digits, '-', '.', '_' and '~' between", s.Prefix, defaultPrefix)
	}
	if !utf8.ValidString(s.Name) || utf8.RuneCountInString(s.Name) > maxName || strings.ContainsFunc(s.Name, unicode.IsControl) {
		return fmt.Errorf("name '%s' can't stand on a page: %d characters at most, and no line breaks", s.Name, maxName)
	}
	if s.Accent != "" {
		_, err := readColour(s.Accent)
		return err
	}
	return nil
}

// hasDots finds segments that mean another folder.
func hasDots(path string) bool {
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if strings.Trim(segment, ".") == "" {
			return true
		}
	}
	return false
}
