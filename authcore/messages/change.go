package messages

import (
	"strings"
	"text/template"
	"time"
	"unicode"
)

// Notice is what a message about a change says.
type Notice struct {
	// Action is what was done, by its name in the audit trail: one that the
	// catalogues have under "changes".
	Action string
	// Kind and Name are of the device that it was done with; Name may be empty,
	// and is whatever its owner calls it.
	Kind, Name string
	Site       string
	At         time.Time
}

// Change is the message about a change of how somebody logs in. It has no code
// and no link. wanted, and what it gives, are those of Code. The subject holds
// nothing that a user chose.
func Change(wanted string, n Notice) (subject, text, lang string) {
	i := match(wanted)
	t := all[i]
	said := changed{n, t.device(n)}
	what := render(t.changes[n.Action], said)
	return render(t.changeSubject, said), render(t.changeText, sentence{said, what}), tags[i].String()
}

// Welcome is the message about a device that was registered for somebody who may
// not know of it yet: Action counts for nothing, and Name may be the serial. It says
// nothing that opens anything.
func Welcome(wanted string, n Notice) (subject, text, lang string) {
	i := match(wanted)
	t := all[i]
	said := changed{n, t.device(n)}
	return render(t.welcomeSubject, said), render(t.welcomeText, said), tags[i].String()
}

// changed is what the templates of a change see, sentence those of the message.
type changed struct {
	Notice
	Device string
}

type sentence struct {
	changed
	What string
}

// When is the minute of the change, in UTC.
func (n Notice) When() string { return n.At.UTC().Format("2006-01-02 15:04") }

// device names a device for people: its kind, and what its owner calls it.
func (t texts) device(n Notice) string {
	kind := t.kinds[n.Kind]
	name := readable(n.Name)
	if name == "" {
		return kind
	}
	return render(t.named, struct{ Kind, Name string }{kind, name})
}

// maxName is how many characters of a device's name a message has: with it, and
// in a language that has 67 signs in a part of an SMS, there are three parts.
const maxName = 24

// readable cuts a name, and leaves out what can't be seen, as line breaks or
// what turns the direction of the text.
func readable(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return -1
	}, name)
	runes := []rune(strings.TrimSpace(name))
	if len(runes) > maxName {
		return strings.TrimSpace(string(runes[:maxName-3])) + "..." // of GSM 03.38, which has no …
	}
	return string(runes)
}

// templates are those of the catalogue, read.
func (c catalogue) templates(name string) texts {
	parse := func(text string) *template.Template {
		return template.Must(template.New(name).Option("missingkey=error").Parse(text))
	}
	t := texts{
		subject: parse(c.CodeSubject), text: parse(c.CodeText), named: parse(c.Named),
		changeSubject: parse(c.ChangeSubject), changeText: parse(c.ChangeText),
		welcomeSubject: parse(c.WelcomeSubject), welcomeText: parse(c.WelcomeText),
		restoreSubject: parse(c.RestoreSubject), restoreText: parse(c.RestoreText),
		approvalSubject: parse(c.ApprovalSubject), approvalText: parse(c.ApprovalText),
		wakeSubject: parse(c.WakeSubject), wakeText: parse(c.WakeText),
		changes: map[string]*template.Template{}, kinds: c.Kinds,
	}
	for action, text := range c.Changes {
		t.changes[action] = parse(text)
	}
	return t
}
