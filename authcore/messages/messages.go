// Package messages has the texts that are sent to people, in every language
// there is.
package messages

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"

	"golang.org/x/text/language"
)

//go:embed catalogues/*.json
var catalogues embed.FS

// tags are the languages, English first: it stands in for all others. Each has
// a catalogue of its name.
var tags = []language.Tag{language.English, language.Russian, language.Portuguese, language.Chinese}

// catalogue holds the strings of one language: text/templates, those of a code
// over Data, of a token over ApprovalData, the others over what Change fills in.
type catalogue struct {
	CodeSubject     string            `json:"code_subject"`
	CodeText        string            `json:"code_text"`
	RestoreSubject  string            `json:"restore_subject"`
	RestoreText     string            `json:"restore_text"`
	ChangeSubject   string            `json:"change_subject"`
	ChangeText      string            `json:"change_text"`
	WelcomeSubject  string            `json:"welcome_subject"`
	WelcomeText     string            `json:"welcome_text"`
	ApprovalSubject string            `json:"approval_subject"`
	ApprovalText    string            `json:"approval_text"`
	WakeSubject     string            `json:"wake_subject"`
	WakeText        string            `json:"wake_text"`
	Changes         map[string]string `json:"changes"` // by action
	Kinds           map[string]string `json:"kinds"`   // of devices, in words
	Named           string            `json:"named"`   // a device with a name
}

// texts are the templates of one language.
type texts struct {
	subject, text, changeSubject, changeText, welcomeSubject, welcomeText, named *template.Template

	approvalSubject, approvalText, wakeSubject, wakeText, restoreSubject, restoreText *template.Template

	changes map[string]*template.Template
	kinds   map[string]string
}

var (
	matcher = language.NewMatcher(tags)
	all     = mustLoad()
)

// Data is what the message about a code says.
type Data struct {
	Code     string
	Number   string        // that is shown where the code was asked for; for Restore
	Site     string        // what the code opens, as people know it
	Lifetime time.Duration // of the code, from one minute on
}

// Minutes is the lifetime in whole minutes, never more than it is.
func (d Data) Minutes() int { return int(d.Lifetime / time.Minute) }

// Code is the message with a one-time code: short enough for one SMS if the name
// of the site is, with the code first, where a locked screen shows it. Wanted is
// a language (BCP 47) or a header Accept-Language (RFC 9110 section 12.5.4);
// what can't be read, and a language there are no texts in, is English. It also
// gives the language that the texts are in.
func Code(wanted string, d Data) (subject, text, lang string) {
	i := match(wanted)
	lang = tags[i].String()
	return render(all[i].subject, d), render(all[i].text, d), lang
}

// Language is the one of those there are texts in that answers what is wanted, as
// Code understands it.
func Language(wanted string) string { return tags[match(wanted)].String() }

// Speaks says whether there are texts in a language (BCP 47), or in one so near
// that who reads it reads them.
func Speaks(tag string) bool {
	asked, err := language.Parse(tag)
	if err != nil {
		return false
	}
	_, _, confidence := matcher.Match(asked)
	return confidence > language.Low
}

// maxWanted is how much of a header is read, in bytes.
const maxWanted = 256

func match(wanted string) int {
	if len(wanted) > maxWanted {
		wanted = wanted[:maxWanted]
		wanted = wanted[:max(0, strings.LastIndexByte(wanted, ','))] // as far as it is whole
	}
	asked, _, err := language.ParseAcceptLanguage(wanted)
	if err != nil {
		return 0
	}
	_, i, confidence := matcher.Match(asked...)
	if confidence == language.No {
		return 0
	}
	return i
}

// render fills in a template that the package's test has tried.
func render(t *template.Template, d any) string {
	var b strings.Builder
	if err := t.Execute(&b, d); err != nil {
		panic(err)
	}
	return b.String()
}

func mustLoad() []texts {
	loaded := make([]texts, 0, len(tags))
	for _, tag := range tags {
		c, err := load(tag.String())
		if err != nil {
			panic(err)
		}
		loaded = append(loaded, c.templates(tag.String()))
	}
	return loaded
}

func load(name string) (catalogue, error) {
	var c catalogue
	text, err := catalogues.ReadFile("catalogues/" + name + ".json")
	if err != nil {
		return c, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, fmt.Errorf("catalogue %s: %w", name, err)
	}
	return c, nil
}
