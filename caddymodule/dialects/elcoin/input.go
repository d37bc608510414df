package elcoin

import (
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// How many characters a text may have.
const (
	maxWord        = 255 // of what is echoed, of names and of systems
	maxNumber      = 2048
	maxDescription = 1024
)

// input is what a body says of a device; what is nil or empty it does not say. What the
// server owns is not read at all.
type input struct {
	id, state, version                    *int64
	uid, clientCode, kind, status, number string
	notified, logsIn                      *bool
	// These two are emptied by null or an empty text, which for every other member says
	// nothing; nil: absent.
	description, system *string
	action, formTitle   string
}

// readInput reads a body. Members that are not known are passed over.
func readInput(body []byte) (in input, err error) {
	o, err := decode(body)
	if err != nil {
		return in, err
	}
	for _, read := range []func(object) error{in.readNumbers, in.readWords, in.readBooleans, in.readTexts} {
		if err := read(o); err != nil {
			return in, err
		}
	}
	return in, nil
}

func (in *input) readNumbers(o object) (err error) {
	if in.id, err = o.number("id"); err != nil {
		return err
	}
	if in.id != nil && *in.id == 0 { // no record has it: so a program writes that there is none
		in.id = nil
	}
	if in.state, err = o.number("state"); err != nil {
		return err
	}
	in.version, err = o.number("version")
	return err
}

func (in *input) readWords(o object) (err error) {
	if in.uid, err = o.uid(); err != nil {
		return err
	}
	if in.kind, err = o.word("device_type", deviceTypes); err != nil {
		return err
	}
	in.status, err = o.word("device_status", deviceStatuses)
	return err
}

// uid gives the uid of a body in the form in which it is kept.
func (o object) uid() (string, error) {
	text, err := o.text("uid", maxWord)
	if err != nil || text == "" {
		return "", err
	}
	id, ok := canonicalUID(text)
	if !ok {
		return "", invalid("'uid' must be a UUID")
	}
	return id, nil
}

// canonicalUID gives a UUID in small letters. Of the ways that there are to write one, this
// is the one that is shown.
func canonicalUID(text string) (string, bool) {
	id, err := uuid.Parse(text)
	return id.String(), err == nil && len(text) == len(id.String())
}

func (in *input) readBooleans(o object) (err error) {
	if in.notified, err = o.boolean("default_for_notifications"); err != nil {
		return err
	}
	if in.logsIn, err = o.boolean("use_device_as_login"); err != nil {
		return err
	}
	alias, err := o.boolean("use_device_for_login") // so the vendor's model of contacts calls it
	switch {
	case err != nil || alias == nil:
		return err
	case in.logsIn != nil && *in.logsIn != *alias:
		return invalid("'use_device_as_login' and 'use_device_for_login' are one field: send one of them")
	}
	in.logsIn = alias
	return nil
}

func (in *input) readTexts(o object) (err error) {
	for _, f := range []struct {
		name string
		most int
		to   *string
	}{
		{"client_code", maxWord, &in.clientCode},
		{"device_number", maxNumber, &in.number},
		{"action", maxWord, &in.action},
		{"form_title", maxWord, &in.formTitle},
	} {
		if *f.to, err = o.text(f.name, f.most); err != nil {
			return err
		}
	}
	if in.description, err = o.emptiable("description", maxDescription); err != nil {
		return err
	}
	in.system, err = o.emptiable("operation_system", maxWord)
	return err
}

// emptiable gives a member that may be emptied; nil: it is absent.
func (o object) emptiable(name string, most int) (*string, error) {
	if _, there := o[name]; !there {
		return nil, nil //nolint:nilnil // it is absent
	}
	text, err := o.text(name, most)
	return &text, err
}

// nameOf splits a description: the core shows a device's owner what it is called, if that is
// short and can be read; of any other text it is the dialect that remembers it.
func nameOf(description string) (name, remembered string) {
	const most = 64
	if utf8.RuneCountInString(description) > most {
		return "", description
	}
	for _, r := range description {
		if !unicode.IsGraphic(r) {
			return "", description
		}
	}
	return description, ""
}
