package messages

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

var data = Data{Code: "123456", Site: "app.example.com", Lifetime: 10 * time.Minute}

// Every string stands in every catalogue, and every catalogue is used.
func TestNoStringIsMissing(t *testing.T) {
	files, err := catalogues.ReadDir("catalogues")
	if err != nil || len(files) != len(tags) {
		t.Fatalf("%d catalogues for %d languages, %v", len(files), len(tags), err)
	}
	for _, tag := range tags {
		c, err := load(tag.String())
		if err != nil {
			t.Fatal(err)
		}
		fields := reflect.ValueOf(c)
		for i := range fields.NumField() {
			name, field := fields.Type().Field(i).Name, fields.Field(i)
			if field.Kind() != reflect.Map {
				field = reflect.ValueOf(map[string]string{name: field.String()})
			}
			if field.Len() == 0 {
				t.Errorf("%s has no %s", tag, name)
			}
			for _, key := range field.MapKeys() {
				if strings.TrimSpace(field.MapIndex(key).String()) == "" {
					t.Errorf("%s has no %s %s", tag, name, key)
				}
			}
		}
	}
}

// The message starts with the code, names the site and the time, and is one SMS:
// 160 signs of GSM 03.38, which has those of ASCII but a few, or 70 of UCS-2.
func TestCode(t *testing.T) {
	for _, tag := range tags {
		subject, text, lang := Code(tag.String(), data)
		if lang != tag.String() {
			t.Errorf("%s is answered in %s", tag, lang)
		}
		if !strings.HasPrefix(text, "123456 ") || !strings.Contains(text, data.Site) || !strings.Contains(text, "10") {
			t.Errorf("%s: %q", tag, text)
		}
		if !strings.Contains(subject, data.Site) || strings.Contains(subject, data.Code) || strings.ContainsAny(subject, "\r\n") {
			t.Errorf("%s: the subject is %q", tag, subject)
		}
		limit := 160
		if strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
			limit = 70
		}
		if n := len(utf16.Encode([]rune(text))); n > limit {
			t.Errorf("%s: %q has %d signs, and an SMS %d", tag, text, n, limit)
		}
	}
}

func TestLanguages(t *testing.T) {
	for wanted, want := range map[string]string{
		"": "en", "en": "en", "en-GB": "en", "ru": "ru", "ru-RU": "ru", "RU_ru": "ru", "pt": "pt", "pt-BR": "pt", "pt-PT": "pt",
		"zh": "zh", "zh-Hans": "zh", "zh-CN": "zh", "zh-Hans-CN": "zh",
		"ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7": "ru",
		"en;q=0.5, zh-CN;q=0.9":               "zh",
		"fi, pt;q=0.1":                        "pt",
		"fi":                                  "en", "tlh": "en", "*": "en", "x": "en", "../../etc": "en", "\x00": "en",
		"ru" + strings.Repeat(",fi", 1000): "ru",
		strings.Repeat("ru-", 1000):        "en",
	} {
		if _, _, lang := Code(wanted, data); lang != want {
			t.Errorf("%.40q is answered in %s, want %s", wanted, lang, want)
		}
	}
}

// A code that ends sooner than the text says helps nobody.
func TestMinutesAreNeverMore(t *testing.T) {
	d := data
	d.Lifetime = 10*time.Minute - time.Second
	if _, text, _ := Code("en", d); !strings.Contains(text, "for 9 min") {
		t.Errorf("%q", text)
	}
}
