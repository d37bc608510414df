package http

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"text/template"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

const defaultBody = `{"id":{{json .ID}},"to":{{json .To}},"text":{{json .Text}},"language":{{json .Language}}}`

// functions are beside those of text/template: urlquery and html among them.
var functions = template.FuncMap{
	"json": func(value any) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	},
	// placeholder is Caddy's, without the braces: for gateways that want their
	// key in the body.
	"placeholder": func(name string) (string, error) {
		text, err := caddy.NewReplacer().ReplaceOrErr("{"+name+"}", true, true)
		if err != nil {
			return "", fmt.Errorf("placeholder '%s' is empty or not known", name)
		}
		return text, nil
	},
}

func parseBody(text string) (*template.Template, error) {
	if text == "" {
		text = defaultBody
	}
	body, err := template.New("body").Funcs(functions).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("body is not a template: %v", err)
	}
	return body, nil
}

// hostile breaks out of what forgot to escape it; harmless can't.
var (
	hostile  = probe(`"\'&x=1+%;<>` + "\r\n")
	harmless = probe("123456")
)

func probe(text string) authcore.Message {
	return authcore.Message{ID: text, To: text, Language: text, Subject: text, Text: text, Code: text}
}

// readBody tries the template on the worst message there could be: one value
// that reads as another field sends a code to somebody else.
func readBody(text, contentType string) (*template.Template, error) {
	body, err := parseBody(text)
	if err != nil {
		return nil, err
	}
	worst, err := render(body, hostile)
	if err != nil {
		return nil, fmt.Errorf("body: %v", err)
	}
	plain, err := render(body, harmless)
	if err != nil {
		return nil, fmt.Errorf("body: %v", err)
	}
	media, _, _ := mime.ParseMediaType(contentType)
	switch {
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		if !json.Valid([]byte(worst)) {
			return nil, fmt.Errorf("body: a value could break the JSON: write {{json .Text}}, without quotes around it")
		}
	case media == "application/x-www-form-urlencoded":
		if !sameFields(worst, plain) {
			return nil, fmt.Errorf("body: a value could break the form: write {{urlquery .Text}}")
		}
	case strings.HasSuffix(media, "/xml") || strings.HasSuffix(media, "+xml"):
		if strings.Count(worst, "<") != strings.Count(plain, "<") {
			return nil, fmt.Errorf("body: a value could break the XML: write {{html .Text}}")
		}
	}
	return body, nil
}

func sameFields(a, b string) bool {
	first, err := url.ParseQuery(a)
	if err != nil {
		return false
	}
	second, err := url.ParseQuery(b)
	return err == nil && len(first) == len(second) && strings.Count(a, "&") == strings.Count(b, "&") && !strings.ContainsAny(a, "\r\n")
}

// showsText says whether the body has the text of a message without a code in it.
// One that has the code alone would show an empty place for it, as if that were
// the code.
func showsText(body *template.Template) bool {
	one, first := render(body, authcore.Message{Text: "1"})
	two, second := render(body, authcore.Message{Text: "2"})
	return first == nil && second == nil && one != two
}

func render(body *template.Template, m authcore.Message) (string, error) {
	var b strings.Builder
	if err := body.Execute(&b, m); err != nil {
		return "", err
	}
	return b.String(), nil
}
